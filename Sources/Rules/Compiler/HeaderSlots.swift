/// Numbers for the header fields that rules mention, and a quick way from a field name to its number.
struct HeaderSlots: Sendable {
    /// Fields the engine itself looks at.
    static let cookie = 0
    static let contentType = 1
    static let contentLength = 2

    /// More fields than this are found by no rule; half of the buckets stay free so that a search ends.
    static let slotLimit = 128

    private(set) var names = SlotNames()
    private var constants: [Constant] = []
    private var views: [ByteView] = []
    /// One bit for each length that some name has.
    private var lengths: UInt64 = 0
    /// For each hash value the slot that has it, or the first of a run of slots; -1 for none.
    private var buckets = [Int16](repeating: -1, count: HeaderSlots.bucketCount)
    private static let bucketCount = 256

    init() {
        for name in ["cookie", "content-type", "content-length"] { _ = slot(Array(name.utf8)) }
    }

    var count: Int { names.count }

    mutating func slot(_ name: [UInt8]) -> Int {
        let slot = names.slot(name)
        if slot == constants.count {
            constants.append(Constant(names.names[slot]))
            views.append(constants[slot].view)
            lengths |= 1 << UInt64(min(views[slot].count, 63))
            var bucket = HeaderSlots.hash(views[slot])
            while slot < HeaderSlots.slotLimit, buckets[bucket] >= 0 { bucket = (bucket + 1) % HeaderSlots.bucketCount }
            if slot < HeaderSlots.slotLimit { buckets[bucket] = Int16(truncatingIfNeeded: slot) }
        }
        return slot
    }

    /// The slot of a field; -1 if no rule mentions it.
    func find(_ name: ByteView) -> Int {
        if lengths >> UInt64(min(name.count, 63)) & 1 == 0 { return -1 }
        var bucket = HeaderSlots.hash(name)
        while buckets[bucket] >= 0 {
            let slot = Int(buckets[bucket])
            if views[slot].equalsFolded(name) { return slot }
            bucket = (bucket + 1) % HeaderSlots.bucketCount
        }
        return -1
    }

    private static func hash(_ name: ByteView) -> Int {
        guard name.count > 0 else { return 0 }
        let ends = Int(name[0].foldedCase) &* 5 &+ Int(name[name.count - 1].foldedCase)
        return (ends &+ name.count &* 11) & 255
    }
}
