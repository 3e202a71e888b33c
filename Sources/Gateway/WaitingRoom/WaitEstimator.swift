/// How long a place will wait, from how fast the line moved of late.
///
/// Nothing is promised that was not seen: before the line has moved there is no estimate.
struct WaitEstimator: Hashable, Sendable {
    /// An expected wait and one that nine in ten stay below, in seconds.
    struct Estimate: Hashable, Sendable {
        let seconds: Int64
        let highSeconds: Int64
    }

    /// Places served per second, and how unevenly (variance over mean of the counts per block).
    struct Pace: Hashable, Sendable {
        let placesPerSecond: Double
        let dispersion: Double

        /// The wait of a place with so many before it.
        func estimate(ahead: Int64) -> Estimate {
            let count = Double(max(ahead, 0)) + 1
            let expected = count / placesPerSecond
            let high = (count + 1.28 * (count * dispersion).squareRoot()) / placesPerSecond
            // A year, so that no pace, however slow, gives a number that does not fit.
            return Estimate(
                seconds: Int64(min(expected.rounded(.up), 31_536_000)),
                highSeconds: Int64(min(high.rounded(.up), 31_536_000))
            )
        }
    }

    private static let blockMilliseconds: Int64 = 2_000
    private let blockLimit: Int
    private var blocks: [Int64] = []
    private var blockStart: Int64?
    private var blockServing: Int64 = 0

    /// Looks back over three sessions, so that a room that empties in waves is not judged by one of them.
    init(sessionSeconds: Int) {
        blockLimit = min(max(3 * sessionSeconds, 30), 180) / 2
    }

    /// Notes the state of the line; called with every tick.
    mutating func record(serving: Int64, isWaiting: Bool, now: Int64) {
        guard let start = blockStart, isWaiting, serving >= blockServing, now - start < 60_000,
            now >= start
        else {
            // Time in which nobody waited says nothing about the pace of a line, and an old pace little about today's.
            if let start = blockStart, now - start >= 60_000 { blocks = [] }
            blockStart = isWaiting ? now : nil
            blockServing = serving
            return
        }
        guard now - start >= Self.blockMilliseconds else { return }
        blocks.append((serving - blockServing) * Self.blockMilliseconds / (now - start))
        if blocks.count > blockLimit { blocks.removeFirst(blocks.count - blockLimit) }
        blockStart = now
        blockServing = serving
    }

    /// The pace; nil until the line has been seen moving.
    var pace: Pace? {
        let total = blocks.reduce(0, +)
        guard blocks.count >= 2, total > 0 else { return nil }
        let mean = Double(total) / Double(blocks.count)
        let variance =
            blocks.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            / Double(blocks.count)
        return Pace(
            placesPerSecond: mean * 1_000 / Double(Self.blockMilliseconds),
            dispersion: min(max(variance / mean, 1), 100)
        )
    }
}
