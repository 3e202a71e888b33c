/// Where a rule set keeps a header field of some name.
public struct HeaderPlace: Sendable {
    let slot: Int
    /// Whether some rule may look at such a field.
    public let isWanted: Bool
}

/// Numbers for the header fields that rules mention, and a quick way from a field name to its number.
struct HeaderSlots: Sendable {
    /// Fields the engine itself looks at.
    static let cookie = 0
    static let contentType = 1
    static let contentLength = 2
    static let contentEncoding = 3

    /// A name that is looked for, and the next one of the same length; -1 for none.
    private struct Name: Sendable {
        let view: ByteView
        let first: UInt8
        let next: Int16
    }

    /// Names of this length and longer ones share a chain.
    private static let lengthLimit = 63
    /// More fields than this are found by no rule.
    private static let slotLimit = 128

    private(set) var names = SlotNames()
    private var constants: [Constant] = []
    /// As the rules write the names.
    private var spellings: [Constant] = []
    private var chained: [Name] = []
    /// For each length the name that was added last; -1 for none.
    private var lastOfLength = [Int16](repeating: -1, count: HeaderSlots.lengthLimit + 1)

    init() {
        for name in ["cookie", "content-type", "content-length", "content-encoding"] {
            _ = slot(Array(name.utf8))
        }
    }

    var count: Int { names.count }

    mutating func slot(_ name: [UInt8]) -> Int {
        let slot = names.slot(name)
        guard slot == constants.count else { return slot }
        constants.append(Constant(names.names[slot]))
        spellings.append(Constant(name))
        if slot < HeaderSlots.slotLimit {
            let view = constants[slot].view
            let length = min(view.count, HeaderSlots.lengthLimit)
            chained.append(Name(view: view, first: view.at(0) ?? 0, next: lastOfLength[length]))
            lastOfLength[length] = Int16(truncatingIfNeeded: slot)
        }
        return slot
    }

    /// The name that was given a slot, as the first rule that names it writes it.
    func name(_ slot: Int) -> ByteView { spellings[slot].view }

    /// The slot of a field; -1 if no rule mentions it.
    @inline(__always)
    func find(_ name: ByteView) -> Int {
        let last = lastOfLength[min(name.count, HeaderSlots.lengthLimit)]
        return last < 0 || name.isEmpty ? -1 : find(name, from: Int(last))
    }

    private func find(_ name: ByteView, from last: Int) -> Int {
        var slot = last
        let first = name[0].foldedCase
        while slot >= 0 {
            let candidate = chained[slot]
            if candidate.first == first, candidate.view.equalsFolded(name) { return slot }
            slot = Int(candidate.next)
        }
        return -1
    }
}
