import Synchronization
import Transport

/// What a load test has seen so far, shared by its buyers and the report.
final class LoadTally: Sendable {
    struct Figures: Sendable {
        var histogram = LatencyHistogram()
        /// How many answers had a status, or that no answer came.
        var outcomes: [String: Int] = [:]
        /// Orders whose payment was acknowledged to us.
        var paidOrders: [String] = []
        var holdCount = 0
        var soldOutCount = 0
        var failedCount = 0
        var bytes = 0
    }

    private let figures = Mutex(Figures())

    var now: Figures { figures.withLock { $0 } }

    /// Changes the figures.
    func note(_ change: (inout Figures) -> Void) { figures.withLock { change(&$0) } }

    /// Notes one answer and how long it took.
    func note(_ outcome: String, since start: Instant) {
        let nanoseconds = Instant.current().nanoseconds - start.nanoseconds
        figures.withLock { figures in
            figures.histogram.add(microseconds: nanoseconds / 1000)
            figures.outcomes[outcome, default: 0] += 1
        }
    }
}
