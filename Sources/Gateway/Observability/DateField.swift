import Glibc
import HTTP
import Transport

/// The `Date` field and the clock of the wall, made anew at most once a second. Confined to its worker.
final class DateField {
    private let line = OutputBuffer(limitBytes: 64)
    private var madeAt = Instant(nanoseconds: 0)
    /// Seconds since 1970.
    private(set) var seconds = 0
    /// Nanoseconds of wall-clock time that lie before the monotonic clock's origin.
    private(set) var wallOffsetNanoseconds: UInt64 = 0

    /// Brings the clock up to date; called with each request and each answer.
    func refresh(_ now: Instant) {
        guard seconds == 0 || now.nanoseconds(since: madeAt) >= 250_000_000 else { return }
        madeAt = now
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let wall = UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
        wallOffsetNanoseconds = wall &- now.nanoseconds
        guard time.tv_sec != seconds else { return }
        seconds = time.tv_sec
        line.removeAll(keepingCapacity: true)
        line.append("date: ")
        HTTPDate.append(seconds, to: line)
        line.appendCRLF()
    }

    func append(to output: OutputBuffer) {
        output.append(line.readable)
    }

    /// Milliseconds since 1970 at the moment `now`.
    func wallMilliseconds(at now: Instant) -> UInt64 {
        (now.nanoseconds &+ wallOffsetNanoseconds) / 1_000_000
    }
}
