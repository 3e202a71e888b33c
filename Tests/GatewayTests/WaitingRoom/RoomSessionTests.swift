import HTTP
import Redis
import Synchronization
import Testing
import Transport

@testable import Gateway

/// Who stays inside, and what those before the door are told of when to come back.
@Suite
struct RoomSessionTests {
    private static func request(field: String?, agent: String = "App") -> WaitingRequest {
        WaitingRequest(
            ticketField: field.map { TokenReader(.kept($0), of: "onsale") },
            agent: .kept(agent),
            preferences: WaitingPreferences(accept: .json)
        )
    }

    private static func session(_ room: WaitingRoom, _ request: WaitingRequest) async -> SessionID? {
        guard case .proxy(let session, _, _) = await room.admit(request) else { return nil }
        return session
    }

    @Test func `An app that sends its ticket alone stays inside as long as it comes`() async throws {
        let scene = RoomScene { $0.sessionSeconds = 60 }
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var app = SceneVisitor(agent: "App")
        _ = await app.visit(scene.room)
        let ticket = try #require(app.place)
        _ = await first.leave(scene.room)
        await scene.pass(milliseconds: 2_000)
        let session = try #require(await Self.session(scene.room, Self.request(field: ticket)))
        for _ in 0..<4 {
            await scene.pass(milliseconds: 40_000)
            #expect(await Self.session(scene.room, Self.request(field: ticket)) == session)
            let told = await scene.room.status(Self.request(field: ticket)).status
            #expect(told.state == .admitted)
            #expect(try #require(told.sessionUntilMilliseconds) > scene.now)
            // With another kind of client it leads nowhere, and takes no second slot.
            let thief = Self.request(field: ticket, agent: "Thief")
            #expect(await scene.room.status(thief).status.reason == .ticketSpent)
            #expect(scene.store.snapshot().activeCount == 1)
        }
        // As a cookie it is spent as before: a browser has the admission.
        var browser = SceneVisitor(place: ticket, agent: "App")
        #expect(await browser.poll(scene.room).body.contains("ticket-spent"))
        await scene.pass(milliseconds: 61_000)
        #expect(await scene.room.status(Self.request(field: ticket)).status.state == .expired)
    }

    @Test func `An app that sends its ticket alone leaves by it`() async throws {
        let scene = RoomScene { $0.sessionSeconds = 60 }
        var first = SceneVisitor()
        _ = await first.visit(scene.room)
        var app = SceneVisitor(agent: "App")
        _ = await app.visit(scene.room)
        let ticket = try #require(app.place)
        _ = await first.leave(scene.room)
        await scene.pass(milliseconds: 2_000)
        #expect(await Self.session(scene.room, Self.request(field: ticket)) != nil)
        let left = await scene.room.leave(Self.request(field: ticket), givesUpPlace: false)
        #expect(left.status == 204)
        await scene.pass(milliseconds: 1_000)
        #expect(scene.store.snapshot().activeCount == 0)
        #expect(await scene.room.status(Self.request(field: ticket)).status.state == .expired)
    }

    @Test func `Whoever polls as told misses neither the registration nor the opening`() async {
        for lead in [40_000, 71_000, 95_000] as [Int64] {
            let scene = RoomScene { settings in
                settings.isRandom = true
                settings.schedule = RoomSchedule(
                    opensAt: 1_795_000_000_000 + lead + 20_000,
                    prequeueMilliseconds: 20_000
                )
            }
            var visitor = SceneVisitor()
            var registeredAt: Int64?
            let start = scene.now
            while registeredAt == nil, scene.now < start + lead + 60_000 {
                let answer = await visitor.visit(scene.room)
                if answer.waitingRoom.contains("state=prequeue") { registeredAt = scene.now }
                let poll = answer.fields["Retry-After"].flatMap { Int64($0) } ?? 60
                await scene.pass(milliseconds: poll * 1_000)
            }
            #expect((registeredAt ?? .max) - start <= lead + 6_000)
            #expect(scene.now - start <= lead + 26_000, "and is asked again just after the opening")
        }
    }

    /// A room in Redis for one, whose session lasts twice as long as its lease.
    private static func shared(_ redis: any RedisCommanding, _ clock: SceneClock, node: Int64)
        -> WaitingRoom
    {
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = 1
        settings.ratePerSecond = 1_000
        settings.sessionSeconds = 20
        settings.leaseSeconds = 10
        let store = RedisQueueStore(settings: settings, redis: redis, node: node) { _ in
            await Task.yield()
        }
        return RoomScene.room(settings, store: store, clock: clock)
    }

    /// Lets somebody in. On a busy machine Redis may think between a tick and a visit that the room is away.
    private static func enter(_ room: WaitingRoom, _ pass: (Int64) async -> Void) async
        -> SceneVisitor?
    {
        var visitor = SceneVisitor()
        for _ in 0..<20 {
            await pass(1_000)
            if await visitor.visit(room).isProxied { return visitor }
        }
        return nil
    }

    @Test func `Whoever was silent for longer than a lease stays inside while Redis is away`()
        async throws
    {
        let (line, rooms, pass) = try await Self.gateways(1, try #require(RedisServer()))
        let room = rooms[0]
        var visitor = try #require(await Self.enter(room, pass))
        var silent = visitor
        await pass(8_000)
        line.isCut.store(true, ordering: .relaxed)
        await pass(4_000)
        #expect(await visitor.visit(room).isProxied, "12 s after the last request")
        await pass(19_000)
        #expect(await visitor.visit(room).isProxied, "as long as the session lasts")
        await pass(21_000)
        #expect(!(await silent.visit(room).isProxied), "and no longer")
    }

    /// Gateways on one room in Redis, of which the first can be cut off, and how time passes for them.
    private static func gateways(_ count: Int64, _ redis: RedisServer) async throws
        -> (line: CutRedis, rooms: [WaitingRoom], pass: (Int64) async -> Void)
    {
        let line = CutRedis(redis)
        let clock = SceneClock()
        let rooms = (1...count).map { shared($0 == 1 ? line : redis, clock, node: $0) }
        let start = try await RedisQueueStoreTests().stopTime(
            redis,
            rooms.compactMap { $0.store as? RedisQueueStore }
        )
        clock.time.store(start, ordering: .relaxed)
        return (
            line, rooms,
            { milliseconds in
                for _ in 0..<milliseconds / 500 {
                    let now = clock.time.add(500, ordering: .relaxed).newValue
                    _ = redis.command("SET", "clock", "\(now)")
                    for room in rooms { await room.tick() }
                }
            }
        )
    }

    @Test func `Whoever left at another gateway is believed for no more than a lease`() async throws {
        let (line, rooms, pass) = try await Self.gateways(2, try #require(RedisServer()))
        let (cut, other) = (rooms[0], rooms[1])
        var visitor = try #require(await Self.enter(cut, pass))
        await pass(1_000)
        line.isCut.store(true, ordering: .relaxed)
        var replay = visitor
        _ = await visitor.leave(other)
        await pass(11_000)
        #expect(!(await replay.visit(cut).isProxied))
    }

    @Test func `A session that ended before Redis went away does not go on`() async throws {
        let (line, rooms, pass) = try await Self.gateways(1, try #require(RedisServer()))
        let room = rooms[0]
        var visitor = try #require(await Self.enter(room, pass))
        await pass(21_000)
        line.isCut.store(true, ordering: .relaxed)
        #expect(!(await visitor.visit(room).isProxied))
    }

    @Test func `Why a store is away stands in the report`() async {
        let reports = Mutex<[[String: String]]>([])
        var settings = WaitingRoomSettings(name: "shared")
        settings.capacity = 1
        let store = RedisQueueStore(settings: settings, redis: RefusingRedis()) { _ in }
        var environment = WaitingRoom.Environment(
            now: { 1_795_000_000_000 },
            pause: { _ in },
            randomBytes: { Digest.randomBytes($0) }
        )
        environment.report = { text, details in
            if text == "the store of a room is away" { reports.withLock { $0.append(details) } }
        }
        let secret = [UInt8](repeating: 9, count: 32)
        let room = WaitingRoom(
            settings: settings,
            keys: RoomKeys(room: settings.name, current: (id: "k1", secret: secret)),
            store: store,
            environment: environment
        )
        await room.tick()
        let told = reports.withLock { $0 }
        #expect(told.count == 1)
        #expect(told.first?["reason"]?.contains("WRONGPASS") == true)
    }
}

private struct RefusingRedis: RedisCommanding {
    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        .error("WRONGPASS invalid username-password pair or user is disabled.")
    }
}
