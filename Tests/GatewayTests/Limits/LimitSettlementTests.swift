import HTTP
import Redis
import Synchronization
import Testing
import Transport

@testable import Gateway

/// What answers cost where gateways share a limit, with a Redis in the test's hand.
@Suite struct LimitSettlementTests {
    /// Has room for ten requests, and answers one question after the other once it may.
    private final class PatientRedis: RedisCommanding {
        private struct State {
            var charged: [Int] = []
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = true
        }

        private let state = Mutex(State())

        /// What was charged, in its order.
        var charged: [Int] { state.withLock { $0.charged } }

        func close() { state.withLock { $0.isOpen = false } }

        func open() {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                state.isOpen = true
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        func command(_ arguments: [[UInt8]]) async throws -> RESPValue {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            let cost = Int(String(decoding: arguments[6], as: UTF8.self)) ?? 0
            let left = state.withLock { state in
                if cost > 0 { state.charged.append(cost) }
                return 10 - state.charged.reduce(0, +)
            }
            return .array([.integer(0), .integer(1), .integer(Int64(max(0, left)))])
        }
    }

    private static func route() throws -> Route {
        var limit = Configuration.RateLimit(
            name: "logins",
            rate: Rate(count: 10, period: .seconds(3_600))
        )
        limit.gateways = 2
        limit.statuses = [401]
        var route = Configuration.Route(action: .deny(401))
        route.limits = ["logins"]
        return Route(route, in: RouteContext(limits: ["logins": LimitPolicy(limit)]))
    }

    private static func stage(_ redis: PatientRedis, _ reactor: Reactor) -> LimitStage {
        LimitStage(
            limiter: RateLimiter(keyCount: 64),
            leases: LimitLeases(redis),
            reactor: reactor,
            counters: WorkerCounters()
        )
    }

    private static func state(_ exchange: Exchange) -> String? {
        var state: String?
        exchange.addedFields.visit { name, value in
            if String(describing: name) == "ratelimit" { state = value.string }
        }
        return state
    }

    /// Lets an exchange through the stage, and settles it as one that was answered with 401.
    private static func pass(_ stage: LimitStage, _ route: Route) async throws -> String? {
        let scene = try await ExchangeScene.make(on: stage.reactor)
        scene.exchange.route = route
        #expect(await stage.check(scene.exchange, route) == nil)
        await stage.settle(scene.exchange, status: 401)
        return state(scene.exchange)
    }

    private static func underWay(_ stage: LimitStage) -> Int {
        stage.counters.chargesUnderWay.load(ordering: .relaxed)
    }

    @Test func `No answer waits for Redis to count it, and says what is left all the same`()
        async throws
    {
        try await onReactor { reactor in
            let redis = PatientRedis()
            let (stage, route) = (Self.stage(redis, reactor), try Self.route())
            let scene = try await ExchangeScene.make(on: reactor)
            #expect(await stage.check(scene.exchange, route) == nil)
            redis.close()
            for left in [9, 8, 7] {
                #expect(try await Self.pass(stage, route)?.contains("r=\(left);") == true)
            }
            #expect(redis.charged.isEmpty)
            #expect(Self.underWay(stage) == 3, "a gateway that stops waits for them")
            redis.open()
            while Self.underWay(stage) > 0 { await reactor.yield() }
            #expect(redis.charged == [1, 1, 1])
        }
    }

    @Test func `Where too much is under way the answer waits`() async throws {
        try await onReactor { reactor in
            let redis = PatientRedis()
            let (stage, route) = (Self.stage(redis, reactor), try Self.route())
            stage.counters.chargesUnderWay.store(LimitStage.chargeLimit, ordering: .relaxed)
            _ = try await Self.pass(stage, route)
            #expect(redis.charged == [1])
            #expect(Self.underWay(stage) == LimitStage.chargeLimit)
        }
    }
}
