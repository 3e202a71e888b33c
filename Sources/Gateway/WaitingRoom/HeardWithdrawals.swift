/// Those of a registration who left before its draw, as far as one node of a shared room has heard.
///
/// They are kept in Redis as well, for nodes that are there at the draw, and told anew then, in case Redis
/// has lost them. Bounded: of a crowd that leaves those beyond the first are kept in Redis alone.
struct HeardWithdrawals {
    private static let limit = 10_000

    /// Since when the line counts: one that begins anew may have another registration of the same name.
    private var base: Int64 = 0
    private var name: Int64 = 0
    private var indexes: Set<Int64> = []
    /// The draw whose withdrawals were looked at last, and whether there may be more of them.
    private var lookedAt: Int64 = 0
    private var hasMore = false

    /// - Parameter base: the oldest epoch whose numbers count in the line of that registration.
    mutating func note(_ new: [Int64], of name: Int64, base: Int64) {
        guard follow(base) else { return }
        if name != self.name {
            guard name > self.name else { return }
            (self.name, indexes) = (name, [])
        }
        indexes.formUnion(new.prefix(max(Self.limit - indexes.count, 0)))
        hasMore = true
    }

    /// Notes that Redis may know of more.
    mutating func noteMore() { hasMore = true }

    /// Takes out some of what is to be told of a draw before Redis is asked who left; nil if that need not be asked.
    mutating func take(from draw: QueueDraw, base: Int64, limit: Int) -> [Int64]? {
        guard follow(base), draw.count > 0,
            draw.name != lookedAt || hasMore && draw.name >= name
        else { return nil }
        lookedAt = draw.name
        guard draw.name == name else {
            hasMore = draw.name < name
            return []
        }
        let taken = Array(indexes.prefix(limit))
        indexes.subtract(taken)
        hasMore = !indexes.isEmpty
        return taken
    }

    /// Forgets all of a line that is over; false if it is `base` that is.
    private mutating func follow(_ base: Int64) -> Bool {
        if base > self.base {
            self = HeardWithdrawals()
            self.base = base
        }
        return base == self.base
    }
}
