import Redis
import Synchronization
import Transport

/// One connection to a Redis per worker, made when a worker first needs it.
///
/// Contention: one lock around the list of clients, held for a look at as many entries as there are workers; once per
/// command, never for a poll.
final class WorkerRedisClients: RedisCommanding {
    let configuration: RedisConfiguration
    private let clients = Mutex<[ObjectIdentifier: RedisClient]>([:])

    init(_ configuration: RedisConfiguration) { self.configuration = configuration }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        guard let reactor = Reactor.current else { throw RedisError.closed }
        do throws(RedisError) {
            return try await client(on: reactor).command(arguments)
        } catch {
            if case .refused(let text) = error { return .error(text) }
            throw error
        }
    }

    private func client(on reactor: Reactor) -> RedisClient {
        clients.withLock { clients in
            if let present = clients[ObjectIdentifier(reactor)] { return present }
            let client = RedisClient(configuration, on: reactor)
            clients[ObjectIdentifier(reactor)] = client
            return client
        }
    }
}
