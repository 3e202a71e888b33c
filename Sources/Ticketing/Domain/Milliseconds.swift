import Glibc

/// A moment as milliseconds since 1970 in UTC, or a span of time in milliseconds, as the database stores both.
typealias Milliseconds = Int64

/// Where the service reads the time, so that tests can bring their own.
struct WallClock: Sendable {
    /// The present moment.
    let now: @Sendable () -> Milliseconds

    /// The machine's clock.
    static let system = WallClock {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Milliseconds(time.tv_sec) * 1000 + Milliseconds(time.tv_nsec) / 1_000_000
    }
}

/// Spans of time, for readable arithmetic.
enum Span {
    static let second: Milliseconds = 1000
    static let minute: Milliseconds = 60 * second
    static let hour: Milliseconds = 60 * minute
    static let day: Milliseconds = 24 * hour
}
