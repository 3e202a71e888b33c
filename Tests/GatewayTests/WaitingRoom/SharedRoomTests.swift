import Synchronization
import Testing
import Transport

@testable import Gateway

/// Visitors in front of two gateways that share one Redis, over real time steps of its own clock.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct SharedRoomTests {
    @Test func `Two gateways keep the cap and the order while everybody polls either of them`()
        async throws
    {
        let redis = try #require(RedisServer())
        let clock = SceneClock()
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = 4
        settings.ratePerSecond = 1_000
        settings.sessionSeconds = 5
        let rooms = try await [room(settings, redis, clock, 1), room(settings, redis, clock, 2)]
        var visitors = [SceneVisitor](repeating: SceneVisitor(), count: 24)
        var admitted: [Int] = []
        var insideUntil: [Int64] = []
        for step in 0..<600 where admitted.count < visitors.count {
            _ = redis.command("SET", "clock", "\(clock.time.add(100, ordering: .relaxed).newValue)")
            for room in rooms { await room.tick() }
            for index in visitors.indices where index <= step && !admitted.contains(index) {
                let answer = await visitors[index].visit(rooms[(index + step) % 2])
                guard answer.isProxied else { continue }
                admitted.append(index)
                insideUntil.append(clock.time.load(ordering: .relaxed) + 5_000)
                let now = clock.time.load(ordering: .relaxed)
                #expect(insideUntil.count { $0 > now } <= 4)
            }
        }
        #expect(admitted == Array(visitors.indices))
    }

    private func room(
        _ settings: WaitingRoomSettings,
        _ redis: RedisServer,
        _ clock: SceneClock,
        _ node: Int64
    ) async throws -> WaitingRoom {
        let store = RedisQueueStore(settings: settings, redis: redis, node: node) { _ in
            await Task.yield()
        }
        try await store.open()
        let text = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        let library = RedisQueueFunctions.library(clock: text)
        _ = try await redis.command(
            ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [library]
        )
        _ = redis.command("SET", "clock", "\(clock.time.load(ordering: .relaxed))")
        return RoomScene.room(settings, store: store, clock: clock)
    }
}
