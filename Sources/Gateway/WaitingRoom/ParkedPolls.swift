import Synchronization

/// Polls that are kept open because their turn is near, so that whoever is called up comes in at that moment and no
/// slot stands idle until the next poll.
///
/// Each is a task that sleeps most of the time and looks at what this node knows of the line; it asks no store, and no
/// buffer is lent to its answer yet. A place has at most one, and a crowd of them is bounded: whoever finds no room is
/// answered at once, as before.
///
/// Contention: one lock, taken when a poll is parked and when it goes on; a counter that the rooms of a process share.
final class ParkedPolls: Sendable {
    /// How many there are in all rooms of a process.
    final class Total: Sendable {
        fileprivate let count = Atomic<Int>(0)
    }

    static let roomLimit = 2_048
    static let processLimit = 4_096
    /// Longer than the time in which those who are parked should be called up, shorter than proxies and browsers wait.
    static let milliseconds: Int64 = 8_000

    private let total: Total
    private let positions = Mutex<Set<Int64>>([])

    init(of total: Total = Total()) { self.total = total }

    var count: Int { positions.withLock { $0.count } }
    /// How many are parked in all rooms of the process.
    var totalCount: Int { total.count.load(ordering: .relaxed) }

    /// Notes that a place's poll is parked; false if it has one already, or if there are too many.
    func begin(_ position: Int64) -> Bool {
        guard total.count.add(1, ordering: .relaxed).newValue <= Self.processLimit else {
            total.count.subtract(1, ordering: .relaxed)
            return false
        }
        let isTaken = positions.withLock {
            $0.count < Self.roomLimit && $0.insert(position).inserted
        }
        if !isTaken { total.count.subtract(1, ordering: .relaxed) }
        return isTaken
    }

    func end(_ position: Int64) {
        guard positions.withLock({ $0.remove(position) }) != nil else { return }
        total.count.subtract(1, ordering: .relaxed)
    }
}

/// Who waits for the answer to a poll that may be parked. Confined to its worker.
struct ParkedClient {
    /// Whether nobody waits any more.
    let isGone: () -> Bool
    /// Whether the answer is wanted now, whatever it is.
    let isHurried: () -> Bool
    /// Gives back what the connection does not need while nothing happens.
    let rest: () -> Void

    /// Somebody who waits, on a connection that needs nothing.
    static var patient: ParkedClient {
        ParkedClient(isGone: { false }, isHurried: { false }, rest: {})
    }
}
