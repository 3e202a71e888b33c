import CVectorscan

/// A gate that a literal opens for one of the scanned values, by its position among them.
struct GateOpening {
    let gate: Int
    let position: Int
}

extension GateTable {
    /// Finds the gates that literals open in values that stand one after the other in a text, each once per value.
    ///
    /// - Parameters:
    ///   - ends: the offset behind each value; not empty.
    ///   - openings: what was found is added here.
    func scan(
        _ text: ByteView,
        ends: [Int],
        _ marks: GateMarks,
        _ scratch: ScanScratch,
        _ openings: inout [GateOpening]
    ) {
        guard let database else { return }
        let firstMark = marks.next(count: ends.count)
        unsafe withLists { gates, firsts in
            unsafe marks.withMarks { marks in
                unsafe ends.withUnsafeBufferPointer { ends in
                    var finding = unsafe GateFinding(
                        gates: gates,
                        firsts: firsts,
                        ends: ends,
                        marks: marks,
                        firstMark: firstMark,
                        openings: openings
                    )
                    openings = []
                    unsafe withUnsafeMutablePointer(to: &finding) {
                        unsafe database.scan(text, scratch, GateFinding.report, $0)
                    }
                    unsafe openings = finding.openings
                }
            }
        }
    }
}

/// Where a scan of values stands. Its memory belongs to the caller of the scan.
@unsafe private struct GateFinding {
    /// The gates of all literals one after the other, and where those of each begin.
    let gates: UnsafeBufferPointer<Int32>
    let firsts: UnsafeBufferPointer<Int32>
    let ends: UnsafeBufferPointer<Int>
    /// The mark of each gate: of the value for which it was opened last.
    let marks: UnsafeMutableBufferPointer<UInt32>
    let firstMark: UInt32
    var openings: [GateOpening]
    private var position = 0

    init(
        gates: UnsafeBufferPointer<Int32>,
        firsts: UnsafeBufferPointer<Int32>,
        ends: UnsafeBufferPointer<Int>,
        marks: UnsafeMutableBufferPointer<UInt32>,
        firstMark: UInt32,
        openings: [GateOpening]
    ) {
        unsafe self.gates = gates
        unsafe self.firsts = firsts
        unsafe self.ends = ends
        unsafe self.marks = marks
        unsafe self.firstMark = firstMark
        unsafe self.openings = openings
    }

    static let report: match_event_handler = { literal, _, end, _, context in
        guard let finding = unsafe context?.assumingMemoryBound(to: GateFinding.self) else {
            return 1
        }
        unsafe finding.pointee.add(literal: Int(literal), end: Int(clamping: end))
        return 0
    }

    private mutating func add(literal: Int, end: Int) {
        let opened = unsafe Int(firsts[literal])..<Int(firsts[literal + 1])
        if opened.isEmpty { return }
        // The value in whose bytes, or behind whose end, the offset falls.
        while unsafe position > 0 && end <= ends[position - 1] { unsafe position -= 1 }
        while unsafe position + 1 < ends.count && end > ends[position] { unsafe position += 1 }
        let mark = unsafe firstMark &+ UInt32(truncatingIfNeeded: position)
        for place in opened {
            let gate = unsafe Int(gates[place])
            if unsafe marks[gate] == mark { continue }
            unsafe marks[gate] = mark
            unsafe openings.append(GateOpening(gate: gate, position: position))
        }
    }
}
