import Redis
import Synchronization
import Testing

@testable import Gateway

@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct RedisQueueStoreTests {
    @Test func `Two gateways that share a room never give a number twice nor exceed the cap`()
        async throws
    {
        let redis = try #require(RedisServer())
        let stores = [store(redis, capacity: 5), store(redis, capacity: 5)]
        let now = try await stopTime(redis, stores)
        let places = await withTaskGroup(of: QueuePlace?.self) { group in
            for index in 0..<200 {
                group.addTask {
                    try? await stores[index % 2].join(aliveUntil: now + 8_000, now: now)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let numbers = places.compactMap(\.self).map(\.position)
        #expect(numbers.sorted() == Array(1...200))
        var admitted = 0
        for place in places.compactMap(\.self) {
            let answer = try await stores[Int(place.position) % 2].claim(
                turn(place, now: now),
                now: now
            )
            if case .admitted = answer {
                admitted += 1
                #expect(place.position <= 5)
            }
        }
        #expect(admitted == 5)
        #expect(stores[0].snapshot().tail == 200)
    }

    @Test func `Whoever came before the last word of Redis is told of no recovery that never was`()
        async throws
    {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let now = try await stopTime(redis, [store])
        try await store.tick(now: now + 5)
        #expect(store.isCurrent(since: now))
        #expect(store.snapshot().holdUntil <= now)
    }

    @Test
    func `Joins that come together get their numbers with one command in the order they came`()
        async throws
    {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let now = time(redis)
        _ = try await store.join(aliveUntil: now + 8_000, now: now)
        let before = calls(redis)
        let positions = await withTaskGroup(of: Int64.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    (try? await store.join(aliveUntil: now + 8_000, now: now))??.position ?? 0
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(positions.sorted() == Array(2...101))
        #expect(calls(redis) - before < 100 * 8)
    }

    @Test func `How many of those in line are still there is known without asking them`()
        async throws
    {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let now = try await stopTime(redis, [store])
        for _ in 0..<100 { _ = try await store.join(aliveUntil: now + 8_000, now: now) }
        for _ in 0..<300 { _ = try await store.join(aliveUntil: now - 1, now: now) }
        for _ in 0..<50 { _ = try await store.join(aliveUntil: now + 8_000, now: now) }
        try await store.tick(now: now)
        let snapshot = store.snapshot()
        #expect(snapshot.serving == 1)
        #expect(snapshot.profile.present(after: 1, before: 451) == 149)
        #expect(abs(snapshot.profile.present(after: 1, before: 251) - 99) <= 4)
    }

    @Test func `A place moves to another device through another gateway, once`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 1), store(redis, capacity: 1))
        let now = time(redis)
        let first = try #require(try await one.join(aliveUntil: now + 8_000, now: now))
        let place = try #require(try await one.join(aliveUntil: now + 8_000, now: now))
        #expect(try await one.claim(turn(first, now: now), now: now) != .waiting)
        let offer = QueueOffer(place: place, isInvited: false, moves: 0)
        #expect(try await one.offer(offer, code: "ABCDEFGH", now: now))
        #expect(try await other.redeem("ABCDEFGG", now: now) == nil)
        let moved = QueueOffer(place: place, isInvited: false, moves: 1)
        #expect(try await other.redeem("ABCDEFGH", now: now) == moved)
        #expect(try await other.redeem("ABCDEFGH", now: now) == nil)
        var old = turn(place, now: now)
        #expect(try await one.claim(old, now: now) == .spent)
        old.moves = 1
        #expect(try await one.claim(old, now: now) == .waiting)
        #expect(try await one.offer(offer, code: "ABCDEFGH", now: now) == false)
        // Nor does the old device give away what is not its own.
        let invitation = Invitation(name: "i", uses: 1)
        #expect(
            try await !one.invite(place.position, moves: 0, invitation: invitation, now: now)
        )
        try await one.giveUp(place.position, moves: 0, now: now)
        #expect(try await one.claim(old, now: now) == .waiting)
        try await one.giveUp(place.position, moves: 1, now: now)
        #expect(try await one.claim(old, now: now) == .spent)
    }

    @Test func `A gateway that saw more of the line than the one that told Redis first adds it`()
        async throws
    {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 3), store(redis, capacity: 3, node: 2))
        let now = time(redis)
        for store in [one, other] { try await store.tick(now: now + 1_000) }
        for store in [one, other] { try await store.tick(now: now + 2_000) }
        var places: [QueuePlace] = []
        for _ in 0..<5 {
            let place = try await other.join(aliveUntil: now + 60_000, now: now + 2_000)
            places.append(try #require(place))
        }
        for place in places.prefix(3) {
            _ = try await other.claim(turn(place, now: now + 9_000), now: now + 2_000)
        }
        #expect(other.snapshot().serving == 3)
        #expect(one.snapshot().serving == 0)
        _ = redis.command("FLUSHALL")
        // The one that knows less comes first, and makes the room anew.
        for step in 3...6 as ClosedRange<Int64> {
            try await one.tick(now: now + step * 1_000)
            try await other.tick(now: now + step * 1_000)
            #expect(other.snapshot().ahead(of: 5) == 1, "nobody's place moves back")
        }
        try await one.tick(now: now + 7_000)
        #expect(one.snapshot().epoch == places[0].epoch + 1)
        #expect(one.snapshot().serving == 3)
        #expect(one.snapshot().ahead(of: 5) == 1)
    }

    @Test func `A session seen by one gateway is known to the other and ends for both`()
        async throws
    {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2))
        let now = time(redis)
        let place = try #require(try await one.join(aliveUntil: now + 8_000, now: now))
        let claim = turn(place, now: now)
        guard case .admitted(let until) = try await one.claim(claim, now: now) else {
            Issue.record("an empty room admits")
            return
        }
        #expect(abs(until - now - 60_000) < 5_000)
        #expect(other.touch(claim.session, now: now) == .unknown)
        #expect(try await other.renew(claim.session, adopts: true, now: now) != nil)
        #expect(other.touch(claim.session, now: now) != .unknown)
        try await one.leave(claim.session, now: now)
        #expect(one.touch(claim.session, now: now) == .unknown)
        try await other.tick(now: now + 500)
        #expect(other.touch(claim.session, now: now + 500) == .unknown)
        #expect(try await one.renew(claim.session, adopts: true, now: now) == nil)
        #expect(try await one.claim(claim, now: now) == .spent)
    }

    /// An answer that took longer than a slot stays taken after its session: by then the backend knows of the visitor.
    @Test func `A session lasts from its last answer on, whatever its request waited for`()
        async throws
    {
        let redis = try #require(RedisServer())
        let one = store(redis, capacity: 1)
        let start = try await stopTime(redis, [one])
        let places = [
            try #require(try await one.join(aliveUntil: start + 8_000, now: start)),
            try #require(try await one.join(aliveUntil: start + 8_000, now: start)),
        ]
        let session = turn(places[0], now: start).session
        #expect(try await one.claim(turn(places[0], now: start), now: start) != .waiting)
        let answered = start + 5_000
        _ = redis.command("SET", "clock", "\(answered)")
        one.noteAnswer(to: session, now: answered)
        try await one.tick(now: answered)
        let ends = [start + 60_000, answered + 59_900, answered + 60_000]
        for (end, isFree) in zip(ends, [false, false, true]) {
            _ = redis.command("SET", "clock", "\(end)")
            try await one.tick(now: end)
            let answer = try await one.claim(turn(places[1], now: end), now: end)
            #expect((answer != .waiting) == isFree, "\(end - start) ms")
        }
        // Who left is not brought back by an answer that came late.
        let next = turn(places[1], now: start).session
        let now = ends[2]
        try await one.leave(next, now: now)
        one.noteAnswer(to: next, now: now)
        try await one.tick(now: now + 300)
        #expect(one.touch(next, now: now + 300) == .unknown)
    }

    /// How long after somebody left the next one comes in, if both gateways tick each 50 ms, or only one does.
    @Test(arguments: [true, false])
    func `A slot is free as soon as every gateway has heard who left`(bothHear: Bool) async throws {
        let redis = try #require(RedisServer())
        // The same node: a program and the one that takes over from it.
        let stores = [store(redis, capacity: 1), store(redis, capacity: 1)]
        let start = try await stopTime(redis, stores)
        for step in 0..<4 as Range<Int64> {
            for store in stores { try await store.tick(now: start - 1_000 + step * 300) }
        }
        let places = [
            try #require(try await stores[0].join(aliveUntil: start + 8_000, now: start)),
            try #require(try await stores[0].join(aliveUntil: start + 8_000, now: start)),
        ]
        let session = turn(places[0], now: start).session
        #expect(try await stores[0].claim(turn(places[0], now: start), now: start) != .waiting)
        #expect(try await stores[1].renew(session, adopts: false, now: start) != nil)
        try await stores[0].leave(session, now: start)
        var now = start
        while true {
            now += 50
            _ = redis.command("SET", "clock", "\(now)")
            for store in stores.prefix(bothHear ? 2 : 1) { try await store.tick(now: now) }
            let isTrusted = stores[1].touch(session, now: now) != .unknown
            let answer = try await stores[0].claim(turn(places[1], now: now), now: now)
            if case .admitted = answer {
                #expect(!isTrusted, "at no time do both count as inside")
                break
            }
            #expect(now - start < 1_000)
            guard now - start < 1_000 else { break }
        }
        #expect((bothHear ? 100...250 : 450...550).contains(now - start))
    }

    @Test(arguments: [Int64(3_000), 12_000])
    func `A gateway that was deaf for a while trusts no session that left meanwhile`(
        milliseconds: Int64
    ) async throws {
        let redis = try #require(RedisServer())
        let (one, deaf) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        let start = try await stopTime(redis, [one, deaf])
        for store in [one, deaf] { try await store.tick(now: start) }
        let place = try #require(try await one.join(aliveUntil: start + 8_000, now: start))
        let session = turn(place, now: start).session
        #expect(try await one.claim(turn(place, now: start), now: start) != .waiting)
        #expect(try await deaf.renew(session, adopts: false, now: start) != nil)
        #expect(deaf.touch(session, now: start) != .unknown)
        try await one.leave(session, now: start)
        let now = start + milliseconds
        _ = redis.command("SET", "clock", "\(now)")
        #expect(deaf.touch(session, now: now) == .unknown)
        // A claim makes nothing of sessions known again.
        _ = try await deaf.join(aliveUntil: now, now: now)
        #expect(deaf.touch(session, now: now) == .unknown)
        try await deaf.tick(now: now)
        #expect(deaf.touch(session, now: now) == .unknown)
    }

    @Test func `A minute of waiting costs Redis at most thirty commands a second`() async throws {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let start = time(redis)
        for _ in 0..<3_000 { _ = try await store.join(aliveUntil: start + 600_000, now: start) }
        _ = try await store.claim(
            turn(QueuePlace(epoch: store.snapshot().epoch, position: 1), now: start),
            now: start
        )
        let clock = "local function clock() return tonumber(redis.call('GET', 'clock')) end\n"
        let library = RedisQueueFunctions.library(clock: clock)
        _ = try await redis.command(
            ["FUNCTION", "LOAD", "REPLACE"].map { Array($0.utf8) } + [library]
        )
        let before = calls(redis)
        for step in 0..<600 {
            let now = start + Int64(step) * 100
            _ = redis.command("SET", "clock", "\(now)")
            // Everybody polls each ten seconds or so.
            for index in 0..<30 {
                store.mark(2 + Int64((step * 30 + index) % 2_999), aliveUntil: now + 22_000)
            }
            try await store.tick(now: now)
        }
        #expect((calls(redis) - before - 600) / 60 <= 30)
        #expect(calls(redis) - before > 60 * 5)
    }

    @Test
    func
        `A Redis that lost everything issues no number again and admits nobody before all have told`()
        async throws
    {
        let redis = try #require(RedisServer())
        let (store, other) = (store(redis, capacity: 1), store(redis, capacity: 1, node: 2))
        let now = time(redis)
        let first = try #require(try await store.join(aliveUntil: now + 8_000, now: now))
        guard case .admitted = try await store.claim(turn(first, now: now), now: now) else {
            Issue.record("an empty room admits")
            return
        }
        let second = try #require(try await store.join(aliveUntil: now + 8_000, now: now))
        for store in [store, other] { try await store.tick(now: now + 1_000) }
        for store in [store, other] { try await store.tick(now: now + 2_000) }
        _ = redis.command("FLUSHALL")
        _ = redis.command("FUNCTION", "FLUSH")
        // Whoever comes now is numbered behind those whom the other gateway may know.
        await #expect(throws: QueueStoreError.self) {
            try await store.join(aliveUntil: now + 8_000, now: now + 2_000)
        }
        try await store.tick(now: now + 3_000)
        #expect(store.snapshot().holdUntil > now + 3_000)
        #expect(try await store.claim(turn(second, now: now), now: now + 3_000) == .waiting)
        try await other.tick(now: now + 3_000)
        try await store.tick(now: now + 4_000)
        try await store.tick(now: now + 5_000)
        #expect(store.snapshot().epoch == first.epoch + 1)
        #expect(store.snapshot().tail > 100_000)
        #expect(store.snapshot().ahead(of: store.snapshot().tail) < 3)
        #expect(store.snapshot().activeCount == 1)
        #expect(try await store.claim(turn(second, now: now), now: now + 5_000) == .waiting)
        let session = turn(first, now: now).session
        #expect(try await store.renew(session, adopts: false, now: now + 5_000) != nil)
        try await store.leave(session, now: now + 5_000)
        #expect(try await store.claim(turn(first, now: now), now: now + 5_000) == .spent)
    }

    @Test func `Places given out while Redis is away are numbered in the order of their times`()
        async throws
    {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 1), store(redis, capacity: 1, node: 2))
        let now = try await stopTime(redis, [one, other])
        for store in [one, other, one, other] { try await store.tick(now: now + 1_000) }
        var places = (0..<6).map { index in
            (index % 2 == 0 ? one : other).provision(now: now + 1_000 + Int64(index))
        }
        _ = redis.command("SET", "clock", "\(now + 3_000)")
        for store in [other, one, other, one] { try await store.tick(now: now + 3_000) }
        for store in [other, one] { try await store.tick(now: now + 4_000) }
        var numbers: [Int64] = []
        for place in places {
            numbers.append(try await other.place(place, now: now + 4_000)?.position ?? 0)
        }
        #expect(Set(numbers).count == 6 && !numbers.contains(0))
        #expect(numbers[0] < numbers[2] && numbers[2] < numbers[4])
        #expect(numbers[1] < numbers[3] && numbers[3] < numbers[5])
        // One whose gateway is gone, and the same again.
        places = [ProvisionalPlace(milliseconds: now, node: 3, sequence: 1)]
        let late = try await one.place(places[0], now: now + 4_000)
        #expect(late?.position == 7)
        #expect(try await other.place(places[0], now: now + 4_000) == late)
    }

    @Test func `What an operator decides is in force on every gateway`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        let now = time(redis)
        for store in [one, other] { try await store.tick(now: now + 1_000) }
        var control = RoomControl()
        let isSet = [control.set("mode", to: "pause"), control.set("capacity", to: "7")]
        #expect(isSet == [true, true])
        try await one.decide(control, now: now + 1_000)
        for store in [other, one] { try await store.tick(now: now + 2_000) }
        #expect(other.control.mode == .paused)
        #expect(other.control.text == one.control.text)
        #expect(other.control.version == 1)
    }

    @Test func `An invitation counts its uses in Redis`() async throws {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let now = time(redis)
        for _ in 0..<4 { _ = try await store.join(aliveUntil: now + 8_000, now: now) }
        let epoch = store.snapshot().epoch
        let places = (1...4).map { QueuePlace(epoch: epoch, position: Int64($0)) }
        _ = try await store.claim(turn(places[0], now: now), now: now)
        let invitation = Invitation(name: "i", uses: 1)
        #expect(try await store.invite(4, moves: 0, invitation: invitation, now: now))
        #expect(try await !store.invite(3, moves: 0, invitation: invitation, now: now))
        try await store.leave(turn(places[0], now: now).session, now: now)
        var isIn = false
        for _ in 0..<50_000 where !isIn {
            #expect(try await store.claim(turn(places[1], now: now), now: now) == .waiting)
            if case .admitted = try await store.claim(turn(places[3], now: now), now: now) {
                isIn = true
            }
        }
        #expect(isIn)
    }

    @Test func `A server that is gone is a store that is away`() async throws {
        struct Gone: RedisCommanding {
            func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
                throw QueueStoreError.away
            }
        }
        let store = RedisQueueStore(settings: settings(capacity: 1), redis: Gone()) { _ in }
        await #expect(throws: QueueStoreError.away) { try await store.join(aliveUntil: 1, now: 0) }
        await #expect(throws: QueueStoreError.away) { try await store.tick(now: 10_000) }
        // Also where nothing was due: it is not back because nobody asked.
        await #expect(throws: QueueStoreError.away) { try await store.tick(now: 10_001) }
    }

    @Test(arguments: [
        RESPValue.null, .simple("OK"), .error("BUSY"), .integer(1), .array([]), .array([.null]),
    ])
    func `An answer that is none is a store that is away`(answer: RESPValue) async throws {
        struct Odd: RedisCommanding {
            let answer: RESPValue
            func command(_ arguments: [[UInt8]]) async throws -> RESPValue { answer }
        }
        let store = RedisQueueStore(settings: settings(capacity: 1), redis: Odd(answer: answer)) {
            _ in
        }
        let place = QueuePlace(epoch: 0, position: 1)
        await #expect(throws: QueueStoreError.away) { try await store.join(aliveUntil: 1, now: 0) }
        await #expect(throws: QueueStoreError.away) {
            try await store.claim(turn(place, now: 0), now: 0)
        }
        await #expect(throws: QueueStoreError.away) {
            try await store.renew(SessionID(high: 1, low: 1), adopts: true, now: 0)
        }
        await #expect(throws: QueueStoreError.away) { try await store.tick(now: 10_000) }
    }
}
