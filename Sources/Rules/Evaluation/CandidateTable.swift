/// The values that gated rules of a phase look at, each with what all its transformed forms hold together, so that a
/// rule passes over those that cannot match without touching them.
struct CandidateTable {
    /// What forms of a value hold together.
    private struct Content {
        var kinds = ByteKinds.none
        var gateBits: UInt64 = 0

        mutating func add(_ record: ValueTable.Record) {
            kinds.formUnion(record.kinds)
            gateBits |= record.gateBits
        }
    }

    /// What the forms of a value hold: those that the chains of most rules make, and all of them, for rules with
    /// chains that may change any value.
    private struct Summary {
        var ordinary = Content()
        var all = Content()

        mutating func add(_ record: ValueTable.Record) {
            all.add(record)
            if record.sources.hasOrdinary { ordinary.add(record) }
        }
    }

    private(set) var operands: [Operand] = []
    /// What stands for each operand among familiar values, as long as no rule has anything against it.
    private(set) var marks: [FamiliarValues.Mark?] = []
    private var summaries: [Summary] = []
    /// For each of the phase's watches its operands.
    private(set) var ranges: [Range<Int>] = []
    /// The forms of all operands, and where those of each begin.
    private var forms: [Int32] = []
    private var firstForms: [Int] = []

    mutating func removeAll() {
        // Most requests have none, and each list is asked whether it is anybody else's.
        if !ranges.isEmpty { ranges.removeAll(keepingCapacity: true) }
        guard !operands.isEmpty else { return }
        operands.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        summaries.removeAll(keepingCapacity: true)
        forms.removeAll(keepingCapacity: true)
        firstForms.removeAll(keepingCapacity: true)
    }

    mutating func add(_ operand: Operand, _ mark: FamiliarValues.Mark?) {
        operands.append(operand)
        marks.append(mark)
        firstForms.append(forms.count)
    }

    /// A rule matched an operand, or would have: it must be looked at again when it comes again.
    mutating func noteDoubt(at position: Int) { marks[position] = nil }

    /// Adds a form of the operand that was added last.
    mutating func addForm(_ id: Int32) {
        if forms.count == firstForms.last || forms.last != id { forms.append(id) }
    }

    /// The first of some operands that opens the gate of a rule in some form, as far as the summaries tell.
    func firstOpen(in positions: Range<Int>, for rule: CompiledRule, _ rules: RuleSet) -> Int? {
        let gate = rule.gate
        let (bits, kinds) = (rules.gates.bits[gate], rules.gates.kinds[gate])
        let isActive = rule.flags.contains(.active)
        for position in positions {
            let content = isActive ? summaries[position].all : summaries[position].ordinary
            if content.gateBits & bits == bits || content.kinds.intersects(kinds),
                rules.gates.areDemandsMet(gate, by: content.kinds)
            {
                return position
            }
        }
        return nil
    }

    /// Ends the operands of a watch, which began at `first`.
    mutating func close(from first: Int) { ranges.append(first..<operands.count) }

    /// Fills in the summaries, once all forms are scanned.
    mutating func summarize(_ values: ValueTable) {
        for index in operands.indices {
            var summary = Summary()
            let end = index + 1 < firstForms.count ? firstForms[index + 1] : forms.count
            for form in forms[firstForms[index]..<end] {
                summary.add(values.records[Int(form)])
            }
            summaries.append(summary)
        }
    }
}
