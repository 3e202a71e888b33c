/// Counts durations in buckets that grow with them: within three per cent of the truth from microseconds to minutes.
struct LatencyHistogram: Sendable {
    /// Buckets for each doubling.
    private static let steps = 32

    private var counts = [Int](repeating: 0, count: 40 * LatencyHistogram.steps)
    private(set) var count = 0
    private(set) var longestMicroseconds: UInt64 = 0

    /// Counts a duration.
    mutating func add(microseconds: UInt64) {
        counts[Self.bucket(of: microseconds)] += 1
        count += 1
        longestMicroseconds = max(longestMicroseconds, microseconds)
    }

    /// The duration that a share of all stay below, in microseconds.
    func quantile(_ share: Double) -> UInt64 {
        let rank = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for (bucket, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return min(Self.end(of: bucket), longestMicroseconds) }
        }
        return longestMicroseconds
    }

    private static func bucket(of value: UInt64) -> Int {
        let bounded = min(value, 1 << 38)
        guard bounded >= UInt64(steps) else { return Int(bounded) }
        let doubling = 63 - bounded.leadingZeroBitCount
        let position = Int(bounded >> UInt64(doubling - 5)) - steps
        return (doubling - 4) * steps + position
    }

    private static func end(of bucket: Int) -> UInt64 {
        guard bucket >= steps else { return UInt64(bucket) }
        let doubling = bucket / steps + 4
        return UInt64(steps + bucket % steps + 1) << UInt64(doubling - 5)
    }
}
