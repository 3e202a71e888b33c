import Synchronization
import Transport

/// The time of the rooms of a process, which never goes back.
///
/// When the machine's clock is put back, this one goes on at half its speed until the other has come up with it: so
/// nobody's turn, place or session stands still meanwhile, and openings come at their time again afterwards.
///
/// Contention: one atomic maximum; a lock while the machine's clock is behind.
final class RoomClock: Sendable {
    private let latest = Atomic<Int64>(0)
    /// The time from which it goes on, and when that was.
    private let setBack = Mutex<(time: Int64, since: Instant)?>(nil)

    /// - Parameters:
    ///   - wall: the machine's clock, milliseconds since 1970.
    ///   - instant: a clock that nobody sets.
    func milliseconds(wall: Int64, instant: Instant) -> Int64 {
        let latest = latest.load(ordering: .relaxed)
        if wall == latest { return wall }
        let time = wall >= latest ? wall : slow(after: latest, instant)
        return self.latest.max(time, ordering: .relaxed).newValue
    }

    private func slow(after latest: Int64, _ instant: Instant) -> Int64 {
        setBack.withLock { setBack in
            if let (time, since) = setBack {
                let now = time + Int64(instant.nanoseconds(since: since) / 2_000_000)
                if now >= latest { return now }
            }
            setBack = (time: latest, since: instant)
            return latest
        }
    }
}
