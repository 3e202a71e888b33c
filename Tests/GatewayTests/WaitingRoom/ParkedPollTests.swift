import Synchronization
import Testing
import Transport

@testable import Gateway

/// A room in which something may happen while a poll is parked.
private final class ParkedScene: Sendable {
    let clock = SceneClock()
    let store: MemoryQueueStore
    /// What the rooms use, which may be away.
    let reached: FlakyQueueStore
    let memory = RoomMemory()
    private let settings: WaitingRoomSettings
    /// What happens in the next pause.
    private let event = Mutex<(@Sendable () async -> Void)?>(nil)

    init() {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.capacity = 1
        settings.ratePerSecond = 100
        settings.sessionSeconds = 60
        self.settings = settings
        store = MemoryQueueStore(settings: settings, epoch: 3)
        reached = FlakyQueueStore(store)
    }

    var now: Int64 { clock.time.load(ordering: .relaxed) }

    /// The room as a configuration makes it that was read just now.
    func room() -> WaitingRoom {
        let secret = [UInt8](repeating: 9, count: 32)
        return WaitingRoom(
            settings: settings,
            keys: RoomKeys(room: settings.name, current: (id: "k1", secret: secret)),
            store: reached,
            environment: WaitingRoom.Environment(
                now: { [clock] in clock.time.load(ordering: .relaxed) },
                pause: { [self] in await pass($0) },
                randomBytes: { Digest.randomBytes($0) }
            ),
            memory: memory
        )
    }

    private func pass(_ milliseconds: Int64) async {
        clock.time.add(milliseconds, ordering: .relaxed)
        try? await store.tick(now: now)
        let event = event.withLock { event in
            defer { event = nil }
            return event
        }
        await event?()
    }

    func whileParked(_ event: @escaping @Sendable () async -> Void) {
        self.event.withLock { $0 = event }
    }
}

@Suite
struct ParkedPollTests {
    private let scene = ParkedScene()

    /// Somebody inside and somebody next.
    private func fill(_ room: WaitingRoom) async -> (inside: SceneVisitor, next: SceneVisitor) {
        var (inside, next) = (SceneVisitor(), SceneVisitor())
        _ = await inside.visit(room)
        _ = await next.visit(room)
        return (inside, next)
    }

    @Test func `Whoever leaves lets the next one in while the poll is parked`() async {
        let room = scene.room()
        let filled = await fill(room)
        var next = filled.next
        let start = scene.now
        scene.whileParked {
            var inside = filled.inside
            _ = await inside.leave(room)
        }
        #expect(await next.poll(room).waitingRoom.contains("state=admitted"))
        #expect(scene.now - start < 300)
        #expect(scene.memory.parked.count == 0)
    }

    @Test func `A parked poll is answered after some seconds like any other`() async {
        let room = scene.room()
        var next = await fill(room).next
        let start = scene.now
        let answer = await next.poll(room)
        #expect(answer.waitingRoom == #"state=queued, ticket=2, ahead=0, poll=1, room="onsale""#)
        #expect((8_000..<8_200).contains(scene.now - start))
        #expect(scene.memory.parked.count == 0)
    }

    @Test func `A parked poll whose connection is wanted for another is answered at once`() async {
        let room = scene.room()
        var next = await fill(room).next
        let start = scene.now
        let isHurried = Mutex(false)
        scene.whileParked { isHurried.withLock { $0 = true } }
        let client = ParkedClient(
            isGone: { false },
            isHurried: { isHurried.withLock { $0 } },
            rest: {}
        )
        let report = await room.status(next.request(), client: client)
        #expect(next.receive(report).waitingRoom.contains("state=queued, ticket=2, ahead=0"))
        #expect(scene.now - start < 500)
        #expect(scene.memory.parked.count == 0)
    }

    @Test func `A place has one parked poll, and another is answered at once`() async {
        let room = scene.room()
        var next = await fill(room).next
        let tab = next
        let (start, scene) = (scene.now, scene)
        scene.whileParked {
            #expect(scene.memory.parked.count == 1)
            var tab = tab
            let began = scene.now
            #expect(await tab.poll(room).waitingRoom.contains("state=queued, ticket=2"))
            #expect(scene.now == began)
        }
        _ = await next.poll(room)
        #expect(scene.now - start >= 8_000)
    }

    @Test func `Whoever closed the page takes no turn, and has the place when back`() async {
        let room = scene.room()
        let filled = await fill(room)
        var next = filled.next
        let isGone = Mutex(false)
        scene.whileParked {
            var inside = filled.inside
            _ = await inside.leave(room)
            isGone.withLock { $0 = true }
        }
        let client = ParkedClient(
            isGone: { isGone.withLock { $0 } },
            isHurried: { false },
            rest: {}
        )
        _ = await room.status(next.request(), client: client)
        for _ in 0..<5 { await scene.room().environment.pause(100) }
        #expect(scene.store.snapshot().activeCount == 0)
        #expect(scene.store.snapshot().reservedCount == 1)
        #expect(await next.poll(room).waitingRoom.contains("state=admitted"))
    }

    @Test func `A process that ends answers its parked polls at once, and parks no more`() async {
        let room = scene.room()
        var next = await fill(room).next
        var start = scene.now
        scene.whileParked { await room.tick(isEnding: true) }
        #expect(await next.poll(room).waitingRoom.contains("state=queued, ticket=2"))
        #expect(scene.now - start <= 200)
        start = scene.now
        #expect(await next.poll(room).waitingRoom.contains("state=queued, ticket=2"))
        #expect(scene.now == start)
    }

    @Test
    func `After a reload parked polls are answered at once, and the new room parks the next ones`()
        async
    {
        let (room, reloaded) = (scene.room(), scene.room())
        var next = await fill(room).next
        var start = scene.now
        await room.tick()
        scene.whileParked { await reloaded.tick() }
        #expect(await next.poll(room).waitingRoom.contains("state=queued, ticket=2"))
        #expect(scene.now - start <= 200)
        start = scene.now
        #expect(await next.poll(reloaded).waitingRoom.contains("state=queued, ticket=2"))
        #expect(scene.now - start >= 8_000)
    }

    @Test func `A room that is paused tells those who are parked`() async {
        let room = scene.room()
        var next = await fill(room).next
        let start = scene.now
        scene.whileParked {
            #expect(await room.change([("mode", "pause")], by: "test") == nil)
        }
        #expect(await next.poll(room).waitingRoom.contains("state=paused, ticket=2"))
        #expect(scene.now - start <= 200)
    }

    @Test func `Whoever is next hears nothing of a failure that is over in a moment`() async {
        let (room, scene) = (scene.room(), scene)
        let filled = await fill(room)
        var next = filled.next
        let start = scene.now
        scene.whileParked {
            scene.reached.isAway.store(true, ordering: .relaxed)
            await room.tick()
            scene.whileParked {
                #expect(scene.memory.parked.count == 1)
                scene.reached.isAway.store(false, ordering: .relaxed)
                await room.tick()
                var inside = filled.inside
                _ = await inside.leave(room)
            }
        }
        #expect(await next.poll(room).waitingRoom.contains("state=admitted"))
        #expect(scene.now - start < 600)
    }

    /// In line, and called up already, so that the store was asked in vain.
    @Test(arguments: [false, true])
    func `A failure that lasts is told after some seconds`(isCalledUp: Bool) async {
        let (room, scene) = (scene.room(), scene)
        let filled = await fill(room)
        var next = filled.next
        let start = scene.now
        scene.whileParked {
            var inside = filled.inside
            if isCalledUp { _ = await inside.leave(room) }
            scene.reached.isAway.store(true, ordering: .relaxed)
            await room.tick()
        }
        let answer = await next.poll(room)
        #expect(answer.waitingRoom.hasPrefix("state=paused, ticket=2"))
        #expect(scene.store.snapshot().serving == (isCalledUp ? 2 : 1))
        #expect((8_000..<8_300).contains(scene.now - start))
        #expect(scene.memory.parked.count == 0)
    }

    @Test func `A visit to a page is never parked`() async {
        let room = scene.room()
        var next = await fill(room).next
        let start = scene.now
        #expect(await next.visit(room).waitingRoom.contains("state=queued, ticket=2"))
        #expect(scene.now == start)
    }

    @Test func `How many are parked is bounded in each room and in all of them`() {
        let total = ParkedPolls.Total()
        let rooms = (0..<3).map { _ in ParkedPolls(of: total) }
        for room in rooms.prefix(2) {
            for position in 1...Int64(ParkedPolls.roomLimit) { #expect(room.begin(position)) }
            #expect(!room.begin(Int64(ParkedPolls.roomLimit) + 1))
        }
        #expect(!rooms[2].begin(1), "all rooms together have no more")
        rooms[0].end(7)
        rooms[0].end(7)
        #expect(rooms[2].begin(1))
        #expect(!rooms[2].begin(2))
        #expect(!rooms[2].begin(1), "a place has one")
        rooms[2].end(1)
        #expect(rooms[0].begin(7))
        #expect(rooms.map(\.count) == [ParkedPolls.roomLimit, ParkedPolls.roomLimit, 0])
    }
}
