import Testing

@testable import Gateway

/// Rows of the tables below: one limit each.
struct LimitRow: CustomTestStringConvertible, Sendable {
    let quota: Int
    let windowSeconds: Int
    let burst: Int

    var limit: RateLimit {
        RateLimit(name: "row", quota: quota, windowSeconds: windowSeconds, burst: burst)
    }
    var testDescription: String { "\(quota) per \(windowSeconds) s, burst \(burst)" }
}

private let limitRows = [
    LimitRow(quota: 10, windowSeconds: 60, burst: 10),
    LimitRow(quota: 3, windowSeconds: 1, burst: 1),
    LimitRow(quota: 100, windowSeconds: 1, burst: 20),
    LimitRow(quota: 7, windowSeconds: 60, burst: 2),
    LimitRow(quota: 1, windowSeconds: 3_600, burst: 5),
]

private func limiter(keyCount: Int = 1_024) -> RateLimiter {
    RateLimiter(keyCount: keyCount, hash: KeyedHash(seed0: 1, seed1: 2))
}

@Suite
struct RateLimiterTests {
    @Test(arguments: limitRows)
    func `No window accepts more than its rate and one burst`(row: LimitRow) {
        var random = SeededGenerator(seed: 11)
        let limiter = limiter()
        var now: UInt64 = 5_000_000_000
        var accepted: [UInt64] = []
        for _ in 0..<3_000 {
            now += random.next(
                below: row.limit.intervalNanoseconds * (random.next(below: 20) == 0 ? 6 : 1)
            )
            if limiter.check(ClientPrefix(ipv4: 7), against: row.limit, nowNanoseconds: now).allowed {
                accepted.append(now)
            }
        }
        #expect(accepted.count > row.burst)
        for first in accepted.indices {
            for last in first..<min(first + 200, accepted.count) {
                let window = Double(accepted[last] - accepted[first]) / 1e9
                let allowance =
                    window * Double(row.quota) / Double(row.windowSeconds) + Double(row.burst)
                #expect(Double(last - first + 1) <= allowance + 1e-6)
            }
        }
    }

    @Test(arguments: limitRows)
    func `A client at the rate is never refused`(row: LimitRow) {
        var random = SeededGenerator(seed: 12)
        let limiter = limiter()
        let step = UInt64((Double(row.windowSeconds) * 1e9 / Double(row.quota)).rounded(.up))
        var now: UInt64 = 1
        for _ in 0..<5_000 {
            #expect(
                limiter.check(ClientPrefix(ipv4: 9), against: row.limit, nowNanoseconds: now)
                    .allowed
            )
            now += step + random.next(below: 2) * random.next(below: step)
        }
    }

    @Test(arguments: limitRows)
    func `The first retry after Retry-After is accepted, and a second earlier is not`(row: LimitRow) {
        var random = SeededGenerator(seed: 13)
        let limiter = limiter()
        let client = ClientPrefix(ipv4: 11)
        var now: UInt64 = 1
        var refusals = 0
        for _ in 0..<400 {
            now += random.next(below: row.limit.intervalNanoseconds / 2 + 1)
            let decision = limiter.check(client, against: row.limit, nowNanoseconds: now)
            guard !decision.allowed else { continue }
            refusals += 1
            let wait = UInt64(decision.retryAfterSeconds) * 1_000_000_000
            let early = limiter.check(
                client,
                against: row.limit,
                nowNanoseconds: now + wait - 1_000_000_000
            )
            #expect(!early.allowed)
            now += wait
            #expect(limiter.check(client, against: row.limit, nowNanoseconds: now).allowed)
        }
        #expect(refusals > 10)
    }

    @Test func `A refused request uses nothing up`() {
        let limiter = limiter()
        let limit = RateLimit(name: "login", quota: 2, windowSeconds: 10)
        let client = ClientPrefix(ipv4: 1)
        let decisions = (0..<50).map { _ in limiter.check(client, against: limit, nowNanoseconds: 0)
        }
        #expect(decisions.map(\.allowed) == [true, true] + Array(repeating: false, count: 48))
        #expect(decisions.map(\.remaining).prefix(3) == [1, 0, 0])
        #expect(decisions.allSatisfy { $0.allowed || $0.retryAfterSeconds == 5 })
        #expect(decisions[49].resetSeconds == 10)
        #expect(limiter.check(client, against: limit, nowNanoseconds: 5_000_000_000).allowed)
    }

    @Test func `Limits and keys do not share their budgets`() {
        let limiter = limiter()
        let login = RateLimit(name: "login", quota: 1, windowSeconds: 60)
        let search = RateLimit(name: "search", quota: 1, windowSeconds: 60)
        let session: [UInt8] = Array("session-1".utf8)
        let other: [UInt8] = Array("session-2".utf8)
        #expect(limiter.check(session.span, against: login, nowNanoseconds: 0).allowed)
        #expect(!limiter.check(session.span, against: login, nowNanoseconds: 0).allowed)
        #expect(limiter.check(session.span, against: search, nowNanoseconds: 0).allowed)
        #expect(limiter.check(other.span, against: login, nowNanoseconds: 0).allowed)
    }

    @Test func `A full table refuses no newcomer and keeps the busiest keys`() {
        let limiter = limiter(keyCount: 8)
        let limit = RateLimit(name: "full", quota: 4, windowSeconds: 60)
        let busy = ClientPrefix(ipv4: 1)
        for _ in 0..<4 { _ = limiter.check(busy, against: limit, nowNanoseconds: 0) }
        for newcomer in 100..<400 {
            #expect(
                limiter.check(
                    ClientPrefix(ipv4: UInt32(newcomer)),
                    against: limit,
                    nowNanoseconds: 0
                ).allowed
            )
        }
        #expect(limiter.forgottenCount == 293)
        #expect(!limiter.check(busy, against: limit, nowNanoseconds: 0).allowed)
    }

    @Test func `Slots of the past are used again and nothing is forgotten`() {
        let limiter = limiter(keyCount: 8)
        let limit = RateLimit(name: "past", quota: 1, windowSeconds: 1)
        for client in 0..<1_000 {
            let now = UInt64(client) * 1_000_000_000
            #expect(
                limiter.check(
                    ClientPrefix(ipv4: UInt32(client)),
                    against: limit,
                    nowNanoseconds: now
                ).allowed
            )
        }
        #expect(limiter.forgottenCount == 0)
    }

    @Test func `Workers that share a key accept exactly its burst`() async {
        let limiter = limiter(keyCount: 64)
        let limit = RateLimit(name: "shared", quota: 100, windowSeconds: 3_600)
        let accepted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<4_000).count { round in
                        let client = ClientPrefix(ipv4: UInt32(round % 8))
                        return limiter.check(client, against: limit, nowNanoseconds: 1).allowed
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(accepted == 8 * 100)
        #expect(limiter.contendedCount == 0)
    }

    @Test func `Numbers from the configuration cannot overflow`() {
        let limit = RateLimit(name: "slow", quota: 1, windowSeconds: 86_400, burst: 1_000_000_000)
        let limiter = limiter()
        let decision = limiter.check(ClientPrefix(ipv4: 1), against: limit, nowNanoseconds: 1 << 62)
        #expect(decision.allowed)
        #expect(decision.resetSeconds == 86_400)
    }
}

@Suite
struct ChargingTests {
    private let limit = RateLimit(name: "charged", quota: 10, windowSeconds: 10, burst: 3)

    @Test func `Looking counts nothing, and what was charged has to be paid`() {
        let limiter = limiter()
        let start: UInt64 = 5_000_000_000
        for _ in 0..<10 {
            #expect(limiter.look(key: 7, against: limit, nowNanoseconds: start).remaining == 3)
        }
        for _ in 0..<3 { limiter.charge(key: 7, cost: 1, against: limit, nowNanoseconds: start) }
        let refused = limiter.look(key: 7, against: limit, nowNanoseconds: start)
        #expect(!refused.allowed && refused.retryAfterSeconds == 1)
        #expect(limiter.look(key: 7, against: limit, nowNanoseconds: start + 1_000_000_000).allowed)
        #expect(limiter.look(key: 8, against: limit, nowNanoseconds: start).allowed)
    }

    @Test(arguments: [4, 1_000, Int.max])
    func `One dear answer is paid for, and shuts nobody out for ever`(cost: Int) {
        let limiter = limiter()
        let start: UInt64 = 5_000_000_000
        limiter.charge(key: 7, cost: cost, against: limit, nowNanoseconds: start)
        #expect(!limiter.look(key: 7, against: limit, nowNanoseconds: start).allowed)
        #expect(
            limiter.look(key: 7, against: limit, nowNanoseconds: start + 14_000_000_000).allowed
        )
    }

    @Test func `A blocked key is refused until then, whatever its rate`() {
        let limiter = limiter()
        limiter.block(key: 7, until: 9_000_000_000, nowNanoseconds: 5_000_000_000)
        #expect(limiter.blockedNanoseconds(key: 7, nowNanoseconds: 5_000_000_000) == 4_000_000_000)
        #expect(limiter.blockedNanoseconds(key: 7, nowNanoseconds: 9_000_000_000) == 0)
        #expect(limiter.blockedNanoseconds(key: 8, nowNanoseconds: 5_000_000_000) == 0)
        #expect(limiter.look(key: 7, against: limit, nowNanoseconds: 5_000_000_000).allowed)
    }
}
