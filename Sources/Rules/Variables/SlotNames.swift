/// Numbers for names that rules mention, whatever their case, so that a transaction looks up no text.
struct SlotNames: Sendable {
    private(set) var names: [[UInt8]] = []
    /// Whether a macro looks for a header field by its name.
    var readsWholeHead = false
    private var slots: [[UInt8]: Int] = [:]

    /// The number of a name, new if it was not known.
    mutating func slot(_ name: [UInt8]) -> Int {
        let folded = name.map(\.foldedCase)
        if let slot = slots[folded] { return slot }
        let slot = names.count
        slots[folded] = slot
        names.append(folded)
        return slot
    }

    var count: Int { names.count }

    /// The number of a known name.
    func find(_ name: [UInt8]) -> Int? { slots[name.map(\.foldedCase)] }
}
