/// The rules of one phase, in the order they run.
struct PhaseProgram: Sendable {
    /// Values that gated rules look at.
    struct Watch: Sendable {
        let variable: Variable
        /// Header slot; -1 for the whole variable.
        let slot: Int
        var source: SourceClass { variable.source }
    }

    /// A head that runs only if its gate opens, and what it looks at through which chains. Also for a link: then the
    /// gate opens values for it.
    struct GatedHead: Sendable {
        let slot: Int
        let gate: Int
        let sources: UInt8
        let watches: [Int]
        let chains: [Int]
        /// Its values are looked at even where the scan of the head found nothing.
        let isEager: Bool

        /// Where the forms stand that it looks at.
        func formSources(_ known: TransformationChains) -> FormSources {
            var all = FormSources(sources, isActive: false)
            if known.areActive(chains) { all.formUnion(FormSources(sources, isActive: true)) }
            return all
        }
    }

    /// Heads that do not run under a condition, because the one before them then jumps over them.
    struct Region: Sendable {
        let condition: Int
        let slots: Range<Int>
        /// Ordinal of the head that jumps.
        let ordinal: Int
    }

    /// Index of each head among the compiled rules.
    var heads: [Int] = []
    /// For each head what to ask before it runs.
    var quickTests: [QuickTest] = []
    /// How many heads at the beginning have been run already, when the rules were loaded.
    var foldedCount = 0
    /// Heads that run whatever the request holds, one bit each.
    var ungated: [UInt64] = []
    /// All heads, one bit each.
    var everyHead: [UInt64] {
        ungated.indices.map { word in
            let left = heads.count - word * 64
            return left >= 64 ? UInt64.max : (1 << UInt64(left)) - 1
        }
    }

    var gatedHeads: [GatedHead] = []
    /// Links that pass over values behind a gate, though their heads run whatever the request holds.
    var gatedLinks: [Int] = []
    private(set) var watches: [Watch] = []
    /// The slot before which gates open: all that conditions depend on is settled there.
    var openingSlot = 0
    var conditions: [PhaseCondition] = []
    var regions: [Region] = []

    /// The place of watched values in `watches`.
    mutating func watch(_ variable: Variable, slot: Int) -> Int {
        let known = watches.firstIndex { $0.variable == variable && $0.slot == slot }
        if let known { return known }
        watches.append(Watch(variable: variable, slot: slot))
        return watches.count - 1
    }

    /// Lets a gated head run whatever the request holds.
    mutating func ungate(_ slot: Int) {
        gatedHeads.removeAll { $0.slot == slot }
        ungated[slot / 64] |= 1 << UInt64(slot % 64)
    }
}

/// A comparison of a number in TX that stays as it is while a phase runs: the paranoia level as a rule.
struct PhaseCondition: Hashable, Sendable {
    let slot: Int
    let relation: NumericComparison.Relation
    let constant: Int
    let isNegated: Bool

    @inline(__always)
    func holds(_ tx: TXStore) -> Bool {
        let value = tx[slot]
        return value.isSet && relation.holds(value.number, constant) != isNegated
    }
}

/// A value behind one reference, so that holding it costs one count however many arrays are in it.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
