/// What an action takes from rules while they run: members of a variable, from every rule of a selection.
struct TargetRemoval: Sendable {
    let rules: RuleMask
    let target: TargetExclusion
}

/// The targets that actions of a transaction took from rules, each once.
struct RemovedTargets {
    /// A place among the removals of the rule set, and the variable it concerns: most values belong to another one.
    private struct Entry {
        let variable: Variable
        let index: Int
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    /// Places among the removals of the rule set.
    var indices: [Int] { entries.map(\.index) }

    mutating func insert(_ index: Int, of variable: Variable) {
        if entries.contains(where: { $0.index == index }) { return }
        entries.append(Entry(variable: variable, index: index))
    }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Whether a value was taken from a rule.
    func contains(
        _ operand: Operand,
        of rule: CompiledRule,
        _ removals: [TargetRemoval],
        _ matcher: Matcher
    ) -> Bool {
        for entry in entries where entry.variable == operand.variable {
            guard removals[entry.index].rules.contains(rule.ordinal) else { continue }
            let target = removals[entry.index].target
            if target.excludes(operand.variable, operand.key, matcher) { return true }
        }
        return false
    }

    /// Which of the removals concern a rule, one bit each; nil if there are too many to tell.
    func concerning(_ rule: CompiledRule, _ removals: [TargetRemoval]) -> UInt64? {
        if entries.count > UInt64.bitWidth { return nil }
        var bits: UInt64 = 0
        for (position, entry) in entries.enumerated()
        where removals[entry.index].rules.contains(rule.ordinal) {
            bits |= 1 << UInt64(position)
        }
        return bits
    }
}
