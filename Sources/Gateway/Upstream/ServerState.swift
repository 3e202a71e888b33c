import Synchronization
import Transport

/// What all workers know about one server of an upstream. It outlives reloads that keep the server.
///
/// Contention: a relaxed load per request, a store per change of health; failures are counted with relaxed adds.
final class ServerState: Sendable {
    /// How the configuration writes the server.
    let name: String
    let address: SocketAddress
    private let isHealthy = Atomic<Bool>(true)
    private let failuresInRow = Atomic<Int>(0)
    private let ejectedUntil = Atomic<UInt64>(0)
    let requestCount = Atomic<UInt64>(0)
    let failureCount = Atomic<UInt64>(0)

    init(name: String, address: SocketAddress) {
        self.name = name
        self.address = address
    }

    /// The server's own name, for requests that name no host.
    var hostName: String {
        if case .unix = address { "localhost" } else { name }
    }

    /// Whether requests may go there: health checks are content, and no run of failures is being sat out.
    func isUsable(at now: Instant) -> Bool {
        isHealthy.load(ordering: .relaxed)
            && ejectedUntil.load(ordering: .relaxed) <= now.nanoseconds
    }

    /// Whether the last health checks went well.
    var passesHealthChecks: Bool { isHealthy.load(ordering: .relaxed) }

    func setHealthy(_ value: Bool) { isHealthy.store(value, ordering: .relaxed) }

    /// A request went well.
    func noteSuccess() {
        requestCount.add(1, ordering: .relaxed)
        if failuresInRow.load(ordering: .relaxed) != 0 {
            failuresInRow.store(0, ordering: .relaxed)
        }
    }

    /// A request failed by the server's fault; after enough in a row the server is left out for a while.
    func noteFailure(at now: Instant, ejection: Configuration.Ejection) {
        failureCount.add(1, ordering: .relaxed)
        let count = failuresInRow.add(1, ordering: .relaxed).newValue
        guard ejection.failures > 0, count >= ejection.failures else { return }
        failuresInRow.store(0, ordering: .relaxed)
        ejectedUntil.store(now.advanced(by: ejection.duration).nanoseconds, ordering: .relaxed)
    }
}
