/// How many of those in line are still there: of each part of the line, how many places were seen lately.
///
/// Places whose visitors are gone are passed over when their turn comes, so they cost those behind them no time. They
/// are counted part by part, since they are not spread evenly: whoever came long ago and is still there stays.
struct CrowdProfile: Hashable, Sendable {
    /// Into how many parts a line is cut.
    static let partCount: Int64 = 64

    /// The place before the first one that was looked at.
    private let start: Int64
    /// Places in a part, of which the last may have fewer.
    private let step: Int64
    /// Places that were looked at.
    private let places: Int64
    /// Those that were seen lately among the first one, two, three parts.
    private let sums: [Int64]
    /// Numbers that were given to nobody; the line is cut without them.
    private let unused: UnusedNumbers

    /// Of a line that nobody has looked at.
    init() {
        start = 0
        step = 1
        places = 0
        sums = [0]
        unused = UnusedNumbers()
    }

    /// - Parameters:
    ///   - start: the place before the first.
    ///   - step: places in a part.
    ///   - places: places in all parts.
    ///   - parts: how many in each part were seen lately.
    ///   - unused: numbers that were given to nobody, which are in no part.
    init(
        start: Int64,
        step: Int64,
        places: Int64,
        parts: [Int64],
        unused: UnusedNumbers = UnusedNumbers()
    ) {
        self.start = start
        self.step = max(step, 1)
        self.places = min(max(places, 0), Int64(parts.count) * self.step)
        var sums: [Int64] = [0]
        for part in parts { sums.append((sums.last ?? 0) + min(max(part, 0), self.step)) }
        self.sums = sums
        self.unused = unused
    }

    /// People behind `serving` and before `position` who are still there. Whoever came after the line was looked at
    /// counts as there.
    func present(after serving: Int64, before position: Int64) -> Int64 {
        guard position - 1 > serving else { return 0 }
        return max(upTo(position - 1) - upTo(serving), 0)
    }

    /// People at places after `start` up to that one.
    private func upTo(_ position: Int64) -> Int64 {
        let offset = position - start - unused.count(after: start, through: position)
        guard offset > 0 else { return offset }
        guard offset < places else { return (sums.last ?? 0) + offset - places }
        let part = offset / step
        let (low, high) = (sums[Int(part)], sums[Int(part) + 1])
        return low + (high - low) * (offset - part * step) / min(step, places - part * step)
    }
}
