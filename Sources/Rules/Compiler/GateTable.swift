/// Decides which rules can match at all: what a match needs, found in one pass for all rules together. Literals of two
/// bytes and more are searched for; what a single byte tells is asked of the kinds of the value.
///
/// A gate may let through too much, never too little. Rules that need the same share a gate.
struct GateTable: Sendable {
    /// Which gates a literal opens, and for which sources it counts.
    struct Literal: Sendable {
        var gates: [Int] = []
        var sources: UInt8 = 0
    }

    /// What a match needs.
    private struct Need: Hashable {
        let literals: [[UInt8]]
        let kinds: RequiredKinds
    }

    private(set) var literals: [[UInt8]] = []
    private(set) var entries: [Literal] = []
    private var indices: [[UInt8]: Int] = [:]
    private var known: [Need: Int] = [:]
    /// For each gate the kinds that open it, of which it needs no literal.
    private(set) var kinds: [ByteKinds] = []
    /// For each gate the bits that its literals set, which other gates share; all of them for those that need none.
    private(set) var bits: [UInt64] = []
    /// What a value needs besides, for all gates one after the other, and where the sets of each begin.
    private var demands: [ByteKinds] = []
    private var firstDemands: [Int] = [0]
    /// For each source the kinds that make it worth a closer look.
    private var watchedKinds = [ByteKinds](repeating: .none, count: SourceClass.allCases.count)
    private(set) var database: LiteralDatabase?
    /// The gates of all literals one after the other, and where those of each begin: a hit must not cost a reference.
    private var opened: [Int32] = []
    private var firstOpened: [Int32] = [0]

    var gateCount: Int { kinds.count }

    /// Adds a gate for what a match requires: one of some literals, and some kinds of bytes.
    mutating func addGate(_ required: RequiredContent, sources: UInt8) -> Int {
        let literals = required.literals
        let bytes = literals.filter { $0.count == 1 }.compactMap(\.first)
        // A literal with such a byte in it tells nothing more.
        let rest = literals.filter { literal in
            literal.count > 1 && !bytes.contains(where: literal.contains)
        }
        let need = Need(literals: literals, kinds: required.kinds)
        let gate = known[need] ?? gateCount
        if gate == gateCount {
            known[need] = gate
            kinds.append(ByteKinds(of: bytes))
            bits.append(rest.isEmpty ? .max : ValueTable.bits(of: gate))
            demands += required.kinds.sets
            firstDemands.append(demands.count)
            for literal in rest { entries[index(of: literal)].gates.append(gate) }
        }
        for literal in rest { entries[index(of: literal)].sources |= sources }
        return gate
    }

    /// Whether values of these kinds hold what a gate demands besides its literals.
    @inline(__always)
    func areDemandsMet(_ gate: Int, by kinds: ByteKinds) -> Bool {
        for index in firstDemands[gate]..<firstDemands[gate + 1]
        where !demands[index].intersects(kinds) {
            return false
        }
        return true
    }

    /// Makes a source worth a closer look where a transformation could change its values. What a transformation makes
    /// of any value is looked at in any case.
    mutating func watch(_ transformation: Transformation, sources: UInt8) {
        let activation = transformation.activation
        guard let bytes = activation.bytes, !activation.isCaseOnly else { return }
        let watched = activation.sequences.isEmpty ? bytes : activation.strayBytes
        watch(ByteKinds(withCaseOf: watched).withoutCase, sources)
        for sequence in activation.sequences {
            let index = self.index(of: ByteView(sequence).array)
            entries[index].sources |= sources
        }
    }

    mutating func watch(_ kinds: ByteKinds, _ sources: UInt8) {
        for source in SourceClass.allCases where sources & source.bit != 0 {
            watchedKinds[Int(source.rawValue)].formUnion(kinds)
        }
    }

    /// Whether a byte of these kinds makes a source worth a closer look.
    func isWatched(_ kinds: ByteKinds, _ source: SourceClass) -> Bool {
        watchedKinds[Int(source.rawValue)].intersects(kinds)
    }

    /// Compiles the search, once all gates are there. False if the library refuses the literals.
    mutating func compile() -> Bool {
        for entry in entries {
            opened += entry.gates.map { Int32(truncatingIfNeeded: $0) }
            firstOpened.append(Int32(truncatingIfNeeded: opened.count))
        }
        database = LiteralDatabase(literals)
        return database != nil || literals.isEmpty
    }

    /// Lends the gates of all literals one after the other, and where those of each begin.
    @unsafe func withLists(
        _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Int32>) -> Void
    ) {
        unsafe opened.withUnsafeBufferPointer { opened in
            unsafe firstOpened.withUnsafeBufferPointer { unsafe body(opened, $0) }
        }
    }

    private mutating func index(of literal: [UInt8]) -> Int {
        if let index = indices[literal] { return index }
        indices[literal] = literals.count
        literals.append(literal)
        entries.append(Literal())
        return literals.count - 1
    }
}
