/// A rule in the form that runs: numbers only, so that looking at one costs no reference counting.
struct CompiledRule {
    struct Flags: OptionSet {
        let rawValue: UInt16
        static let negated = Flags(rawValue: 1)
        static let capturing = Flags(rawValue: 2)
        static let multiMatch = Flags(rawValue: 4)
        static let logged = Flags(rawValue: 8)
        /// `SecAction`: there is nothing to compare.
        static let unconditional = Flags(rawValue: 16)
        /// One numeric target that needs no text: a count or a TX slot.
        static let numeric = Flags(rawValue: 32)
        /// The quick test says all there is to say: see `Assembler.isDecided`.
        static let decided = Flags(rawValue: 64)
        /// Behind a gate, with a chain that may change any value.
        static let active = Flags(rawValue: 128)
    }

    var id = 0
    /// The number of the head among all heads.
    var ordinal = 0
    var flags: Flags = []
    var disruption = Disruption.pass
    var status = 0
    var severity: Severity?
    var targets = 0..<0
    /// Whether what the targets gather stays the same while rules of a phase run.
    var isStable = false
    var exclusions = 0..<0
    var effects = 0..<0
    var chain = TransformationChains.root
    /// The chain whose results were scanned for the gate; differs from `chain` by case only.
    var gateChain = TransformationChains.root
    /// Index of the operator.
    var test = -1
    /// For numeric rules: the comparison, and what to compare with: a number, or the number in a TX slot.
    var relation = NumericComparison.Relation.equal
    var constant = 0
    var constantSlot = -1
    /// The gate that says whether a value can match; -1 without one.
    var gate = -1
    /// For gated heads: where the places of what it looks at stand, one for each target.
    var firstWatch = 0
    /// The number of rules that ask the same of the same values, where there are several; -1 for all others.
    var twins = -1
    /// How many rules of the same chain follow.
    var linkCount = 0
    /// Where the phase goes on after a match; -1 for the next rule.
    var jump = -1
}

/// What a rule looks at, in the form that runs.
struct CompiledTarget: Hashable {
    enum Kind {
        case all, slot, selector
    }

    let variable: Variable
    let kind: Kind
    let isCount: Bool
    /// Header or TX slot, or index of the selector.
    let index: Int
    /// Position in the cache of single values; -1 if the variable is no such value or changes while rules run.
    let cacheIndex: Int
    let source: SourceClass
}

/// What the log says about a rule.
struct RuleMetadata: Sendable {
    let id: Int
    let phase: Int
    let severity: Severity?
    let message: Macro
    let logData: Macro
    let tags: [Macro]
    let redirect: Macro
    /// `ver` and `rev`.
    let version: String
    let revision: String
}
