import Synchronization

/// What becomes of a request whose turn has not come: it is told so, or waits a little more.
extension WaitingRoom {
    /// One request in line, from its coming to its answer.
    struct Stay {
        let position: Int64
        /// Who may be kept waiting until the turn comes; nil where an answer is due now.
        let client: ParkedClient?
        /// When it came.
        let start: Int64
        /// Whether it goes before the line.
        let isBeforeLine: Bool
        /// Whether it has just been numbered, by a store that knew how far the line was.
        let isNew: Bool
        var isParked = false
        /// Whether the store is to say whether the turn has come, whatever was last heard of it, and whether it was to.
        var asksStore = false
        var hasAsked = false
        /// Until when it waits for a slot that is nearly free.
        var lingersUntil: Int64?
    }

    /// The polls that wait for their turn here.
    var parked: ParkedPolls { memory.parked }

    /// How long to wait before looking at the line again; nil if the answer is due.
    ///
    /// - Parameter isCurrent: whether what is known of the line was asked for after the request had come.
    func pause(
        _ stay: inout Stay,
        _ status: WaitingStatus,
        _ snapshot: QueueSnapshot,
        isCurrent: Bool,
        now: Int64
    ) -> Int64? {
        stay.asksStore = false
        guard let people = status.people else { return nil }
        if status.state == .paused, status.reason == .storeAway || status.reason == .recovering,
            settings.onStoreLoss != .open
        {
            // Whoever is next need not hear of a failure that is over in a moment, and is there when it is.
            return park(&stay, people: people, snapshot, now: now) ? max(100, longestNap) : nil
        }
        guard status.state == .queued else { return nil }
        if !isCurrent, !stay.isNew, !stay.isBeforeLine, !stay.hasAsked, people <= reach {
            // Others may have come in through another gateway since it was heard, of whom this one would be the first.
            guard now - stay.start >= Self.newsMilliseconds else { return 20 }
            (stay.asksStore, stay.hasAsked) = (true, true)
            return 0
        }
        guard park(&stay, people: people, snapshot, now: now) else { return nil }
        // Called up in vain for the time being, or before the line: only the store can tell more, and it is asked as
        // often as anybody may ask.
        return stay.isBeforeLine || stay.position <= snapshot.serving ? 250 : nap(people)
    }

    /// For how long somebody counts as there: until the next poll and some more, since whoever is gone makes
    /// the wait of others look longer than it is.
    func presence(_ ticket: Ticket, _ status: WaitingStatus) -> Int64 {
        work(ticket) == nil ? 1_250 * (status.pollSeconds ?? 30) + 2_750 : 200
    }

    /// Whether a poll that is parked has waited a moment for a store that could not be asked, which `status` says now.
    func waitsOut(
        _ stay: inout Stay,
        _ status: WaitingStatus,
        _ snapshot: QueueSnapshot,
        now: Int64
    ) async -> Bool {
        (status.state, status.reason) = (.paused, .storeAway)
        guard let pause = pause(&stay, status, snapshot, isCurrent: true, now: now) else {
            return false
        }
        await environment.pause(pause)
        return true
    }

    /// Whether a slot that is nearly free is waited for: some seconds altogether.
    func lingers(_ stay: inout Stay, _ milliseconds: Int64, now: Int64) -> Bool {
        let end = stay.lingersUntil ?? now + 5_000
        stay.lingersUntil = end
        return now + milliseconds <= end
    }

    /// Whether a poll goes on waiting for its turn, which is near.
    private func park(
        _ stay: inout Stay,
        people: Int64,
        _ snapshot: QueueSnapshot,
        now: Int64
    ) -> Bool {
        guard let client = stay.client, !client.isHurried(),
            people <= parkingReach(snapshot.capacity), isParking,
            now - stay.start < ParkedPolls.milliseconds
        else { return false }
        if !stay.isParked {
            guard memory.parked.begin(stay.position) else { return false }
            stay.isParked = true
            client.rest()
        }
        return true
    }

    /// Whether polls are parked just now: by the room that is in force, while its process goes on.
    private var isParking: Bool {
        mode.isAdmitting && !memory.isEnding.load(ordering: .relaxed)
            && memory.isInForce(generation)
    }

    /// So many people may come in within some seconds.
    private func parkingReach(_ capacity: Int64) -> Int64 {
        let rate = forecast.turnsPerThousandSeconds
        // Before a pace is known the room fills, or is about to be left for the first time.
        return min(rate > 0 ? rate / 200 : capacity / 2, 2 * capacity) + 8
    }

    /// A quarter of the time that it should take, within bounds: slots also fall free by the dozen, when those who came
    /// in together go together, and however many are parked some ten thousand looks a second have to do.
    private func nap(_ people: Int64) -> Int64 {
        let rate = forecast.turnsPerThousandSeconds
        guard rate > 0 else { return longestNap }
        return min(max(min(people, 1_000_000) * 250_000 / rate, 12), longestNap)
    }

    private var longestNap: Int64 { 20 + Int64(parked.totalCount) / 16 }

    /// What was heard of a line is news for two ticks of a line that moves; later the store is asked.
    private static let newsMilliseconds: Int64 = 300
}
