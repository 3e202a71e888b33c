/// A place given out while the store was away: when, by which node, as which of its own.
struct ProvisionalPlace: Hashable, Sendable {
    static let nodeLimit: Int64 = 1 << 24
    /// Stands for the store itself where it gave the place out.
    static let storeNode = nodeLimit - 1
    static let sequenceLimit: Int64 = 1 << 22

    /// Where a process begins to count: anywhere, so that two processes of one node, one of which takes over from the
    /// other, hardly give out the same in the same millisecond; low enough not to begin again in the middle of a crowd.
    static var firstCount: Int64 { .random(in: 0..<sequenceLimit / 2) }

    let milliseconds: Int64
    let node: Int64
    let sequence: Int64

    /// Sorts by arrival where times are equal.
    var name: String {
        let digits = String(sequence)
        return "\(node):" + String(repeating: "0", count: max(8 - digits.utf8.count, 0)) + digits
            + ":\(milliseconds)"
    }
}
