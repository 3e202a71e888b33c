/// Numbers for the header fields that rules mention, and a quick way from a field name to its number.
struct HeaderSlots: Sendable {
    /// Fields the engine itself looks at.
    static let cookie = 0
    static let contentType = 1
    static let contentLength = 2

    private(set) var names = SlotNames()
    private var constants: [Constant] = []
    /// For each hash value the slots that have it.
    private var buckets = [[Int16]](repeating: [], count: 64)

    init() {
        for name in ["cookie", "content-type", "content-length"] { _ = slot(Array(name.utf8)) }
    }

    var count: Int { names.count }

    mutating func slot(_ name: [UInt8]) -> Int {
        let slot = names.slot(name)
        if slot == constants.count {
            constants.append(Constant(names.names[slot]))
            buckets[HeaderSlots.hash(constants[slot].view)].append(Int16(truncatingIfNeeded: slot))
        }
        return slot
    }

    /// The slot of a field; -1 if no rule mentions it.
    func find(_ name: ByteView) -> Int {
        for slot in buckets[HeaderSlots.hash(name)] where name.equalsFolded(constants[Int(slot)].view) {
            return Int(slot)
        }
        return -1
    }

    private static func hash(_ name: ByteView) -> Int {
        guard name.count > 0 else { return 0 }
        let ends = Int(name[0].foldedCase) &* 5 &+ Int(name[name.count - 1].foldedCase)
        return (ends &+ name.count &* 11) & 63
    }
}
