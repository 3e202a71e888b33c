/// What a node knows of a queue without asking its store: enough to answer every poll.
struct QueueSnapshot: Hashable, Sendable {
    /// Numbers are unique within an epoch; epochs only grow.
    var epoch: Int64 = 0
    /// The oldest epoch whose numbers count in this one: it grows only when a queue begins anew.
    var baseEpoch: Int64 = 0
    /// The highest number whose turn has come.
    var serving: Int64 = 0
    /// The highest number issued.
    var tail: Int64 = 0
    /// Sessions inside, with those just left whose slot is not free yet.
    var activeCount: Int64 = 0
    /// Turns that came and were not taken yet.
    var reservedCount: Int64 = 0
    /// Places held back for the sake of others.
    var heldCount: Int64 = 0
    var capacity: Int64 = 0
    /// Numbers after the first and up to the second were given to nobody: what a failure may have cost.
    var gapAfter: Int64 = 0
    var gapThrough: Int64 = 0
    /// Those who came before the next opening.
    var registration = QueueDraw()
    /// The numbers of those who came before the last one.
    var draw = QueueDraw()
    var figures = QueueFigures()
    /// Until when nobody is admitted because the store has to learn again what it forgot.
    var holdUntil: Int64 = 0
    /// Whether places given out while the store was away are waiting for their numbers.
    var isSettling = false
    /// How many of those in line are still there, as last looked at.
    var profile = CrowdProfile()

    var waitingCount: Int64 { max(tail - serving - unusedNumbers(before: tail + 1), 0) }

    /// People before this number.
    func ahead(of position: Int64) -> Int64 {
        max(position - serving - 1 - unusedNumbers(before: position), 0)
    }

    /// Numbers between those called up and this one that were given to nobody.
    private func unusedNumbers(before position: Int64) -> Int64 {
        max(min(position - 1, gapThrough) - max(serving, gapAfter), 0)
    }

    /// The last number that somebody was given.
    var lastIssued: Int64 { gapThrough > gapAfter && gapThrough == tail ? gapAfter : tail }

    /// What Redis has to know of unused numbers when it has forgotten them: the last number that somebody was given,
    /// and those before it that nobody was.
    var unusedNumbers: [Int64] {
        guard gapThrough > max(serving, gapAfter), gapThrough < tail else { return [lastIssued] }
        return [lastIssued, gapAfter, gapThrough]
    }

    /// Whether a number of that epoch is one of this queue's.
    func covers(epoch other: Int64) -> Bool { (baseEpoch...max(epoch, baseEpoch)).contains(other) }
}
