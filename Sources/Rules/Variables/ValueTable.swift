/// The different values of a transaction, with everything learned about each: its kinds of bytes, which gates its
/// literals open, and what transformations made of it. A transformation that changes nothing leads to the same value.
struct ValueTable {
    struct Record {
        let bytes: ByteView
        var kinds = ByteKinds.none
        /// The gates its literals open, two bits each that other gates share.
        var gateBits: UInt64 = 0
        /// The first of the gates its literals open; `none`, `unscanned` or `pending`.
        var hit: Int32 = ValueTable.unscanned
        /// The first of the results of transformations; `none` if there are none.
        var derivation: Int32 = ValueTable.none
        /// The last phase that saw the value, and the sources it stood in.
        var phase: UInt8 = 0
        var sources = FormSources.none

        @inline(__always)
        fileprivate mutating func see(in source: FormSources, phase: UInt8) -> Bool {
            if self.phase == phase {
                sources.formUnion(source)
                return false
            }
            self.phase = phase
            sources = source
            if hit == ValueTable.unscanned { hit = ValueTable.pending }
            return true
        }
    }

    struct Derivation {
        let transformation: Transformation
        let result: Int32
        let next: Int32
    }

    /// A gate that a value opens, and the next one.
    struct Hit {
        let gate: Int32
        let next: Int32
    }

    static let none: Int32 = -1
    static let unscanned: Int32 = -2
    static let pending: Int32 = -3

    private(set) var records: [Record] = []
    private var derivations: [Derivation] = []
    private(set) var hits: [Hit] = []

    mutating func removeAll() {
        if records.isEmpty { return }
        records.removeAll(keepingCapacity: true)
        derivations.removeAll(keepingCapacity: true)
        hits.removeAll(keepingCapacity: true)
    }

    /// Adds a value; returns its number.
    mutating func add(_ bytes: ByteView) -> Int32 {
        records.append(Record(bytes: bytes))
        return Int32(truncatingIfNeeded: records.count - 1)
    }

    func bytes(_ id: Int32) -> ByteView { records[Int(id)].bytes }

    @inline(__always)
    mutating func kinds(_ id: Int32, _ rules: RuleSet) -> ByteKinds {
        let known = records[Int(id)].kinds
        if !known.isEmpty { return known }
        let kinds = rules.kinds.kinds(of: records[Int(id)].bytes)
        records[Int(id)].kinds = kinds
        return kinds
    }

    /// The value a chain makes of a value.
    @inline(__always)
    mutating func applying(
        _ chain: Int,
        to id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        if chain == TransformationChains.root || !rules.chains.canChange(chain, kinds(id, rules)) {
            return id
        }
        return applyingSteps(of: rules.chains[chain], to: id, rules, scratch)
    }

    /// The value that is scanned for what a chain makes of a value: the value itself if the chain changes nothing but
    /// the case of letters.
    @inline(__always)
    mutating func scanned(
        _ chain: Int,
        of id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        if chain == TransformationChains.root
            || !rules.chains.canChangeVisibly(chain, kinds(id, rules))
        {
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
        var (id, kinds) = (id, kinds(id, rules))
        for index in chain.steps.indices where chain.stepKinds[index].intersects(kinds) {
            let result = derived(chain.steps[index], id, scratch)
            if result == id { continue }
            (id, kinds) = (result, self.kinds(result, rules))
        }
        return id
    }

    /// The value that a step of a tree makes of a value.
    @inline(__always)
    mutating func taking(
        _ step: ChainTree.Step,
        from id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        kinds(id, rules).intersects(step.kinds) ? derived(step.transformation, id, scratch) : id
    }

    mutating func applying(
        _ step: Transformation,
        to id: Int32,
        _ rules: RuleSet,
        _ scratch: TransformationScratch
    ) -> Int32 {
        rules.chains.canChange(step, kinds(id, rules)) ? derived(step, id, scratch) : id
    }

    /// What a transformation makes of a value: done once.
    private mutating func derived(
        _ step: Transformation,
        _ id: Int32,
        _ scratch: TransformationScratch
    ) -> Int32 {
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

    /// Notes that a phase sees the value in some source. Whether it does so for the first time; then the value waits
    /// for a scan, unless that was done.
    @inline(__always)
    mutating func see(_ id: Int32, in source: FormSources, phase: Int) -> Bool {
        records[Int(id)].see(in: source, phase: UInt8(truncatingIfNeeded: phase))
    }

    /// Takes a value as scanned that is known to hold no literal.
    mutating func skipScan(_ id: Int32, _ rules: RuleSet) {
        guard records[Int(id)].hit == ValueTable.unscanned else { return }
        records[Int(id)].hit = ValueTable.none
        _ = kinds(id, rules)
    }

    mutating func setHit(_ id: Int32, _ state: Int32) { records[Int(id)].hit = state }

    /// Marks a gate as open for a value that was scanned.
    @inline(__always)
    mutating func open(_ gate: Int, for id: Int32) {
        hits.append(Hit(gate: Int32(truncatingIfNeeded: gate), next: records[Int(id)].hit))
        records[Int(id)].hit = Int32(truncatingIfNeeded: hits.count - 1)
        records[Int(id)].gateBits |= ValueTable.bits(of: gate)
    }

    @inline(__always)
    static func bits(of gate: Int) -> UInt64 {
        // Most gates that share the first bit have another second one.
        let second = gate &+ 1 &+ (gate >> 6) &* 7
        return 1 << UInt64(truncatingIfNeeded: gate & 63) | 1
            << UInt64(truncatingIfNeeded: second & 63)
    }

    /// Whether a value can match behind a gate; true as long as it was not scanned.
    func mayMatch(_ id: Int32, gate: Int, _ gates: GateTable) -> Bool {
        let record = records[Int(id)]
        if record.hit < ValueTable.none { return true }
        if !gates.areDemandsMet(gate, by: record.kinds) { return false }
        if record.kinds.intersects(gates.kinds[gate]) { return true }
        let bits = ValueTable.bits(of: gate)
        if record.gateBits & bits != bits { return false }
        var next = record.hit
        while next >= 0 {
            let hit = hits[Int(next)]
            if hit.gate == gate { return true }
            next = hit.next
        }
        return false
    }
}
