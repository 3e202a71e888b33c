/// How long to wait before the next attempt to connect: doubling, up to a limit, and never in step with other clients.
struct Backoff: Sendable {
    let firstMilliseconds: UInt64
    let limitMilliseconds: UInt64
    private var failures: UInt64 = 0

    init(firstMilliseconds: UInt64, limitMilliseconds: UInt64) {
        self.firstMilliseconds = max(1, firstMilliseconds)
        self.limitMilliseconds = max(self.firstMilliseconds, limitMilliseconds)
    }

    /// Milliseconds to wait after one more failure, between half of the step and all of it.
    ///
    /// - Parameter random: any number; it picks the place within the half.
    mutating func next(random: UInt64) -> UInt64 {
        let step = min(firstMilliseconds << min(failures, 20), limitMilliseconds)
        failures += 1
        return step - random % (step / 2 + 1)
    }

    mutating func reset() {
        failures = 0
    }
}
