import Redis
import Synchronization
import Testing
import Transport

@testable import Gateway

/// Gateways that share a room in one Redis, over time that the test moves by hand.
private final class SharedScene {
    let redis: RedisServer
    let clock = SceneClock()
    private let settings: WaitingRoomSettings

    init(capacity: Int, _ change: (inout WaitingRoomSettings) -> Void = { _ in }) throws {
        redis = try #require(RedisServer())
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = capacity
        settings.ratePerSecond = 1_000
        settings.sessionSeconds = 5
        change(&settings)
        self.settings = settings
    }

    func pass(_ milliseconds: Int64) {
        let now = clock.time.add(milliseconds, ordering: .relaxed).newValue
        _ = redis.command("SET", "clock", "\(now)")
    }

    /// The room as the gateway of that number has it.
    func room(
        _ node: Int64,
        hears: Bool = true,
        line: (any RedisCommanding)? = nil,
        ahead: Int64 = 0
    )
        async throws -> WaitingRoom
    {
        let store = RedisQueueStore(settings: settings, redis: line ?? redis, node: node) { _ in
            await Task.yield()
        }
        try await store.open()
        let text = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        let library = RedisQueueFunctions.library(clock: text)
        _ = try await redis.command(
            ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [library]
        )
        pass(0)
        return RoomScene.room(settings, store: store, clock: clock, hears: hears, ahead: ahead)
    }
}

/// Visitors in front of two gateways that share one Redis, over real time steps of its own clock.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct SharedRoomTests {
    @Test func `Two gateways keep the cap and the order while everybody polls either of them`()
        async throws
    {
        let scene = try SharedScene(capacity: 4)
        let (clock, rooms) = (scene.clock, try await [scene.room(1), scene.room(2)])
        var visitors = [SceneVisitor](repeating: SceneVisitor(), count: 24)
        var admitted: [Int] = []
        var insideUntil: [Int64] = []
        for step in 0..<600 where admitted.count < visitors.count {
            scene.pass(100)
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

    @Test(arguments: [20_000, 120_000, -120_000] as [Int64])
    func `A ticket and a pass are good at a gateway with another clock`(ahead: Int64) async throws {
        let scene = try SharedScene(capacity: 1)
        let rooms = [try await scene.room(1), try await scene.room(2, ahead: ahead)]
        var (inside, next) = (SceneVisitor(), SceneVisitor())
        #expect(await inside.visit(rooms[1]).isProxied)
        _ = await next.visit(rooms[1])
        let place = next.place
        for room in rooms + rooms {
            scene.pass(100)
            for room in rooms { await room.tick() }
            #expect(await next.visit(room).waitingRoom.contains("ticket=2, ahead=0"))
            #expect(next.place == place)
            #expect(await inside.visit(room).isProxied)
        }
    }

    @Test func `A pass of a gateway whose clock is ahead is good for no longer without Redis`()
        async throws
    {
        let scene = try SharedScene(capacity: 1) { $0.leaseSeconds = 3 }
        let line = CutRedis(scene.redis)
        let rooms = [
            try await scene.room(1, line: line), try await scene.room(2, ahead: 60_000),
        ]
        func wait(_ milliseconds: Int64) async {
            for _ in 0..<milliseconds / 100 {
                scene.pass(100)
                for room in rooms { await room.tick() }
            }
        }
        await wait(1_500)
        var (inside, next) = (SceneVisitor(), SceneVisitor())
        #expect(await inside.visit(rooms[1]).isProxied)
        _ = await next.visit(rooms[1])
        line.isCut.store(true, ordering: .relaxed)
        for _ in 0..<20 {
            await wait(800)
            let isInside = await inside.visit(rooms[0]).isProxied
            let isNextInside = await next.visit(rooms[1]).isProxied
            #expect(!isInside || !isNextInside)
        }
        #expect(await next.visit(rooms[1]).isProxied)
    }

    @Test func `A backend that one gateway found slow counts for as long as that one is there`()
        async throws
    {
        let scene = try SharedScene(capacity: 100) {
            $0.latencyTarget = WaitingRoomSettings.LatencyTarget(milliseconds: 50, leastCapacity: 1)
        }
        let (slow, other) = (try await scene.room(1), try await scene.room(2))
        for _ in 0..<6 {
            for _ in 0..<10 { slow.latency.note(nanoseconds: 900_000_000, status: 200) }
            for _ in 0..<11 {
                scene.pass(100)
                for room in [slow, other] { await room.tick() }
            }
        }
        let lowered = other.store.snapshot().capacity
        #expect(lowered < 50)
        // The one that said so is gone.
        for _ in 0..<80 {
            scene.pass(100)
            await other.tick()
        }
        #expect(other.store.snapshot().capacity == 100)
    }

    @Test func `Those who wait before the line cost Redis little while nobody leaves`() async throws {
        let scene = try SharedScene(capacity: 1) {
            $0.sessionSeconds = 600
            $0.codes = ["VIP": 100]
        }
        let room = try await scene.room(1, hears: false)
        var inside = SceneVisitor()
        #expect(await inside.visit(room).isProxied)
        var next = SceneVisitor()
        next.invitation = "VIP"
        #expect(await next.visit(room).waitingRoom.contains("ahead=0"))
        next.invitation = nil
        func calls() -> Int {
            let text = scene.redis.command("INFO", "commandstats").text ?? ""
            guard let start = text.firstRange(of: "cmdstat_fcall:calls=") else { return 0 }
            return Int(text[start.upperBound...].prefix { $0.isNumber }) ?? 0
        }
        let before = calls()
        _ = await next.poll(room)
        #expect(calls() - before <= 2, "one for eight seconds")
    }

    @Test func `Whoever was answered late is still inside, whichever gateway hears next`()
        async throws
    {
        let scene = try SharedScene(capacity: 1)
        let (one, other) = (try await scene.room(1), try await scene.room(2))
        func wait(_ milliseconds: Int64) async {
            for _ in 0..<milliseconds / 100 {
                scene.pass(100)
                for room in [one, other] { await room.tick() }
            }
        }
        var visitor = SceneVisitor()
        let session = try #require(await visitor.visit(one).session)
        await wait(4_500)
        one.store.noteAnswer(to: session, now: scene.clock.time.load(ordering: .relaxed))
        await wait(4_500)
        #expect(await visitor.visit(other).isProxied)
        await wait(6_000)
        #expect(await visitor.visit(other).session != session, "it ends all the same")
    }

    /// What a gateway that has not heard of it yet tells somebody after whom others came in.
    @Test(arguments: [false, true])
    func `Nobody is told to wait after a later one came in by another gateway`(hears: Bool)
        async throws
    {
        let scene = try SharedScene(capacity: 2)
        let one = try await scene.room(1, hears: hears)
        let other = try await scene.room(2)
        var inside = [SceneVisitor(), SceneVisitor()]
        for index in inside.indices { #expect(await inside[index].visit(other).isProxied) }
        var (first, second) = (SceneVisitor(), SceneVisitor())
        #expect(await first.visit(one).waitingRoom.contains("ticket=3, ahead=0"))
        #expect(await second.visit(other).waitingRoom.contains("ticket=4, ahead=1"))
        scene.pass(100)
        for room in [one, other] { await room.tick() }
        for index in inside.indices { _ = await inside[index].leave(other) }
        // The other gateway alone hears how the line moves on.
        for _ in 0..<8 {
            scene.pass(100)
            await other.tick()
        }
        #expect(await second.visit(other).isProxied)
        #expect(one.store.snapshot().serving == 2)
        #expect(await first.visit(one).isProxied)
    }

    @Test func `Whoever is far from the head is told at once, without a word to Redis`()
        async throws
    {
        let scene = try SharedScene(capacity: 2) { settings in
            settings.burst = 2
            settings.ratePerSecond = 1
        }
        let (redis, clock, room) = (scene.redis, scene.clock, try await scene.room(1))
        await room.tick()
        var visitors = [SceneVisitor](repeating: SceneVisitor(), count: 40)
        for index in visitors.indices { _ = await visitors[index].visit(room) }
        scene.pass(100)
        let (before, start) = (redis.functionCalls, clock.time.load(ordering: .relaxed))
        for index in 30..<40 {
            #expect(await visitors[index].poll(room).waitingRoom.contains("state=queued"))
        }
        #expect(redis.functionCalls == before)
        #expect(clock.time.load(ordering: .relaxed) == start)
    }
}
