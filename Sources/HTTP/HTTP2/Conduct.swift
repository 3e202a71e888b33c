/// How a peer behaves: what costs us more than it costs the peer is added up, and wears off with time.
///
/// Pure; the time is passed in. Ordinary clients stay far below the limit: a browser that leaves a page with a hundred
/// requests open adds half of it, once.
struct Conduct {
    /// What a peer may do that brings no request closer to its answer.
    enum Act {
        case ping, settings, priority, unknownFrame, emptyData, emptyHeaders, continuation
        /// A header block goes on by next to nothing.
        case scrap
        case windowUpdate
        /// The peer gave up a stream.
        case reset
        /// The peer made us give up a stream.
        case provokedReset
        /// A stream beyond those that may be open.
        case refusedStream
        /// A head that is answered with a status before anybody has seen the request.
        case refusedHead

        var cost: Int {
            switch self {
            case .ping, .priority, .unknownFrame, .windowUpdate: 10
            case .emptyData, .emptyHeaders, .continuation: 20
            case .settings: 40
            case .reset, .refusedStream: 50
            case .refusedHead, .scrap: 100
            case .provokedReset: 200
            }
        }
    }

    static let limit = 10_000
    private static let wornOffPerSecond: UInt64 = 500
    private static let creditLimit = 2_000

    private(set) var level = 0
    private var since: UInt64 = 0
    /// Window updates that content has paid for.
    private var credit = 0

    /// Adds what the peer did.
    ///
    /// - Returns: whether that was too much.
    mutating func note(_ act: Act, at nanoseconds: UInt64) -> Bool {
        if act == .windowUpdate, credit > 0 {
            credit -= 1
            return false
        }
        let elapsed = nanoseconds > since ? nanoseconds - since : 0
        let wornOff = elapsed / (1_000_000_000 / Self.wornOffPerSecond)
        if wornOff > 0 {
            level = max(0, level - Int(clamping: wornOff))
            since = nanoseconds
        }
        level += act.cost
        return level > Self.limit
    }

    /// Notes content sent, for which every receiver has to send window updates: one for its stream, one for the
    /// connection.
    mutating func noteSent(_ byteCount: Int, isWhole: Bool) {
        // Pieces that only a tiny window made tiny count for nothing.
        guard isWhole || byteCount >= 1024 else { return }
        credit = min(Self.creditLimit, credit + 2 + byteCount >> 10)
    }
}
