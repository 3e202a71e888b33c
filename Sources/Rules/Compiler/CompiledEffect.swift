/// What a rule does when it matches, with the rules it names resolved.
enum CompiledEffect: Sendable {
    case setVariable(SetVariable)
    /// The commonest forms of `setvar`, without macros.
    case assignNumber(slot: Int, Int)
    case add(slot: Int, Int)
    case addSlot(slot: Int, Int)
    case control(Control)
    case removeRules(RuleMask)
    case removeTarget(RuleMask, TargetExclusion)
    /// What needs no preparation, and is rare.
    case other(Effect)
}

/// A set of rules, by ordinal.
struct RuleMask: Sendable {
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
