/// What some visitors were told of their wait, until their turn comes and shows whether it was so.
///
/// A sample: a few hundred of those who wait, each once at a time, so that a crowd of a million costs no more.
struct EstimateBook: Sendable {
    /// What was told, and how it came.
    struct Outcome: Hashable, Sendable {
        let toldSeconds: Int64
        let realMilliseconds: Int64
        /// Whether the wait was within what nine in ten are to stay below.
        let isKept: Bool
    }

    private struct Entry: Sendable {
        let at: Int64
        let estimate: WaitEstimator.Estimate
    }

    private static let limit = 512
    private static let ratioLimit = 256

    private var entries: [Int64: Entry] = [:]
    /// How often waits were longer than told, by how much, in hundredths: the last ones.
    private var ratios: [Int64] = []
    private var next = 0

    /// Notes what the holder of a number was told.
    mutating func note(_ estimate: WaitEstimator.Estimate, position: Int64, now: Int64) {
        guard entries.count < Self.limit, entries[position] == nil else { return }
        entries[position] = Entry(at: now, estimate: estimate)
    }

    /// Takes out those whose turn has come.
    mutating func settle(serving: Int64, now: Int64) -> [Outcome] {
        let due = entries.filter { $0.key <= serving || now - $0.value.at > 86_400_000 }
        // In their order, since of many the last ones count.
        return due.sorted { $0.key < $1.key }.map { position, entry in
            entries[position] = nil
            let real = max(now - entry.at, 0)
            keep(real / 10 / max(entry.estimate.seconds, 1))
            return Outcome(
                toldSeconds: entry.estimate.seconds,
                realMilliseconds: real,
                isKept: real <= 1_000 * (entry.estimate.highSeconds + 1)
            )
        }
    }

    private mutating func keep(_ ratio: Int64) {
        guard ratios.count >= Self.ratioLimit else { return ratios.append(ratio) }
        ratios[next] = ratio
        next = (next + 1) % Self.ratioLimit
    }

    /// How many hundredths of the told wait nine in ten of the last waits stayed below; nil until there are enough.
    var ninthDecile: Int64? {
        guard ratios.count >= 64 else { return nil }
        return min(ratios.sorted()[ratios.count * 9 / 10], 300)
    }
}
