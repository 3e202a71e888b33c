import Synchronization
import Testing

@testable import Gateway

/// Places that go before the line, that are given up, and that are given out before there is a room.
extension RedisQueueStoreTests {
    @Test func `Who goes before the line pays once, and is first when back`() async throws {
        let redis = try #require(RedisServer())
        let store = store(redis, capacity: 1)
        let start = try await stopTime(redis, [store])
        var now = start
        func pass(_ milliseconds: Int64) async throws {
            now += milliseconds
            _ = redis.command("SET", "clock", "\(now)")
            try await store.tick(now: now)
        }
        func claim(_ position: Int64) async throws -> QueueClaim {
            let place = QueuePlace(epoch: store.snapshot().epoch, position: position)
            return try await store.claim(turn(place, now: now), now: now)
        }
        for _ in 0..<4 { _ = try await store.join(aliveUntil: now + 60_000, now: now) }
        guard case .admitted = try await claim(1) else {
            Issue.record("an empty room")
            return
        }
        let invitation = Invitation(name: "i", uses: 2)
        for _ in 0..<5 {
            #expect(try await store.invite(4, moves: 0, invitation: invitation, now: now))
        }
        #expect(try await store.invite(3, moves: 0, invitation: invitation, now: now))
        #expect(try await !store.invite(2, moves: 0, invitation: invitation, now: now))
        // Both are away when the slot is free: the second goes in.
        try await pass(10_000)
        try await store.leave(SessionID(high: 9, low: 1), now: now)
        try await pass(600)
        guard case .admitted = try await claim(2) else {
            Issue.record("the next in line")
            return
        }
        #expect(try await claim(4) == .waiting)
        try await store.leave(SessionID(high: 9, low: 2), now: now)
        try await pass(600)
        guard case .admitted = try await claim(4) else {
            Issue.record("first when back")
            return
        }
    }

    @Test func `A place given up while Redis is away is given up when it is back`() async throws {
        let redis = try #require(RedisServer())
        let line = CutRedis(redis)
        let store = RedisQueueStore(
            settings: settings(capacity: 1),
            redis: line,
            rules: .patient(settings(capacity: 1))
        ) { _ in await Task.yield() }
        let now = time(redis)
        for _ in 0..<3 { _ = try await store.join(aliveUntil: now + 60_000, now: now) }
        let epoch = store.snapshot().epoch
        let places = (1...3).map { QueuePlace(epoch: epoch, position: $0) }
        _ = try await store.claim(turn(places[0], now: now), now: now)
        line.isCut.store(true, ordering: .relaxed)
        try? await store.giveUp(2, moves: 0, now: now)
        line.isCut.store(false, ordering: .relaxed)
        for step in 1...3 as ClosedRange<Int64> { try await store.tick(now: now + step * 1_000) }
        #expect(try await store.claim(turn(places[1], now: now), now: now + 4_000) == .spent)
    }

    @Test func `A room that is made after an outage waits for what every gateway gave out`()
        async throws
    {
        let redis = try #require(RedisServer())
        let rooms = [store(redis, capacity: 1), store(redis, capacity: 1, node: 2)]
        var now = try await stopTime(redis, rooms)
        let places = (0..<8).map { rooms[$0 % 2].provision(now: now + 60 * Int64($0)) }
        for step in 0..<30 {
            now += 100
            _ = redis.command("SET", "clock", "\(now)")
            // The second is a little late.
            for room in step < 3 ? [rooms[0]] : rooms { try await room.tick(now: now) }
        }
        var numbers: [Int64?] = []
        for place in places {
            numbers.append(try await rooms[0].place(place, now: now)?.position)
        }
        #expect(numbers == Array(1...8))
    }
}
