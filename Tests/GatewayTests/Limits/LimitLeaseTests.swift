import Redis
import Synchronization
import Testing

@testable import Gateway

/// A limit that two gateways keep together, with a clock that the test moves where Redis is away, and Redis' own where
/// it is there.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
struct LimitLeaseTests {
    /// One of the gateways of a limit.
    private struct Node {
        let leases: LimitLeases
        let limiter = RateLimiter(keyCount: 1_024, hash: KeyedHash(seed0: 1, seed1: 2))
        let policy: LimitPolicy

        func check(_ key: UInt64, now: UInt64) async -> RateLimitDecision {
            await leases.check(key, policy, limiter) { now }
        }

        func charge(_ key: UInt64, cost: Int, now: UInt64) async {
            let (owed, _) = leases.pay(key, cost: cost, policy, now: now)
            if owed > 0 { await leases.charge(key, owed: owed, policy, limiter) { now } }
        }
    }

    private static func policy(
        quota: Int,
        seconds: Int,
        burst: Int,
        gateways: Int,
        statuses: [Int] = []
    ) -> LimitPolicy {
        var configuration = Configuration.RateLimit(
            name: "shared",
            rate: Rate(count: quota, period: .seconds(seconds))
        )
        configuration.burst = burst
        configuration.gateways = gateways
        configuration.statuses = statuses
        return LimitPolicy(configuration)
    }

    private static func nanoseconds(since start: ContinuousClock.Instant) -> UInt64 {
        let span = (ContinuousClock.now - start).components
        return 1_000_000_000 + UInt64(span.seconds) * 1_000_000_000
            + UInt64(span.attoseconds / 1_000_000_000)
    }

    @Test func `R1 Two gateways let through no more than the limit and one lease each`()
        async throws
    {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 100, seconds: 1, burst: 20, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        let start = ContinuousClock.now
        var accepted: [UInt64] = []
        var asked = 0
        while Self.nanoseconds(since: start) < 3_000_000_000 {
            let now = Self.nanoseconds(since: start)
            if await nodes[asked % 2].check(7, now: now).allowed { accepted.append(now) }
            asked += 1
        }
        #expect(asked > accepted.count)
        #expect(accepted.count > 150, "the limit is used")
        let lease = 2 * max(1, 100 / 20)
        for first in accepted.indices {
            for last in first..<accepted.count {
                let window = Double(accepted[last] - accepted[first]) / 1e9
                #expect(Double(last - first + 1) <= window * 100 + 20 + Double(lease) + 1)
            }
        }
    }

    @Test func `R2 A client at three quarters of the rate is never refused`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 40, seconds: 1, burst: 20, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        let start = ContinuousClock.now
        var last = start
        for turn in 0..<60 {
            // Redis goes by its own clock, so the client has to come in real time; late is not too fast.
            while ContinuousClock.now < last + .milliseconds(34) { await Task.yield() }
            last = .now
            let decision = await nodes[turn % 2].check(7, now: Self.nanoseconds(since: start))
            #expect(decision.allowed, "request \(turn)")
        }
    }

    @Test func `R3 The first retry after what a refusal says is accepted`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 2, seconds: 1, burst: 2, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        let start = ContinuousClock.now
        var decision = await nodes[0].check(5, now: Self.nanoseconds(since: start))
        var count = 0
        while decision.allowed, count < 10 {
            count += 1
            decision = await nodes[count % 2].check(5, now: Self.nanoseconds(since: start))
        }
        #expect(!decision.allowed)
        #expect(decision.retryAfterSeconds >= 1)
        let due = ContinuousClock.now + .seconds(decision.retryAfterSeconds)
        while ContinuousClock.now < due { await Task.yield() }
        #expect(await nodes[1].check(5, now: Self.nanoseconds(since: start)).allowed)
    }

    /// How many of so many requests of one key that come at once are let through.
    private static func accepted(_ count: Int, _ nodes: [Node]) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for turn in 0..<count {
                let node = nodes[turn % nodes.count]
                group.addTask { await node.check(7, now: 1_000_000_000).allowed }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test
    func `R6 Of many requests at once none is refused below the limit, and none let through above`()
        async throws
    {
        let redis = SlowRedis(redis: try #require(RedisServer()))
        let policy = Self.policy(quota: 1_000, seconds: 3_600, burst: 1_000, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        #expect(await Self.accepted(800, nodes) == 800)
        #expect(redis.redis.functionCalls <= 18, "leases are used up before others are asked for")
        #expect((200...202).contains(await Self.accepted(800, nodes)))
    }

    @Test func `R7 What responses cost is paid by all gateways together`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 1_000, seconds: 3_600, burst: 1_000, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        var accepted = 0
        for turn in 0..<40 {
            let node = nodes[turn % 2]
            guard await node.check(7, now: 1_000_000_000).allowed else { continue }
            accepted += 1
            await node.charge(7, cost: 99, now: 1_000_000_000)
        }
        #expect((10...11).contains(accepted))
    }

    @Test func `R8 Responses that count are counted by all gateways together`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 20, seconds: 3_600, burst: 20, gateways: 2, statuses: [401])
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        for _ in 0..<100 {
            #expect(await nodes[0].check(7, now: 1_000_000_000).allowed, "looking costs nothing")
        }
        var accepted = 0
        for turn in 0..<60 {
            let node = nodes[turn % 2]
            guard await node.check(7, now: 1_000_000_000).allowed else { continue }
            accepted += 1
            await node.charge(7, cost: 1, now: 1_000_000_000)
        }
        #expect((20...21).contains(accepted))
    }

    @Test func `R10 A gateway takes no more of a burst at a time than its part`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 1_000, seconds: 3_600, burst: 20, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(redis), policy: policy) }
        #expect(await nodes[0].check(7, now: 1_000_000_000).allowed)
        #expect(await nodes[1].check(7, now: 1_000_000_000).allowed, "the other has the rest")
    }

    @Test func `R11 A refusal holds from when Redis has told of it`() async {
        let redis = RefusingRedis(waitMicroseconds: 2_000_000)
        let leases = LimitLeases(redis)
        let node = Node(
            leases: leases,
            policy: Self.policy(quota: 20, seconds: 10, burst: 2, gateways: 2)
        )
        // Redis takes a second to answer.
        let times = Mutex<[UInt64]>([1_000_000_000, 2_000_000_000])
        let decision = await leases.check(7, node.policy, node.limiter) {
            times.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
        #expect(decision.retryAfterSeconds == 2)
        #expect(await !node.check(7, now: 3_900_000_000).allowed)
        #expect(redis.questionCount == 1)
        #expect(await !node.check(7, now: 4_000_000_000).allowed)
        #expect(redis.questionCount == 2)
    }

    @Test func `R12 What is paid is missing before Redis has heard of it`() async throws {
        let redis = try #require(RedisServer())
        let policy = Self.policy(quota: 20, seconds: 3_600, burst: 20, gateways: 2, statuses: [401])
        let node = Node(leases: LimitLeases(redis), policy: policy)
        #expect(await node.check(7, now: 1_000_000_000).remaining == 20)
        let (owed, left) = node.leases.pay(7, cost: 8, policy, now: 1_000_000_000)
        #expect(owed == 8 && left?.remaining == 12)
        #expect(await node.check(7, now: 1_000_000_000).remaining == 12)
    }

    @Test func `R9 Without Redis also those who waited for its answer get their part`() async {
        let policy = Self.policy(quota: 100, seconds: 3_600, burst: 20, gateways: 2)
        let nodes = [Node(leases: LimitLeases(SlowRedis(redis: NoRedis())), policy: policy)]
        #expect(await Self.accepted(50, nodes) == 10)
        await nodes[0].charge(8, cost: 30, now: 1_000_000_000)
        #expect(await !nodes[0].check(8, now: 1_000_000_000).allowed)
    }

    @Test func `R5 Without Redis each gateway keeps its part of the limit`() async {
        let policy = Self.policy(quota: 100, seconds: 1, burst: 20, gateways: 2)
        let nodes = (0..<2).map { _ in Node(leases: LimitLeases(NoRedis()), policy: policy) }
        var accepted = 0
        for millisecond in 0..<10_000 as Range<UInt64> {
            let now = 1_000_000_000 + millisecond * 1_000_000
            if await nodes[Int(millisecond % 2)].check(7, now: now).allowed { accepted += 1 }
        }
        #expect(accepted <= 1_000 + 20)
        #expect(accepted >= 990)
    }
}

/// A Redis whose answers let other requests go first.
private struct SlowRedis<Redis: RedisCommanding>: RedisCommanding {
    let redis: Redis

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        for _ in 0..<200 { await Task.yield() }
        return try await redis.command(arguments)
    }
}

/// A Redis that grants nothing.
private final class RefusingRedis: RedisCommanding {
    private let waitMicroseconds: Int64
    private let questions = Atomic(0)

    var questionCount: Int { questions.load(ordering: .relaxed) }

    init(waitMicroseconds: Int64) { self.waitMicroseconds = waitMicroseconds }

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
        questions.add(1, ordering: .relaxed)
        return .array([.integer(0), .integer(waitMicroseconds), .integer(-1)])
    }
}

/// A Redis that is away.
private struct NoRedis: RedisCommanding {
    struct Away: Error {}

    func command(_ arguments: [[UInt8]]) async throws -> RESPValue { throw Away() }
}
