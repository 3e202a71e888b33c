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
    /// Numbers that were given to nobody: what failures may have cost.
    var unused = UnusedNumbers()
    /// Those who came before the next opening.
    var registration = QueueRegistration()
    /// The numbers of those who came before the last one.
    var draw = QueueDraw()
    var figures = QueueFigures()
    /// Until when nobody is admitted because the store has to learn again what it forgot.
    var holdUntil: Int64 = 0
    /// Whether places given out while the store was away are waiting for their numbers.
    var isSettling = false
    /// How many of those in line are still there, as last looked at.
    var profile = CrowdProfile()

    /// Whether people are registered whose order is still to be drawn.
    var isRegistering: Bool { registration.name > draw.name }

    var waitingCount: Int64 { people(from: serving, through: tail) }

    /// People before this number.
    func ahead(of position: Int64) -> Int64 {
        people(from: serving, through: position - 1)
    }

    /// How many of the numbers after the first and up to the second were given to somebody.
    private func people(from first: Int64, through last: Int64) -> Int64 {
        max(last - first - unused.count(after: first, through: last), 0)
    }

    /// Adds what else is known of unused numbers to the newest stretch, which is all that is here.
    ///
    /// - Parameter seen: a number known to have been given to somebody, if some of the newest were.
    mutating func addUnused(_ older: UnusedNumbers, seen: Int64 = 0) {
        guard let newest = unused.stretches.last else { return }
        unused = older.after(serving)
        unused.add(after: max(newest.after, seen), through: newest.through)
    }

    /// The last number that somebody was given.
    var lastIssued: Int64 {
        guard let last = unused.stretches.last, last.through == tail else { return tail }
        return last.after
    }

    /// Whether a number of that epoch is one of this queue's.
    func covers(epoch other: Int64) -> Bool { (baseEpoch...max(epoch, baseEpoch)).contains(other) }
}
