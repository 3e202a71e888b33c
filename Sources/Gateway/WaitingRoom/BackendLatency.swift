import Synchronization

/// Follows how long the backend takes, and lets fewer in while it is slow.
///
/// Contention: two relaxed counters per response of a protected path.
final class BackendLatency: Sendable {
    private let answers = Atomic<Int>(0)
    private let slow = Atomic<Int>(0)
    private let limitNanoseconds = Atomic<UInt64>(.max)
    /// Thousandths of the configured capacity.
    private let share = Atomic<Int>(1_000)
    private let judgedAt = Atomic<Int64>(0)

    func note(nanoseconds: UInt64, status: Int) {
        answers.add(1, ordering: .relaxed)
        if status >= 500 || nanoseconds > limitNanoseconds.load(ordering: .relaxed) {
            slow.add(1, ordering: .relaxed)
        }
    }

    /// The capacity for now: down by a fifth for each second in which more than a tenth of the answers were slow, up by
    /// a twentieth for each in which they were not, never above the configured one.
    func capacity(_ configured: Int, target: WaitingRoomSettings.LatencyTarget, now: Int64) -> Int {
        limitNanoseconds.store(UInt64(target.milliseconds) * 1_000_000, ordering: .relaxed)
        if now - judgedAt.load(ordering: .relaxed) >= 1_000 {
            judgedAt.store(now, ordering: .relaxed)
            let count = answers.exchange(0, ordering: .relaxed)
            let slowCount = slow.exchange(0, ordering: .relaxed)
            let present = share.load(ordering: .relaxed)
            let isSlow = count >= 5 && slowCount * 10 > count
            let next = isSlow ? present * 4 / 5 : min(1_000, present + 50)
            share.store(max(next, 1), ordering: .relaxed)
        }
        let capacity = configured * share.load(ordering: .relaxed) / 1_000
        return max(min(capacity, configured), min(target.leastCapacity, configured))
    }
}
