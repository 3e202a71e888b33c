import Glibc

/// A moment on the machine's monotonic clock. Wall-clock changes do not move it.
public struct Instant: Comparable, Sendable {
    /// Nanoseconds since an arbitrary moment before the process started.
    public var nanoseconds: UInt64

    /// The moment that many nanoseconds after the clock's origin.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than any deadline: waiting until then is waiting without limit.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// The clock, read now. On a worker prefer `Reactor.now`, which costs nothing.
    public static func current() -> Instant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// This moment moved into the future; saturates at `distantFuture`.
    @inlinable
    public func advanced(byNanoseconds span: UInt64) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(span)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// This moment moved into the future; a negative span counts as none.
    public func advanced(by span: Duration) -> Instant {
        advanced(byNanoseconds: span.wholeNanoseconds)
    }

    /// Nanoseconds from `earlier` to this moment; 0 if it is not earlier.
    @inlinable
    public func nanoseconds(since earlier: Instant) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }
}

extension Duration {
    /// The span in nanoseconds, 0 if negative, saturating after 584 years.
    public var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflow || carry ? .max : sum
    }
}
