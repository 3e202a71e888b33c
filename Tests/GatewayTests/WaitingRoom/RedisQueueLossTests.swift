import Redis
import Synchronization
import Testing

@testable import Gateway

/// A Redis that cannot be reached whenever the test says so.
final class CutRedis: RedisCommanding {
    let isCut = Atomic<Bool>(false)
    /// What happens once while the next command is on its way.
    let meanwhile = Mutex<(@Sendable () -> Void)?>(nil)
    private let redis: RedisServer

    init(_ redis: RedisServer) { self.redis = redis }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        if isCut.load(ordering: .relaxed) { throw RedisError.closed }
        meanwhile.withLock { $0.take() }?()
        return try await redis.command(arguments)
    }
}

/// What gateways tell a Redis that was away, or that has lost what it knew.
extension RedisQueueStoreTests {
    /// Redis loses its data while one is inside, one is called up, and two of the next four are there.
    @Test(arguments: [true, false])
    func `After a loss of its data a line goes on at once if every gateway remembers its head`(
        remembers: Bool
    ) async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        let now = time(redis)
        for store in remembers ? [one, other] : [one] { try await store.tick(now: now + 1_000) }
        var places: [QueuePlace] = []
        for index in 1...6 {
            let aliveUntil = now + (index <= 2 ? 60_000 : 1)
            let place = try await one.join(aliveUntil: aliveUntil, now: now + 1_000)
            places.append(try #require(place))
        }
        let first = try await one.claim(turn(places[0], now: now + 60_000), now: now + 1_000)
        #expect(Self.isAdmitted(first))
        for place in [places[3], places[5]] {
            one.mark(place.position, aliveUntil: now + 60_000)
        }
        for step in 2...3 as ClosedRange<Int64> {
            for store in [one, other] { try await store.tick(now: now + step * 1_000) }
        }
        _ = redis.command("FLUSHALL")
        for step in 4...6 as ClosedRange<Int64> {
            for store in [one, other] { try await store.tick(now: now + step * 1_000) }
        }
        #expect(one.snapshot().epoch == places[0].epoch + 1)
        #expect((one.snapshot().holdUntil > now + 6_000) == !remembers)
        guard remembers else { return }
        #expect(one.snapshot().profile.present(after: 2, before: 7) == 2, "two of four are there")
        let second = try await other.claim(turn(places[1], now: now + 60_000), now: now + 6_000)
        #expect(Self.isAdmitted(second))
        #expect(one.snapshot().serving == 2, "no slot is free")
        try await one.leave(turn(places[0], now: now).session, now: now + 6_000)
        try await one.tick(now: now + 7_000)
        #expect(one.snapshot().serving == 4, "the third was not seen, and the fourth was")
        let last = try await one.claim(turn(places[5], now: now + 60_000), now: now + 7_000)
        #expect(last == .waiting)
    }

    @Test func `Whoever left while Redis was away takes no slot once it is back`() async throws {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        let store = RedisQueueStore(
            settings: settings(capacity: 1),
            redis: line,
            rules: .patient(settings(capacity: 1))
        ) { _ in await Task.yield() }
        let now = time(redis)
        try await store.tick(now: now + 1_000)
        var places: [QueuePlace] = []
        for _ in 0..<2 {
            let place = try await store.join(aliveUntil: now + 60_000, now: now + 1_000)
            places.append(try #require(place))
        }
        let claim = try await store.claim(turn(places[0], now: now + 60_000), now: now + 1_000)
        #expect(Self.isAdmitted(claim))
        let session = turn(places[0], now: now).session
        line.isCut.store(true, ordering: .relaxed)
        await #expect(throws: QueueStoreError.self) {
            try await store.leave(session, now: now + 2_000)
        }
        #expect(store.extend(session, until: now + 9_000, now: now + 2_000) == nil)
        line.isCut.store(false, ordering: .relaxed)
        for step in 3...5 as ClosedRange<Int64> { try await store.tick(now: now + step * 1_000) }
        #expect(store.snapshot().serving == 2, "the next one is called up")
        #expect(try await store.renew(session, adopts: true, now: now + 5_000) == nil)
    }

    /// Gateways of one room, each with its way to Redis.
    private static func gateways(
        _ lines: [any RedisCommanding],
        _ settings: WaitingRoomSettings,
        _ rules: QueueRules
    ) -> [RedisQueueStore] {
        lines.enumerated().map { index, line in
            RedisQueueStore(
                settings: settings,
                redis: line,
                node: Int64(index + 1),
                rules: rules
            ) { _ in await Task.yield() }
        }
    }

    @Test func `A gateway that is cut off puts an end off no further than Redis keeps the slot`()
        async throws
    {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        var long = settings(capacity: 1)
        (long.sessionSeconds, long.leaseSeconds) = (60, 10)
        let stores = Self.gateways([line, redis], long, .patient(long))
        let now = time(redis)
        for step in 1...3 as ClosedRange<Int64> {
            for store in stores { try await store.tick(now: now + step * 1_000) }
        }
        let joined = try await stores[0].join(aliveUntil: now + 60_000, now: now + 3_000)
        let turn = turn(try #require(joined), now: now + 60_000)
        #expect(Self.isAdmitted(try await stores[0].claim(turn, now: now + 3_000)))
        line.isCut.store(true, ordering: .relaxed)
        var at = now + 3_000
        var signed = now + 13_000
        while at < now + 200_000 {
            at += 4_000
            let trusted = signed > at ? signed : 0
            let end = stores[0].extend(turn.session, until: trusted, now: at)
            guard let end else { break }
            signed = min(end, at + 10_000) - 250
        }
        #expect((now + 55_000...now + 68_000).contains(at))
    }

    /// Who let a visitor go on while Redis was away owes that visitor's slot until the end that the request
    /// would have had.
    @Test(arguments: [true, false])
    func `Redis keeps the slots of those who went on while it was away, when it answers again`(
        isKnownHere: Bool
    ) async throws {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        var brief = settings(capacity: 1)
        (brief.sessionSeconds, brief.leaseSeconds) = (10, 10)
        let stores = Self.gateways([line, line], brief, QueueRules(brief))
        let start = try await stopTime(redis, stores)
        func pass(to now: Int64) async throws {
            _ = redis.command("SET", "clock", "\(now)")
            for store in stores { try await store.tick(now: now) }
        }
        for step in 1...3 as ClosedRange<Int64> { try await pass(to: start + step * 1_000) }
        let entry = start + 3_000
        let joined = try await stores[0].join(aliveUntil: entry + 60_000, now: entry)
        let turn = turn(try #require(joined), now: entry + 60_000)
        #expect(Self.isAdmitted(try await stores[0].claim(turn, now: entry)))
        line.isCut.store(true, ordering: .relaxed)
        let request = entry + 8_000
        let store = stores[isKnownHere ? 0 : 1]
        let end = store.extend(turn.session, until: request + 1_000, now: request)
        #expect(try #require(end) <= entry + 10_000)
        line.isCut.store(false, ordering: .relaxed)
        try await pass(to: request + 1_000)
        try await pass(to: request + 1_500)
        let score = redis.command("ZSCORE", "wr:{shared}:act", turn.session.text)
        let kept = try #require(score.text.flatMap { Int64($0) })
        #expect(kept == request + 10_000)
    }

    @Test func `Places given out until the moment Redis answers again keep their order`()
        async throws
    {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        let stores = [Int64(1), 2].map { node in
            RedisQueueStore(settings: settings(capacity: 1), redis: line, node: node) { _ in
                await Task.yield()
            }
        }
        let (one, other) = (stores[0], stores[1])
        let now = try await stopTime(redis, stores)
        for store in stores { try await store.tick(now: now) }
        line.isCut.store(true, ordering: .relaxed)
        for store in stores { try? await store.tick(now: now + 1_000) }
        let late = other.provision(now: now + 3_000)
        _ = redis.command("SET", "clock", "\(now + 20_000)")
        line.isCut.store(false, ordering: .relaxed)
        try await other.tick(now: now + 20_000)
        let early = Mutex<ProvisionalPlace?>(nil)
        line.meanwhile.withLock {
            $0 = { early.withLock { $0 = one.provision(now: now + 2_000) } }
        }
        for step in 20...22 as ClosedRange<Int64> {
            _ = redis.command("SET", "clock", "\(now + step * 1_000)")
            for store in stores { try await store.tick(now: now + step * 1_000 + 500) }
        }
        let earlier = try #require(early.withLock { $0 })
        let first = try #require(await one.place(earlier, now: now + 23_000))
        let second = try #require(await other.place(late, now: now + 23_000))
        #expect(first.position < second.position)
    }

    @Test func `A gateway that was restarted learns whom it had let in`() async throws {
        let redis = try #require(RedisServer())
        let (before, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        let now = time(redis)
        for store in [before, other] {
            let place = try await store.join(aliveUntil: now + 60_000, now: now + 1_000)
            let claim = turn(try #require(place), now: now + 60_000)
            #expect(Self.isAdmitted(try await store.claim(claim, now: now + 1_000)))
        }
        let after = store(redis, capacity: 2)
        try await after.tick(now: now + 2_000)
        let sessions = after.memory.withLock { Array($0.sessions.keys) }
        #expect(sessions == [SessionID(high: 9, low: 1)], "the other gateway's are its own to tell")
        #expect(after.touch(sessions[0], now: now + 2_000) == .unknown, "Redis is asked first")
    }

    @Test func `A gateway learns of more sessions than fit into one answer`() async throws {
        let redis = try #require(RedisServer())
        let before = store(redis, capacity: 2_500)
        let now = time(redis)
        for _ in 0..<2_100 {
            let place = try await before.join(aliveUntil: now + 60_000, now: now + 1_000)
            let claim = turn(try #require(place), now: now + 60_000)
            #expect(Self.isAdmitted(try await before.claim(claim, now: now + 1_000)))
        }
        let after = store(redis, capacity: 2_500)
        try await after.tick(now: now + 2_000)
        #expect(after.memory.withLock { $0.sessions.count } == 2_100)
    }

    private static func isAdmitted(_ claim: QueueClaim) -> Bool {
        if case .admitted = claim { return true }
        return false
    }
}
