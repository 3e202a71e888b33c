/// The values that gated rules of a phase look at, each with what all its transformed forms hold together, so that a
/// rule passes over those that cannot match without touching them.
struct CandidateTable {
    /// What the forms of a value hold.
    struct Summary {
        var kinds = ByteKinds.none
        var gateBits: UInt64 = 0
    }

    private(set) var operands: [Operand] = []
    /// What stands for each operand among familiar values, as long as no rule has anything against it.
    private(set) var marks: [FamiliarValues.Mark?] = []
    private(set) var summaries: [Summary] = []
    /// For each of the phase's watches its operands.
    private(set) var ranges: [Range<Int>] = []
    /// The forms of all operands, and where those of each begin.
    private var forms: [Int32] = []
    private var firstForms: [Int] = []

    mutating func removeAll() {
        operands.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        summaries.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
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

    /// The first of some operands that opens a gate in some form, as far as the summaries tell.
    func firstOpen(in positions: Range<Int>, gate: Int, _ rules: RuleSet) -> Int? {
        let (bits, kinds) = (rules.gates.bits[gate], rules.gates.kinds[gate])
        for position in positions {
            let summary = summaries[position]
            if summary.gateBits & bits == bits || summary.kinds.intersects(kinds),
                rules.gates.areDemandsMet(gate, by: summary.kinds)
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
                summary.kinds.formUnion(values.records[Int(form)].kinds)
                summary.gateBits |= values.records[Int(form)].gateBits
            }
            summaries.append(summary)
        }
    }
}
