import Synchronization

/// What one worker has counted. Written by its worker, read by the admin listener.
///
/// Contention: none; each worker has its own, and readers use relaxed loads.
final class WorkerCounters: Sendable {
    let connectionsAccepted = Atomic<Int>(0)
    let connectionsOpen = Atomic<Int>(0)
    /// Those of them that wait for their clients without a task.
    let connectionsAsleep = Atomic<Int>(0)
    let connectionsRefused = Atomic<Int>(0)
    let connectionsEvicted = Atomic<Int>(0)
    let requestsShed = Atomic<Int>(0)
    /// The present `OverloadLevel`.
    let overloadLevel = Atomic<Int>(0)
    let queueDelayNanoseconds = Atomic<UInt64>(0)
    let handshakes = Atomic<Int>(0)
    let handshakesResumed = Atomic<Int>(0)
    let handshakesFailed = Atomic<Int>(0)
    let requestsInFlight = Atomic<Int>(0)
    /// What answers cost, on its way to Redis.
    let chargesUnderWay = Atomic<Int>(0)
    let tunnelsOpen = Atomic<Int>(0)
    /// Those that servers are being asked for.
    let tunnelsAsked = Atomic<Int>(0)
    let longestTurnNanoseconds = Atomic<UInt64>(0)
    /// When the worker last looked after itself, on the monotonic clock.
    let lastBeat = Atomic<UInt64>(0)
    let rulesBlocked = Atomic<Int>(0)
    let rulesMatched = Atomic<Int>(0)
    /// Requests by hundreds of the status, from 1xx at 0 to 5xx at 4.
    private let statusClasses = AtomicRow<5>()
    let durations = DurationHistogram()

    /// Whether a gateway that stops waits for this worker.
    var isBusy: Bool {
        connectionsOpen.load(ordering: .relaxed) > 0 || chargesUnderWay.load(ordering: .relaxed) > 0
    }

    /// Counts a finished request.
    func countRequest(status: Int, nanoseconds: UInt64) {
        statusClasses.add(1, at: min(max(status / 100 - 1, 0), 4))
        durations.record(nanoseconds)
    }

    /// Requests whose status lies in `hundreds` (1 to 5).
    func requests(hundreds: Int) -> Int { statusClasses.load(hundreds - 1) }
}

/// A fixed number of counters.
struct AtomicRow<let count: Int>: ~Copyable, Sendable {
    private let cells: [Cell]

    private final class Cell: Sendable {
        let value = Atomic<Int>(0)
    }

    init() { cells = (0..<count).map { _ in Cell() } }

    func add(_ amount: Int, at index: Int) { cells[index].value.add(amount, ordering: .relaxed) }

    func load(_ index: Int) -> Int { cells[index].value.load(ordering: .relaxed) }
}

/// Durations in the buckets that OpenTelemetry advises for HTTP servers.
final class DurationHistogram: Sendable {
    /// Upper bounds in seconds.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    private static let boundsNanoseconds = bounds.map { UInt64($0 * 1e9) }

    private let buckets = AtomicRow<15>()
    private let sum = Atomic<UInt64>(0)

    func record(_ nanoseconds: UInt64) {
        var index = 0
        while index < Self.boundsNanoseconds.count, nanoseconds > Self.boundsNanoseconds[index] {
            index += 1
        }
        buckets.add(1, at: index)
        sum.add(nanoseconds, ordering: .relaxed)
    }

    /// Requests in the bucket at `index`; the last one has no bound.
    func count(_ index: Int) -> Int { buckets.load(index) }

    var sumSeconds: Double { Double(sum.load(ordering: .relaxed)) / 1e9 }
}
