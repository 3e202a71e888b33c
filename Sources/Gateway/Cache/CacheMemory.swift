import Synchronization

/// The bytes the cache may hold, wherever they are: in the index, in responses still arriving, and in entries that
/// were evicted while somebody is still being sent them.
final class CacheMemory: Sendable {
    let limitBytes: Int
    private let used = Atomic<Int>(0)

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes `count` bytes from the budget, or nothing if they are not there.
    func take(_ count: Int) -> Bool {
        var current = used.load(ordering: .relaxed)
        while count <= limitBytes - current {
            let (exchanged, original) = used.weakCompareExchange(
                expected: current,
                desired: current + count,
                ordering: .relaxed
            )
            if exchanged { return true }
            current = original
        }
        return false
    }

    func giveBack(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }
}
