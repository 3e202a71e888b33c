/// How long a place will wait, from how fast turns came of late.
///
/// Nothing is promised that was not seen: before turns have come there is no estimate. What is counted are turns that
/// came to somebody; places passed over cost no time and say nothing about it.
struct WaitEstimator: Hashable, Sendable {
    /// An expected wait and one that nine in ten stay below, in seconds.
    struct Estimate: Hashable, Sendable {
        let seconds: Int64
        let highSeconds: Int64
    }

    /// Turns per second, how unevenly they come (variance over mean of the counts per block), and in how many seconds
    /// they were counted.
    struct Pace: Hashable, Sendable {
        let turnsPerSecond: Double
        let dispersion: Double
        var seenSeconds = 180.0

        /// How many standard deviations nine in ten stay below. The deviation, too, was learnt from few blocks: so this
        /// is Student's, by its expansion around the normal distribution's.
        private var ninthDecile: Double {
            let blocks = 1_000 * seenSeconds / Double(WaitEstimator.blockMilliseconds)
            return 1.2816 + 0.8467 / max(blocks - 1, 1)
        }

        /// The wait of somebody with so many people before.
        func estimate(people: Int64) -> Estimate {
            let count = Double(max(people, 0)) + 1
            let expected = count / turnsPerSecond
            // What is still to come varies, and so did what the pace was learnt from.
            let learnt = max(turnsPerSecond * seenSeconds, 1)
            let spread = (dispersion * (count + count * count / learnt)).squareRoot()
            let high = (count + ninthDecile * spread) / turnsPerSecond
            // A year, so that no pace, however slow, gives a number that does not fit.
            return Estimate(
                seconds: Int64(min(max(expected.rounded(), 1), 31_536_000)),
                highSeconds: Int64(min(high.rounded(.up), 31_536_000))
            )
        }
    }

    private static let blockMilliseconds: Int64 = 2_000

    /// What is seen of the line at one moment; the counts only grow.
    struct Sight: Hashable, Sendable {
        /// Turns that came to somebody.
        var turns: Int64
        /// Slots that became free again.
        var freed: Int64
        /// Whether all slots are taken, so that turns come as slots become free and no faster.
        var isFull: Bool
        var isWaiting: Bool
    }

    private let blockLimit: Int
    private var blocks: [Int64] = []
    /// Whether those who came in first, all of them new, are what was counted.
    private var isYoung = true
    private var blockStart: Int64?
    private var before = Sight(turns: 0, freed: 0, isFull: false, isWaiting: false)
    /// Until when, at the latest, the line is on its way back to how it was before nobody could be let in.
    private var resumesBy: Int64?

    /// Looks back over three sessions, so that a room that empties in waves is not judged by one of them.
    init(sessionSeconds: Int) {
        blockLimit = min(max(3 * sessionSeconds, 30), 180) / 2
    }

    /// Notes that nobody is let in just now for a reason that says nothing about the pace, as a store that is away.
    ///
    /// What was seen before counts on: neither the pause nor the rush after it is what those in line have to expect.
    mutating func interrupt(now: Int64) {
        blockStart = nil
        resumesBy = now + Self.rushMilliseconds
    }

    private static let rushMilliseconds: Int64 = 30_000

    /// Whether a room that emptied while nobody was let in still fills again.
    private mutating func isRushing(_ sight: Sight, now: Int64) -> Bool {
        guard let end = resumesBy else { return false }
        if sight.isWaiting, before.isFull, !sight.isFull, now < end { return true }
        resumesBy = nil
        return false
    }

    /// Notes the state of the line; called with every tick.
    mutating func record(_ sight: Sight, now: Int64) {
        guard !isRushing(sight, now: now) else { return }
        guard let start = blockStart, sight.isWaiting, sight.turns >= before.turns,
            sight.freed >= before.freed, now - start < 60_000, now >= start
        else {
            // Time in which nobody waited says nothing about the pace of a line, and an old pace little about today's.
            if let start = blockStart, now - start >= 60_000 { begin() }
            blockStart = sight.isWaiting ? now : nil
            before = sight
            return
        }
        guard now - start >= Self.blockMilliseconds else { return }
        // A room that fills calls as fast as it may, a full one as people leave: one says nothing about the other.
        if sight.isFull != before.isFull { begin() }
        let count = sight.isFull ? sight.freed - before.freed : sight.turns - before.turns
        // Until the first of those who came together have stayed as long as people stay, nothing is known of the pace.
        if count > 0 || !blocks.isEmpty {
            blocks.append(count * Self.blockMilliseconds / (now - start))
        }
        if isYoung, blocks.count >= blockLimit * 2 / 3 {
            blocks.removeFirst(blocks.count / 2)
            isYoung = false
        }
        if blocks.count > blockLimit { blocks.removeFirst(blocks.count - blockLimit) }
        blockStart = now
        before = sight
    }

    private mutating func begin() {
        blocks = []
        isYoung = true
    }

    /// The pace; nil until turns have been seen to come.
    ///
    /// Those who came in together leave late at first: of a young history the second half counts.
    var pace: Pace? {
        let blocks = isYoung ? self.blocks.suffix(max(self.blocks.count / 2, 2)) : self.blocks[...]
        let total = blocks.reduce(0, +)
        guard blocks.count >= 2, total > 0 else { return nil }
        let mean = Double(total) / Double(blocks.count)
        let variance =
            blocks.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            / Double(blocks.count)
        let seconds = Double(Self.blockMilliseconds) / 1_000
        return Pace(
            turnsPerSecond: mean / seconds,
            dispersion: min(max(variance / mean, 1), 100),
            seenSeconds: Double(blocks.count) * seconds
        )
    }
}
