/// The different values of a transaction, with everything learned about each: its byte classes, which gates its
/// literals
/// open, and what transformations made of it. A transformation that changes nothing leads to the same value.
struct ValueTable {
    struct Record {
        let bytes: ByteView
        var classes: UInt64 = 0
        /// Position of the gate bits; `unscanned` or `noHits`.
        var hits: Int32 = ValueTable.unscanned
        /// The first of the results of transformations; -1 if there are none.
        var derivation: Int32 = -1
        /// The last phase that saw the value.
        var phase: UInt8 = 0
    }

    struct Derivation {
        let transformation: Transformation
        let result: Int32
        let next: Int32
    }

    static let unscanned: Int32 = -2
    static let noHits: Int32 = -1
    static let pending: Int32 = -3

    private(set) var records: [Record] = []
    private var derivations: [Derivation] = []
    private(set) var hitWords: [UInt64] = []

    mutating func removeAll() {
        if records.isEmpty { return }
        records.removeAll(keepingCapacity: true)
        derivations.removeAll(keepingCapacity: true)
        hitWords.removeAll(keepingCapacity: true)
    }

    /// Adds a value; returns its number.
    mutating func add(_ bytes: ByteView) -> Int32 {
        records.append(Record(bytes: bytes))
        return Int32(truncatingIfNeeded: records.count - 1)
    }

    func bytes(_ id: Int32) -> ByteView { records[Int(id)].bytes }

    @inline(__always)
    mutating func classes(_ id: Int32, _ rules: RuleSet) -> UInt64 {
        let known = records[Int(id)].classes
        if known & ByteClasses.known != 0 { return known }
        let classes = rules.classes.classes(of: records[Int(id)].bytes) | ByteClasses.known
        records[Int(id)].classes = classes
        return classes
    }

    /// The value a chain makes of a value.
    @inline(__always)
    mutating func applying(
        _ chain: Int,
        to id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        if chain == TransformationChains.root || !rules.chains.canChange(chain, classes(id, rules)) {
            return id
        }
        return applyingSteps(of: rules.chains[chain], to: id, rules, scratch)
    }

    private mutating func applyingSteps(
        of chain: TransformationChains.Chain,
        to id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        var id = id
        for step in chain.steps { id = applying(step, to: id, rules, scratch) }
        return id
    }

    mutating func applying(
        _ step: Transformation,
        to id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        if let bit = rules.classes.bit(of: step), classes(id, rules) & bit == 0 { return id }
        var derivation = records[Int(id)].derivation
        while derivation >= 0 {
            let known = derivations[Int(derivation)]
            if known.transformation == step { return known.result }
            derivation = known.next
        }
        let result = step.apply(records[Int(id)].bytes, scratch).map { add($0) } ?? id
        derivations.append(
            Derivation(transformation: step, result: result, next: records[Int(id)].derivation)
        )
        records[Int(id)].derivation = Int32(truncatingIfNeeded: derivations.count - 1)
        return result
    }

    /// Whether a phase sees the value for the first time.
    mutating func isNew(_ id: Int32, in phase: Int) -> Bool {
        let phase = UInt8(truncatingIfNeeded: phase)
        if records[Int(id)].phase == phase { return false }
        records[Int(id)].phase = phase
        return true
    }

    mutating func setHits(_ id: Int32, _ state: Int32) { records[Int(id)].hits = state }

    /// Marks a gate as open for a value.
    mutating func open(_ gate: Int, for id: Int32, wordCount: Int) {
        if records[Int(id)].hits < 0 {
            records[Int(id)].hits = Int32(truncatingIfNeeded: hitWords.count)
            for _ in 0..<wordCount { hitWords.append(0) }
        }
        hitWords[Int(records[Int(id)].hits) + gate / 64] |= 1 << UInt64(gate % 64)
    }

    /// Whether a value can match behind a gate; true as long as it was not scanned.
    func mayMatch(_ id: Int32, gate: Int) -> Bool {
        let hits = records[Int(id)].hits
        if hits == ValueTable.noHits { return false }
        if hits < 0 { return true }
        return hitWords[Int(hits) + gate / 64] >> UInt64(gate % 64) & 1 == 1
    }
}
