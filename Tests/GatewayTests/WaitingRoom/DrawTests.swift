import Synchronization
import Testing
import Transport

@testable import Gateway

/// The draw of those who came before an opening, through what an operator may do meanwhile; in process and in Redis.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct DrawTests {
    /// With other keys the same registrations would be drawn in another order.
    @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
    func `Another secret changes no number, neither before the draw nor after it`(
        isShared: Bool,
        isBefore: Bool
    ) async throws {
        let scene = try #require(try await DrawScene(isShared: isShared, opensIn: 5_000))
        var visitors = await scene.visitors(5)
        let promised = try #require(scene.pulse("seed_sha256"))
        if isBefore { await scene.reload(rotates: true) }
        visitors += await scene.visitors(3)
        #expect(scene.pulse("seed_sha256") == promised)
        let registered = visitors
        await scene.pass(milliseconds: 6_000)
        let numbers = await scene.visit(&visitors)
        #expect(numbers.sorted() == ["3", "4", "5", "6", "7", "8", "in", "in"])
        let seed = try #require(scene.pulse("seed"))
        let bytes = try #require(Hexadecimal.decode(seed))
        #expect(Hexadecimal.encode(Digest.sha256(bytes)) == promised)
        if !isBefore { await scene.reload(rotates: true) }
        var again = registered.map { SceneVisitor(place: $0.place) }
        #expect(await scene.visit(&again) == numbers, "also by the tickets of before the draw")
        #expect(await scene.visit(&visitors) == numbers)
        #expect(scene.pulse("seed") == seed)
        #expect(scene.snapshot.activeCount == 2 && scene.snapshot.tail == 8)
    }

    enum Move: CaseIterable {
        /// Put off, brought forward, and forward to a time that has passed; the opening given up altogether.
        case later, earlier, past, never
    }

    @Test(arguments: [false, true], Move.allCases)
    func `An opening that is moved takes everybody along who is registered`(
        isShared: Bool,
        move: Move
    ) async throws {
        let opensIn: Int64 = move == .later ? 4_000 : 60_000
        let scene = try #require(try await DrawScene(isShared: isShared, opensIn: opensIn))
        var visitors = await scene.visitors(5)
        let places = visitors.map(\.place)
        let promised = scene.pulse("seed_sha256")
        switch move {
        case .later: await scene.opens(in: 12_000)
        case .earlier: await scene.opens(in: 3_000)
        case .past: await scene.opens(in: -1_000)
        case .never: await scene.reload { $0.schedule = nil }
        }
        if move == .later || move == .earlier {
            #expect(scene.pulse("seed_sha256") == promised)
            if move == .later { await scene.pass(milliseconds: 6_000) }
            #expect(await scene.visit(&visitors) == Array(repeating: "prequeue", count: 5))
            #expect(visitors.map(\.place) == places, "nobody is registered again")
        }
        visitors += await scene.visitors(1)
        await scene.pass(milliseconds: 6_000)
        let numbers = await scene.visit(&visitors)
        #expect(numbers.sorted() == ["3", "4", "5", "6", "in", "in"])
        if move == .past || move == .never {
            #expect(numbers.last == "6", "who came late is behind")
        }
        #expect(await scene.visit(&visitors) == numbers)
    }

    @Test(arguments: [false, true])
    func `Whoever was drawn and is still in line keeps the number through the next draw`(
        isShared: Bool
    ) async throws {
        let scene = try #require(
            try await DrawScene(isShared: isShared, opensIn: 5_000) {
                $0.schedule?.prequeueMilliseconds = 6_000
                $0.schedule?.everyMilliseconds = 20_000
            }
        )
        var visitors = await scene.visitors(4)
        await scene.pass(milliseconds: 5_500)
        let numbers = await scene.visit(&visitors)
        #expect(numbers.sorted() == ["3", "4", "in", "in"])
        var spent = visitors.filter { $0.admission != nil }.map { SceneVisitor(place: $0.place) }
        // Longer than a claim may be repeated.
        await scene.pass(milliseconds: 16_000)
        #expect(await scene.visit(&visitors) == numbers, "while others register")
        var others = await scene.visitors(2)
        #expect(await scene.visit(&others) == ["prequeue", "prequeue"])
        await scene.pass(milliseconds: 5_000)
        #expect(await scene.visit(&visitors) == numbers, "after the next draw")
        #expect(await scene.visit(&others).sorted() == ["5", "6"])
        // A ticket that is used up is no way past those who register.
        await scene.pass(milliseconds: 15_000)
        #expect(await scene.visit(&spent) == ["prequeue", "prequeue"])
    }

    @Test(arguments: [(false, false), (true, false), (true, true)])
    func `Whoever leaves before the draw has no part in it`(isShared: Bool, losesData: Bool)
        async throws
    {
        let scene = try #require(
            try await DrawScene(isShared: isShared, opensIn: 20_000) { $0.capacity = 6 }
        )
        var visitors = await scene.visitors(6)
        var leavers = [visitors.remove(at: 4), visitors.remove(at: 1)]
        var copies = leavers.map { SceneVisitor(place: $0.place) }
        for index in leavers.indices {
            #expect(await leavers[index].leave(scene.room, givesUpPlace: true).status == 204)
            #expect(leavers[index].place == nil)
        }
        if losesData { await scene.loseData() }
        await scene.pass(milliseconds: 21_000)
        #expect(scene.snapshot.draw.count == 6, "the order is that of all who registered")
        #expect(await scene.visit(&visitors) == Array(repeating: "in", count: 4))
        #expect(scene.snapshot.reservedCount == 0, "no slot waits for those who left")
        let last = scene.snapshot.tail
        _ = await scene.visit(&copies)
        #expect(scene.snapshot.tail == last + 2, "their tickets are spent, and they come anew")
    }

    @Test(arguments: [false, true])
    func `A gateway without the keys of a draw gives up nobody's number`(isShared: Bool)
        async throws
    {
        let scene = try #require(
            try await DrawScene(isShared: isShared, opensIn: 20_000) { $0.capacity = 6 }
        )
        var visitors = await scene.visitors(6)
        var leaver = visitors.remove(at: 2)
        #expect(await leaver.leave(scene.room, givesUpPlace: true).status == 204)
        await scene.sign(with: ["k9"])
        await scene.pass(milliseconds: 20_000)
        #expect(scene.snapshot.draw.count == 6 && scene.snapshot.reservedCount == 6)
        await scene.sign(with: ["k1"])
        #expect(await scene.visit(&visitors) == Array(repeating: "in", count: 5))
        #expect(scene.snapshot.reservedCount == 0)
    }

    /// Redis has lost everything before the opening, and numbers were left out.
    @Test func `Numbers that a loss left out before the draw are nobody ahead of anybody`()
        async throws
    {
        let scene = try #require(try await DrawScene(isShared: true, opensIn: 20_000))
        var visitors = await scene.visitors(5)
        await scene.loseData()
        #expect(scene.snapshot.unused.numbers == [0, 100_000])
        visitors += await scene.visitors(2)
        await scene.pass(milliseconds: 20_000)
        var ahead: [Int64] = []
        for index in visitors.indices {
            let answer = await visitors[index].visit(scene.room)
            guard !answer.isProxied else { continue }
            ahead.append(try #require(Self.number("ahead", of: answer.body)))
        }
        #expect(ahead.sorted() == [0, 1, 2, 3, 4])
        let newcomer = try #require(try await scene.newcomer())
        #expect(newcomer.serving >= 100_002)
        #expect(newcomer.ahead(of: newcomer.tail) == scene.snapshot.ahead(of: newcomer.tail))
        #expect(newcomer.waitingCount == 5)
    }

    @Test func `The pulse says which numbers before somebody are nobody's`() async throws {
        let scene = try #require(try await DrawScene(isShared: true, opensIn: 20_000))
        _ = await scene.visitors(2)
        #expect(!String(decoding: scene.room.pulse().body, as: UTF8.self).contains("unused"))
        await scene.loseData()
        let pulse = String(decoding: scene.room.pulse().body, as: UTF8.self)
        #expect(pulse.contains(#""tail":100000,"unused":[[0,100000]],"#))
    }

    private static func number(_ key: String, of json: String) -> Int64? {
        guard let start = json.firstRange(of: "\"\(key)\":") else { return nil }
        return Int64(json[start.upperBound...].prefix { $0.isNumber })
    }

    @Test func `A number is good for a day from the opening on, however early it was given`()
        async throws
    {
        let hour: Int64 = 3_600_000
        let scene = RoomScene {
            $0.schedule = RoomSchedule(opensAt: 1_795_000_000_000 + 30 * 3_600_000)
        }
        var visitor = SceneVisitor()
        for hours in [0, 25] as [Int64] {
            scene.clock.time.add(hours * hour, ordering: .relaxed)
            await scene.room.tick()
            #expect(await visitor.visit(scene.room).waitingRoom.contains("ticket=1"), "\(hours)")
        }
        #expect(Self.isGood(openedHoursAgo: 23))
        #expect(!Self.isGood(openedHoursAgo: 24))
        #expect(!Self.isGood(openedHoursAgo: -1, ageDays: 31), "and not for ever before it")
    }

    private static func isGood(openedHoursAgo hours: Int64, ageDays: Int64 = 2) -> Bool {
        let now: Int64 = 1_795_000_000
        let secret = [UInt8](repeating: 9, count: 32)
        let keys = RoomKeys(room: "onsale", current: (id: "k1", secret: secret))
        let ticket = Ticket(
            epoch: 3,
            position: 9,
            id: TicketID(from: { Array(1...UInt8($0)) }),
            issuedSeconds: now - ageDays * 86_400,
            keys: keys
        )
        let text = TokenReader(.kept(ticket.text(room: "onsale")), of: "onsale")
        let opens = now - hours * 3_600
        return Ticket(text, keys: keys, nowSeconds: now, opensSeconds: opens) != nil
    }

    @Test func `Whoever came before the opening while the store was away is drawn with the others`()
        async throws
    {
        var settings = WaitingRoomSettings(name: "onsale")
        settings.isRandom = true
        settings.schedule = RoomSchedule(opensAt: 1_795_000_060_000)
        let store = FlakyQueueStore(MemoryQueueStore(settings: settings, epoch: 3))
        let room = RoomScene.room(settings, store: store, clock: SceneClock())
        await room.tick()
        store.isAway.store(true, ordering: .relaxed)
        var visitor = SceneVisitor()
        #expect(await visitor.visit(room).waitingRoom.contains("state=paused"))
        let provisional = visitor.place
        #expect(await visitor.poll(room).waitingRoom.contains("state=paused"))
        store.isAway.store(false, ordering: .relaxed)
        let answer = await visitor.poll(room)
        #expect(answer.body.contains(#""registration":1"#))
        #expect(answer.body.contains(#""reason":null"#))
        #expect(visitor.place != provisional)
        #expect(await visitor.poll(room).body.contains(#""registration":1"#))
    }

    @Test
    func `A recurring opening that has begun draws nobody who may be registered for the next`() {
        let schedule = RoomSchedule(
            opensAt: 100_000,
            prequeueMilliseconds: 20_000,
            everyMilliseconds: 60_000
        )
        #expect(schedule.draws(at: 50_000) == 100_000 && schedule.draws(at: 90_000) == 100_000)
        #expect(schedule.draws(at: 129_999) == 100_000)
        #expect(schedule.draws(at: 130_000) == nil)
        #expect(schedule.draws(at: 140_001) == 160_000)
        #expect(RoomSchedule(opensAt: 100_000).draws(at: 900_000) == 100_000)
        #expect(RoomSchedule(opensAt: 1, closesAt: 5).draws(at: 9) == nil)
    }
}
