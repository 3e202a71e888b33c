/// Which gates are open, and which were opened for a value already. One per worker, as large as the rule set's gates.
final class GateMarks {
    // Unchecked, since no method of this class calls out while it changes them.
    @exclusivity(unchecked) private var marks: [UInt32]
    @exclusivity(unchecked) private var openSources: [FormSources]
    @exclusivity(unchecked) private var openGates: [Int] = []
    private var last: UInt32 = 0

    init(count: Int) {
        unsafe marks = .init(repeating: 0, count: count)
        unsafe openSources = .init(repeating: .none, count: count)
    }

    /// The first of `count` marks that were not used before.
    func next(count: Int) -> UInt32 {
        let count = UInt32(truncatingIfNeeded: count)
        if last > UInt32.max - count {
            for index in unsafe marks.indices { unsafe marks[index] = 0 }
            last = 0
        }
        last += count
        return last - count + 1
    }

    /// Lends the mark of each gate, for as long as `body` runs.
    @unsafe func withMarks(_ body: (UnsafeMutableBufferPointer<UInt32>) -> Void) {
        unsafe marks.withUnsafeMutableBufferPointer { unsafe body($0) }
    }

    @inline(__always)
    func open(_ gate: Int, in sources: FormSources) {
        if unsafe openSources[gate].isEmpty { unsafe openGates.append(gate) }
        unsafe openSources[gate].formUnion(sources)
    }

    /// The gates that are open.
    var opened: [Int] { unsafe openGates }

    func sources(of gate: Int) -> FormSources { unsafe openSources[gate] }

    func closeAll() {
        for gate in opened { unsafe openSources[gate] = .none }
        unsafe openGates.removeAll(keepingCapacity: true)
    }
}
