/// Decides which rules can match at all: literals that a match needs, found in one pass for all rules together.
///
/// A gate may let through too much, never too little.
struct GateTable: Sendable {
    /// Which gates a literal opens, and for which sources it counts.
    struct Literal: Sendable {
        var gates: [Int] = []
        var sources: UInt8 = 0
    }

    private(set) var literals: [[UInt8]] = []
    private(set) var entries: [Literal] = []
    private var indices: [[UInt8]: Int] = [:]
    private(set) var gateCount = 0
    /// Gates that a byte class opens.
    private(set) var classGates: [(bit: UInt64, gate: Int)] = []
    private(set) var classGateBits: UInt64 = 0
    /// For each source, the byte classes that make it worth a closer look.
    private(set) var watchedClasses = [UInt64](repeating: 0, count: SourceClass.allCases.count)
    /// Sources that are always looked at closely.
    private(set) var alwaysOpen: UInt8 = SourceClass.content.bit
    var database: LiteralDatabase?

    var wordCount: Int { (gateCount + 63) / 64 }

    /// Adds a gate for what a match requires; nil if no gate helps.
    mutating func addGate(
        _ required: RequiredLiterals,
        sources: UInt8,
        _ classes: inout ByteClasses
    ) -> Int? {
        if required.shortest >= 2 {
            let gate = gateCount
            gateCount += 1
            for literal in required.literals {
                let index = self.index(of: literal)
                entries[index].gates.append(gate)
                entries[index].sources |= sources
            }
            return gate
        }
        let bytes = Set(required.literals.compactMap(\.first))
        let bothCases = bytes.union(bytes.filter(\.isLetter).map { $0 & 0xDF })
        guard let bit = classes.bit(of: bothCases) else { return nil }
        watch(bit, sources)
        classGateBits |= bit
        let gate = gateCount
        gateCount += 1
        classGates.append((bit, gate))
        return gate
    }

    /// Makes a source worth a closer look where a transformation could change its values.
    mutating func watch(
        _ transformation: Transformation,
        sources: UInt8,
        _ classes: inout ByteClasses
    ) {
        let activation = transformation.activation
        guard let bytes = activation.bytes else {
            alwaysOpen |= sources
            return
        }
        if activation.isCaseOnly { return }
        let watched = activation.sequences.isEmpty ? bytes : activation.strayBytes
        if !watched.isEmpty {
            guard let bit = classes.bit(of: Set(watched)) else {
                alwaysOpen |= sources
                return
            }
            watch(bit, sources)
        }
        for sequence in activation.sequences {
            let index = self.index(of: ByteView(sequence).array)
            entries[index].sources |= sources
        }
    }

    mutating func watch(_ bit: UInt64, _ sources: UInt8) {
        for source in SourceClass.allCases where sources & source.bit != 0 {
            watchedClasses[Int(source.rawValue)] |= bit
        }
    }

    /// Looks at sources closely whatever they hold.
    mutating func openAlways(_ sources: UInt8) { alwaysOpen |= sources }

    private mutating func index(of literal: [UInt8]) -> Int {
        if let index = indices[literal] { return index }
        indices[literal] = literals.count
        literals.append(literal)
        entries.append(Literal())
        return literals.count - 1
    }
}
