import Glibc

/// How long one transaction may keep its worker busy, in time of the processor, so that a busy machine spends nobody's
/// budget. The clock is read only around long values and after much work.
struct TimeBudget {
    private let limitNanoseconds: UInt64
    private var deadline: UInt64 = 0
    private var lastReading: UInt64 = 0
    private(set) var isSpent = false
    /// The last reading came soon after the one before it.
    private(set) var isAmple = true

    init(milliseconds: Int) { limitNanoseconds = UInt64(clamping: milliseconds) &* 1_000_000 }

    /// Looks at the clock; the budget runs from the first look.
    var isLeft: Bool {
        mutating get {
            let now = TimeBudget.now(CLOCK_THREAD_CPUTIME_ID)
            if deadline == 0 { deadline = now &+ limitNanoseconds }
            isAmple = lastReading == 0 || now &- lastReading < 200_000
            lastReading = now
            if now > deadline { isSpent = true }
            return !isSpent
        }
    }

    /// A clock that only goes forward, in nanoseconds.
    static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
