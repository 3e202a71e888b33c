import Redis
import Synchronization
import Testing

@testable import Gateway

/// Registrations of those who come before an opening, when Redis loses them or is away.
extension RedisQueueStoreTests {
    /// Two gateways, of which the second has not heard of the last registrations.
    private func registered(_ redis: RedisServer, _ count: Int64, opensAt: Int64, now: Int64)
        async throws -> (one: RedisQueueStore, other: RedisQueueStore)
    {
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        try await one.tick(now: now + 1_000)
        for index in 1...count {
            if index == count - 1 { try await other.tick(now: now + 1_000) }
            let place = try await register(one, opensAt: opensAt, now: now + 1_000)
            #expect(place?.count == index)
        }
        return (one, other)
    }

    private func register(
        _ store: RedisQueueStore,
        opensAt: Int64,
        insteadOf provisional: ProvisionalPlace? = nil,
        now: Int64
    ) async throws(QueueStoreError) -> QueueRegistration? {
        try await store.register(opensAt: opensAt, key: 7, insteadOf: provisional, now: now)
    }

    enum Loss: CaseIterable { case everything, newest }

    @Test(arguments: Loss.allCases)
    func `Nobody is registered as somebody whom Redis has forgotten`(loss: Loss) async throws {
        let redis = try #require(RedisServer())
        let now = time(redis)
        let opensAt = now + 600_000
        let (one, other) = try await registered(redis, 5, opensAt: opensAt, now: now)
        switch loss {
        case .everything: _ = redis.command("FLUSHALL")
        case .newest: _ = redis.command("HSET", "wr:{shared}:st", "regs", "2")
        }
        // Where all is lost, the one that knows less finds out first.
        await #expect(throws: QueueStoreError.away) {
            try await register(
                loss == .everything ? other : one,
                opensAt: opensAt,
                now: now + 2_000
            )
        }
        for step in 2...4 as ClosedRange<Int64> {
            for store in [other, one] { try await store.tick(now: now + step * 1_000) }
        }
        #expect(one.snapshot().holdUntil == 0, "both have told")
        let next = try await register(other, opensAt: opensAt, now: now + 5_000)
        #expect(next?.count == 6)
        #expect(next?.name == one.snapshot().registration.name && next?.key == 7)
        #expect(next?.opensAt == opensAt)
    }

    @Test func `Who left before the draw at one gateway is known to another after it`() async throws {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        let now = try await stopTime(redis, [one, other])
        let opensAt = now + 600_000
        var name: Int64 = 0
        for _ in 0..<3 {
            name = try await register(one, opensAt: opensAt, now: now)?.name ?? 0
        }
        // Before a gateway has heard of the room, and of a line that is over.
        await #expect(throws: QueueStoreError.away) {
            try await other.withdraw(3, of: name, epoch: one.snapshot().epoch, now: now)
        }
        try await one.withdraw(1, of: name, epoch: one.snapshot().epoch - 1, now: now)
        try await one.withdraw(2, of: name, epoch: one.snapshot().epoch, now: now)
        try await other.tick(now: now + 1_000)
        let before = other.snapshot().draw
        #expect(try await other.withdrawn(from: before, now: now + 1_000) == [])
        _ = redis.command("SET", "clock", "\(opensAt)")
        try await other.tick(now: opensAt)
        let draw = other.snapshot().draw
        #expect(draw.count == 3)
        #expect(try await other.withdrawn(from: draw, now: opensAt) == [2])
        let calls = calls(redis)
        #expect(try await other.withdrawn(from: draw, now: opensAt) == [])
        #expect(self.calls(redis) == calls + 1, "Redis is not asked again and again")
    }

    @Test func `Of a crowd that left before the draw some are told with each tick`() {
        var heard = HeardWithdrawals()
        let draw = QueueDraw(name: 5_000, after: 0, count: 9)
        heard.note([1, 2, 3], of: 5_000, base: 1)
        let first = heard.take(from: draw, base: 1, limit: 2)
        let second = heard.take(from: draw, base: 1, limit: 2)
        let third = heard.take(from: draw, base: 1, limit: 2)
        #expect(((first ?? []) + (second ?? [])).sorted() == [1, 2, 3] && first?.count == 2)
        #expect(third == nil)
        // The line begins anew, with a registration of the same name.
        heard.note([4], of: 5_000, base: 1)
        let anew = heard.take(from: draw, base: 2, limit: 2)
        heard.note([5], of: 5_000, base: 1)
        let late = heard.take(from: draw, base: 2, limit: 2)
        #expect(anew == [] && late == nil)
    }

    @Test func `A Redis that refuses to say when it opens is not away`() async throws {
        let redis = try #require(RedisServer())
        let settings = settings(capacity: 2)
        let store = RedisQueueStore(
            settings: settings,
            redis: StrictRedis(redis),
            rules: .patient(settings)
        ) { _ in await Task.yield() }
        let now = time(redis)
        try await store.configure(.patient(settings), now: now)
        for step in 1...3 as ClosedRange<Int64> { try await store.tick(now: now + step * 11_000) }
        #expect(store.failure == nil)
    }

    /// A Redis whose rules for this user leave a command out.
    private struct StrictRedis: RedisCommanding {
        private let redis: RedisServer

        init(_ redis: RedisServer) { self.redis = redis }

        func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
            guard arguments.first != Array("HGET".utf8) else {
                throw RedisError.refused("NOPERM")
            }
            return try await redis.command(arguments)
        }
    }

    @Test func `How far the line had come is told in the hold after its loss alone`() {
        var memory = RedisQueueMemory(rules: .patient(settings(capacity: 2)))
        let learn = { (epoch: Int64, hold: Int64) in
            var values = [RESPValue](repeating: .integer(0), count: 29)
            for (index, value) in [(2, epoch), (3, 1), (5, 9), (13, hold)] as [(Int, Int64)] {
                values[index] = .integer(value)
            }
            guard let reply = RedisQueueReply(.array(values)) else { return }
            memory.learn(reply, now: 1_000)
        }
        learn(1, 0)
        learn(2, 500)
        #expect(memory.progress?.tail == 9)
        learn(2, 0)
        #expect(memory.progress == nil)
        learn(2, 500)
        #expect(memory.progress == nil)
        learn(3, 0)
        #expect(memory.progress == nil)
    }

    @Test func `A gateway that was not told of another opening than the others says so`()
        async throws
    {
        let redis = try #require(RedisServer())
        let (one, other) = (store(redis, capacity: 2), store(redis, capacity: 2, node: 2))
        var now = time(redis)
        var rules = QueueRules.patient(settings(capacity: 2))
        rules.opensMilliseconds = now + 600_000
        try await one.configure(rules, now: now)
        let pass = { (stores: [RedisQueueStore]) in
            for _ in 0..<3 {
                now += 11_000
                for store in stores { try await store.tick(now: now) }
            }
        }
        try await pass([one])
        #expect(one.foreignOpening == nil)
        rules.opensMilliseconds += 300_000
        try await other.configure(rules, now: now)
        try await pass([other, one])
        #expect(one.foreignOpening == rules.opensMilliseconds)
        #expect(other.foreignOpening == nil)
        try await one.configure(rules, now: now)
        try await pass([other, one])
        #expect(one.foreignOpening == nil)
    }

    @Test func `A place of an outage is exchanged for one registration, and takes no number then`()
        async throws
    {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        let store = RedisQueueStore(
            settings: settings(capacity: 2),
            redis: line,
            rules: .patient(settings(capacity: 2))
        ) { _ in await Task.yield() }
        let now = try await stopTime(redis, [store])
        let opensAt = now + 600_000
        try await store.tick(now: now)
        _ = try await register(store, opensAt: opensAt, now: now)
        line.isCut.store(true, ordering: .relaxed)
        await #expect(throws: QueueStoreError.away) {
            try await register(store, opensAt: opensAt, now: now)
        }
        let places = [store.provision(now: now), store.provision(now: now)]
        line.isCut.store(false, ordering: .relaxed)
        for step in 1...3 as ClosedRange<Int64> { try await store.tick(now: now + step * 1_000) }
        for _ in 0..<2 {
            let place = try await register(store, opensAt: opensAt, insteadOf: places[0], now: now)
            #expect(place?.count == 2)
        }
        _ = redis.command("SET", "clock", "\(opensAt)")
        for step in 1...3 as ClosedRange<Int64> {
            try await store.tick(now: opensAt + step * 1_000)
        }
        #expect(store.snapshot().draw.count == 2)
        #expect(store.snapshot().tail == 3, "the other one is behind those who were drawn")
        #expect(try await store.place(places[1], now: opensAt + 3_000)?.position == 3)
    }
}
