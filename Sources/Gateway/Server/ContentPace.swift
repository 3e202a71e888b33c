/// How slowly content may come: a grace, from then on so many bytes a second, and an end to it all.
///
/// What counts is the time spent waiting for the sender, so that a slow server does not make its client look slow.
struct ContentPace: Sendable, Equatable {
    /// How long a sender may be slower than the rate.
    var graceNanoseconds: UInt64 = 10_000_000_000
    /// Bytes a second after the grace; 0 for no such limit.
    var bytesPerSecond = 0
    /// The longest wait for the whole content.
    var totalNanoseconds = UInt64.max

    static let unlimited = ContentPace()

    /// How long a sender that has been waited for so long, and has sent so much, may be waited for still.
    func patienceNanoseconds(waited: UInt64, received: Int) -> UInt64 {
        let rest = totalNanoseconds > waited ? totalNanoseconds - waited : 0
        guard bytesPerSecond > 0 else { return rest }
        let bytes = UInt64(max(0, received))
        let (product, isLarge) = bytes.multipliedReportingOverflow(by: 1_000_000_000)
        let earned = isLarge ? .max : product / UInt64(bytesPerSecond)
        let (allowed, overflow) = earned.addingReportingOverflow(graceNanoseconds)
        if overflow { return rest }
        return min(rest, allowed > waited ? allowed - waited : 0)
    }
}
