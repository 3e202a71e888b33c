import Redis
import Testing

@testable import Gateway

/// Five come, numbers are left out since what was known is lost, five come, and so on.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct RepeatedLossTests {
    @Test(arguments: [2, 3])
    func `After several losses a line kept in process has only people in it`(losses: Int) throws {
        let rules = QueueRules(settings)
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        var places: [Int64] = []
        for loss in 0...losses {
            if loss > 0 {
                let record = try #require(QueueRecord(text: machine.record(now: 1_000).text))
                machine = WaitingRoomStateMachine(
                    rules: rules,
                    record: record,
                    gap: 100_000,
                    now: 1_000
                )
            }
            for _ in 0..<5 {
                let place = machine.join(aliveUntil: 60_000, now: 1_000)
                places.append(try #require(place))
            }
        }
        var snapshot = machine.snapshot
        snapshot.profile = machine.profile(now: 1_000)
        expectPeople(snapshot, places)
        for position in places {
            machine.tick(now: 2_000)
            #expect(machine.snapshot.serving == position)
            machine.giveUp(position, now: 2_000)
        }
        #expect(machine.snapshot.figures.passedOver == 0)
    }

    @Test func `What a loss left out before a draw is nobody ahead of those who are drawn`() throws {
        var rules = QueueRules(settings)
        rules.capacity = 2
        var machine = WaitingRoomStateMachine(rules: rules, epoch: 1)
        for _ in 0..<3 { _ = machine.register(opensAt: 60_000, key: 7, now: 1_000) }
        let record = try #require(QueueRecord(text: machine.record(now: 1_000).text))
        machine = WaitingRoomStateMachine(rules: rules, record: record, gap: 100_000, now: 2_000)
        for _ in 0..<2 { _ = machine.register(opensAt: 60_000, key: 7, now: 3_000) }
        machine.drawIfDue(60_000)
        #expect(machine.snapshot.draw.after == 100_000 && machine.snapshot.draw.count == 5)
        let places = 100_001...100_005 as ClosedRange<Int64>
        #expect(places.map { machine.snapshot.ahead(of: $0) } == [0, 1, 2, 3, 4])
        machine.tick(now: 61_000)
        #expect(machine.snapshot.serving == 100_002)
        #expect(machine.snapshot.ahead(of: 100_005) == 2)
        #expect(machine.snapshot.figures.passedOver == 0)
    }

    @Test(arguments: [2, 3])
    func `After several losses a line kept in Redis has only people in it`(losses: Int)
        async throws
    {
        let redis = try #require(RedisServer())
        let store = store(redis, node: 1)
        var now = time(redis)
        let places = try await fill(redis, store, losses: losses, &now)
        let newcomer = self.store(redis, node: 2)
        try await pass(&now, [store, newcomer], places)
        expectPeople(store.snapshot(), places)
        expectPeople(newcomer.snapshot(), places)
        for position in places {
            try await store.tick(now: now)
            #expect(store.snapshot().serving == position)
            try await store.giveUp(position, moves: 0, now: now)
            now += 1_000
        }
        #expect(store.snapshot().figures.passedOver == 0)
    }

    /// It names the newest numbers that were left out and no others, and answers one who knows of no others.
    @Test func `A room that a program of before left behind, or looks at, goes on`() async throws {
        let redis = try #require(RedisServer())
        let store = store(redis, node: 1)
        var now = time(redis)
        let places = try await fill(redis, store, losses: 2, &now)
        let snapshot = store.snapshot()
        let words = ["FCALL", "haniel_room_v3_profile", "1", "wr:{lossy}:st", "\(snapshot.epoch)"]
        let reply = redis.exchange(words + ["0", "9", "0", "0"]).array ?? []
        let numbers = reply.last?.array?.compactMap(\.integer) ?? []
        #expect(reply.count == 2)
        let newest = snapshot.unused.stretches.last.map { [$0.after, $0.through] }
        #expect(Array(numbers.dropFirst(3).prefix(2)) == newest)
        #expect(numbers.dropFirst(2).first == snapshot.waitingCount + 100_000)
        _ = redis.command("HDEL", "wr:{lossy}:st", "unused")
        let newcomer = self.store(redis, node: 2)
        try await pass(&now, [newcomer], places)
        #expect(newcomer.snapshot().waitingCount == snapshot.waitingCount + 100_000)
        #expect(newcomer.snapshot().tail == places.last)
        // What one gateway still knows is told after the next loss.
        _ = redis.command("FLUSHALL")
        try await pass(&now, [store, newcomer], places)
        expectPeople(store.snapshot(), places)
        expectPeople(newcomer.snapshot(), places)
    }

    @Test func `Of more stretches than are remembered the oldest counts as people`() throws {
        var unused = UnusedNumbers()
        for index in 0...Int64(UnusedNumbers.limit) {
            unused.add(after: 100 * index, through: 100 * index + 10)
        }
        #expect(unused.count(after: 0, through: 100_000) == 10 * Int64(UnusedNumbers.limit))
        #expect(unused.count(after: 0, through: 105) == 5)
        #expect(unused.end(after: 99) == nil)
        #expect(unused.end(after: 100) == 110)
        #expect(unused.after(110).numbers == Array(unused.numbers.dropFirst(2)))
        // Nobody came since the last one, or less was given out than had been thought.
        unused.add(after: 1_605, through: 2_000)
        #expect(unused.numbers.suffix(4) == [1_600, 1_605, 1_605, 2_000])
        #expect(UnusedNumbers([5, 3, -1, 9, 4]).numbers == [])
        #expect(UnusedNumbers(unused.numbers) == unused)
    }

    private var settings: WaitingRoomSettings {
        var settings = WaitingRoomSettings(name: "lossy")
        settings.capacity = 1
        // Enough for those who come, and not for numbers that were left out.
        settings.queueLimit = 20
        settings.ratePerSecond = 10_000
        settings.burst = 1_000
        return settings
    }

    private func store(_ redis: RedisServer, node: Int64) -> RedisQueueStore {
        RedisQueueStore(
            settings: settings,
            redis: redis,
            node: node,
            rules: .patient(settings)
        ) { _ in await Task.yield() }
    }

    /// Five come before each loss of all that Redis knows and five after the last; the place of each.
    private func fill(
        _ redis: RedisServer,
        _ store: RedisQueueStore,
        losses: Int,
        _ now: inout Int64
    )
        async throws -> [Int64]
    {
        var places: [Int64] = []
        for loss in 0...losses {
            if loss > 0 { _ = redis.command("FLUSHALL") }
            try await pass(&now, [store], places)
            for _ in 0..<5 {
                let place = try await store.join(aliveUntil: now + 60_000, now: now)
                places.append(try #require(place).position)
            }
            try await pass(&now, [store], places)
        }
        return places
    }

    /// So long that a loss is over, and the line looked at, while those who came ask now and then.
    private func pass(_ now: inout Int64, _ stores: [RedisQueueStore], _ places: [Int64])
        async throws
    {
        for _ in 0..<5 {
            now += 1_000
            for store in stores {
                for position in places { store.mark(position, aliveUntil: now + 60_000) }
                try await store.tick(now: now)
            }
        }
    }

    /// The wait of each is that of those before, and nobody else's.
    private func expectPeople(_ snapshot: QueueSnapshot, _ places: [Int64]) {
        let waiting = places.filter { $0 > snapshot.serving }
        #expect(waiting.count >= places.count - 1)
        #expect(snapshot.waitingCount == Int64(waiting.count))
        #expect(waiting.map { snapshot.ahead(of: $0) } == waiting.indices.map(Int64.init))
        let present = waiting.map {
            snapshot.profile.present(after: snapshot.serving, before: $0)
        }
        #expect(present == waiting.indices.map(Int64.init))
    }

    private func time(_ redis: RedisServer) -> Int64 {
        (redis.command("TIME").array?.first?.text).flatMap { Int64($0) }.map { $0 * 1_000 } ?? 0
    }
}
