import Redis
import Synchronization
import Testing
import Transport

@testable import Gateway

/// Notes what goes wrong on the way to Redis and there.
private final class NotingRedis: RedisCommanding {
    let failures = Mutex<[String]>([])
    private let redis: any RedisCommanding

    init(redis: any RedisCommanding) { self.redis = redis }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        do {
            let reply = try await redis.command(arguments)
            if case .error(let text) = reply { failures.withLock { $0.append(text) } }
            return reply
        } catch {
            failures.withLock { $0.append("\(error)") }
            throw error
        }
    }
}

@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct WorkerRedisClientsTests {
    @Test func `Visitors on two workers share one batch of joins and one cap`() async throws {
        let redis = try #require(RedisServer())
        var configuration = RedisConfiguration(try RedisURL("redis://127.0.0.1:\(redis.port)"))
        // A machine that is busy with other tests is no Redis that is away.
        configuration.connectTimeoutMilliseconds = 30_000
        configuration.commandTimeoutMilliseconds = 30_000
        var settings = WaitingRoomSettings(name: "workers")
        settings.capacity = 3
        let noting = NotingRedis(redis: WorkerRedisClients(configuration))
        let store = RedisQueueStore(
            settings: settings,
            redis: noting,
            rules: .patient(settings),
            pause: RoomRegistry.pause
        )
        let room = RoomScene.room(settings, store: store, clock: SceneClock())
        let workers = [try Reactor(), try Reactor()]
        for worker in workers { try worker.start() }
        try await Task(executorPreference: workers[0]) { try await store.open() }.value
        // However long a busy machine takes, nobody's place falls silent meanwhile.
        _ = try await RedisQueueStoreTests().stopTime(redis, [])
        let answers = await withTaskGroup(of: String.self) { group in
            for index in 0..<40 {
                group.addTask(executorPreference: workers[index % 2]) {
                    var visitor = SceneVisitor()
                    let answer = await visitor.visit(room)
                    return answer.isProxied ? "proxied" : answer.waitingRoom
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for worker in workers { worker.stop() }
        #expect(noting.failures.withLock { $0 } == [])
        #expect(answers.count { $0 == "proxied" } == 3)
        #expect(answers.filter { $0 != "proxied" && !$0.contains("state=queued") } == [])
        #expect(Set(answers).count == 38)
    }

    @Test func `Outside a worker there is no connection`() async throws {
        let clients = WorkerRedisClients(RedisConfiguration(try RedisURL("redis://127.0.0.1:1")))
        await #expect(throws: RedisError.closed) { try await clients.command([Array("PING".utf8)]) }
    }
}
