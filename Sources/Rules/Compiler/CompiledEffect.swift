/// What a rule does when it matches, in the form that runs: numbers and views only, so that looking at one costs no
/// reference counting.
enum CompiledEffect: Sendable {
    /// The commonest forms of `setvar`.
    case assignNumber(slot: Int, Int)
    /// The text belongs to a macro of the rule set.
    case assignText(slot: Int, ByteView)
    case assignSlot(slot: Int, Int)
    case add(slot: Int, Int)
    case addSlot(slot: Int, Int)
    /// Index of what takes more than that.
    case prepared(Int)
}

/// What a rule does when it matches, with the rules it names resolved.
enum PreparedEffect: Sendable {
    /// If `isOwnName`, the macro in its name gives no name that a rule mentions.
    case setVariable(SetVariable, isOwnName: Bool)
    case control(Control)
    case removeRules(RuleMask)
    /// The place of what is taken among the removals of the rule set.
    case removeTarget(Int, of: Variable)
    /// What needs no preparation, and is rare.
    case other(Effect)
}

/// A set of rules, by ordinal.
struct RuleMask: Hashable, Sendable {
    private var words: [UInt64] = []

    var isEmpty: Bool { words.isEmpty }

    mutating func insert(_ ordinal: Int) {
        while words.count <= ordinal / 64 { words.append(0) }
        words[ordinal / 64] |= 1 << UInt64(ordinal % 64)
    }

    mutating func formUnion(_ other: RuleMask) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    func contains(_ ordinal: Int) -> Bool {
        ordinal / 64 < words.count && words[ordinal / 64] >> UInt64(ordinal % 64) & 1 == 1
    }

    mutating func removeAll() { words.removeAll(keepingCapacity: true) }
}
