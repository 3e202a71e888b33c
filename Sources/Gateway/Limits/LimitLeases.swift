import Synchronization

/// Limits that several gateways share: each asks Redis for a few requests of a key at a time and gives them out itself.
///
/// Over all gateways a key is let through at most rate · window + burst, and one lease per gateway more. A refusal is
/// remembered until the moment that Redis named, so that a client that keeps trying costs Redis nothing. Where only
/// responses are counted nothing is leased: what Redis said is left is believed for as long as a lease.
///
/// Redis is asked about a key by one request at a time; the others of that key wait for the answer.
///
/// Contention: a lock per sixteenth of the keys, held for a dictionary access, for keys of such limits alone.
///
/// Redis away: each gateway keeps its own part of the limit.
final class LimitLeases: Sendable {
    /// Whoever waits to hear whether Redis answered.
    private typealias Waiting = CheckedContinuation<Bool, Never>

    private struct Lease {
        /// None of a refusal.
        var count: Int
        /// What Redis has left besides.
        var rest: Int
        /// Until when what is left may be given out, and until when a refusal holds.
        let until: UInt64
        let isRefusal: Bool
    }

    /// What one lock guards.
    private struct Keys {
        var leases: [UInt64: Lease] = [:]
        /// Keys that Redis is being asked about.
        var asked: [UInt64: [Waiting]] = [:]

        func lease(_ key: UInt64, _ now: UInt64) -> Lease? {
            leases[key].flatMap { $0.until > now ? $0 : nil }
        }

        mutating func keep(_ lease: Lease, _ key: UInt64, _ now: UInt64) {
            if leases.count >= keyLimit { leases = leases.filter { $0.value.until > now } }
            if leases.count < keyLimit || leases[key] != nil { leases[key] = lease }
        }
    }

    private enum Step {
        case decided(RateLimitDecision)
        case ask
        case wait
    }

    private static let shardCount = 16
    private static let keyLimit = 1 << 14
    /// What is not used in this time is forgotten, and counts as used.
    private static let leaseNanoseconds: UInt64 = 1_000_000_000

    private let budget: SharedBudget
    private let shards: [Shard]

    private final class Shard: Sendable {
        let keys = Mutex(Keys())
    }

    init(_ redis: any RedisCommanding) {
        budget = SharedBudget(redis: redis)
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    private func shard(_ key: UInt64) -> Shard { shards[Int(key % UInt64(Self.shardCount))] }

    /// Counts one request of a key; where only responses are counted, looks whether there is room for one.
    ///
    /// - Parameter clock: the time, which passes while Redis is asked.
    func check(
        _ key: UInt64,
        _ policy: LimitPolicy,
        _ limiter: RateLimiter,
        _ clock: () -> UInt64
    ) async -> RateLimitDecision {
        while true {
            let now = clock()
            switch shard(key).keys.withLock({ Self.step(key, policy, &$0, now) }) {
            case .decided(let decision): return decision
            case .wait: if await hearsAnswer(key) { continue }
            case .ask:
                let answer = await ask(key, policy)
                if let decision = conclude(answer, key, policy, clock()) { return decision }
            }
            return policy.countsResponses
                ? limiter.look(key: key, against: policy.share, nowNanoseconds: clock())
                : limiter.check(key: key, against: policy.share, nowNanoseconds: clock())
        }
    }

    /// Pays for what has passed already with what was granted and not given out yet. Says what is still owed, for
    /// `charge`, and what is left, as far as that is known here.
    func pay(_ key: UInt64, cost: Int, _ policy: LimitPolicy, now: UInt64) -> (
        owed: Int, left: RateLimitDecision?
    ) {
        let (owed, lease) = shard(key).keys.withLock { Self.pay(cost, key, policy, &$0, now) }
        return (owed, lease.map { Self.decision($0, policy.limit, now) })
    }

    /// Has Redis count what is owed, also beyond the limit: the next requests pay for it.
    func charge(
        _ key: UInt64,
        owed: Int,
        _ policy: LimitPolicy,
        _ limiter: RateLimiter,
        _ clock: () -> UInt64
    ) async {
        let answer = await budget.charge(key, cost: owed, policy.limit)
        let now = clock()
        guard let answer else {
            let share = policy.share
            return limiter.charge(key: key, cost: owed, against: share, nowNanoseconds: now)
        }
        var left = Self.lease(answer, policy, now)
        shard(key).keys.withLock { keys in
            let present = keys.lease(key, now)
            // A refusal holds, whichever answer was the later one, and so does what was paid meanwhile.
            if policy.countsResponses, let present { left.count = min(left.count, present.count) }
            let isRefused = present?.isRefusal ?? false
            if left.isRefusal || policy.countsResponses && !isRefused { keys.keep(left, key, now) }
        }
    }

    /// Waits for the answer to another request's question; whether there was one.
    private func hearsAnswer(_ key: UInt64) async -> Bool {
        await withCheckedContinuation { continuation in
            let waits = shard(key).keys.withLock { keys in
                guard keys.asked[key] != nil else { return false }
                keys.asked[key]?.append(continuation)
                return true
            }
            if !waits { continuation.resume(returning: true) }
        }
    }

    private func ask(_ key: UInt64, _ policy: LimitPolicy) async -> SharedBudget.Answer? {
        guard !policy.countsResponses else {
            return await budget.charge(key, cost: 0, policy.limit)
        }
        // No more than this gateway's part of the burst, so that a key has something left at the others. Requests that
        // come meanwhile are not added: they share what is granted, and ask again if that was not enough.
        let size = min(policy.limit.quota / (policy.gatewayCount * 10), policy.share.burst)
        return await budget.take(key, upTo: max(1, size), policy.limit)
    }

    /// Keeps what Redis granted, takes this request's part of it, and lets the others go on; nil without an answer.
    private func conclude(
        _ answer: SharedBudget.Answer?,
        _ key: UInt64,
        _ policy: LimitPolicy,
        _ now: UInt64
    ) -> RateLimitDecision? {
        let (decision, others) = shard(key).keys.withLock {
            keys -> (RateLimitDecision?, [Waiting]) in
            let others = keys.asked.removeValue(forKey: key) ?? []
            guard let answer else { return (nil, others) }
            var lease = Self.lease(answer, policy, now)
            if !lease.isRefusal, !policy.countsResponses { lease.count -= 1 }
            keys.keep(lease, key, now)
            return (Self.decision(lease, policy.limit, now), others)
        }
        for other in others { other.resume(returning: answer != nil) }
        return decision
    }

    private static func step(
        _ key: UInt64,
        _ policy: LimitPolicy,
        _ keys: inout Keys,
        _ now: UInt64
    ) -> Step {
        if var lease = keys.lease(key, now), lease.isRefusal || lease.count > 0 {
            if !lease.isRefusal, !policy.countsResponses { lease.count -= 1 }
            keys.leases[key] = lease
            return .decided(decision(lease, policy.limit, now))
        }
        if keys.asked[key] != nil { return .wait }
        keys.asked[key] = []
        return .ask
    }

    /// What is still owed, and the lease that paid, or will be smaller by what is owed.
    private static func pay(
        _ cost: Int,
        _ key: UInt64,
        _ policy: LimitPolicy,
        _ keys: inout Keys,
        _ now: UInt64
    ) -> (owed: Int, lease: Lease?) {
        guard var lease = keys.lease(key, now), !lease.isRefusal else { return (cost, nil) }
        let paid = min(cost, lease.count)
        // Where only responses are counted nothing was granted that could pay: Redis has just said how much is left.
        let owed = policy.countsResponses ? cost : cost - paid
        lease.count -= paid
        lease.rest -= min(cost - paid, lease.rest)
        keys.leases[key] = lease
        return (owed, lease)
    }

    private static func lease(
        _ answer: SharedBudget.Answer,
        _ policy: LimitPolicy,
        _ now: UInt64
    ) -> Lease {
        let count = policy.countsResponses ? answer.rest : answer.granted
        let isRefusal = answer.granted + answer.rest == 0
        return Lease(
            count: count,
            rest: policy.countsResponses ? 0 : answer.rest,
            until: now + (isRefusal ? answer.waitNanoseconds : leaseNanoseconds),
            isRefusal: isRefusal
        )
    }

    private static func decision(_ lease: Lease, _ limit: RateLimit, _ now: UInt64)
        -> RateLimitDecision
    {
        guard !lease.isRefusal else {
            return .refused(limit, forNanoseconds: lease.until - min(now, lease.until))
        }
        return RateLimitDecision(
            allowed: true,
            limit: limit.quota,
            remaining: lease.rest + lease.count,
            resetSeconds: Int(clamping: limit.windowSeconds),
            retryAfterSeconds: 0
        )
    }
}
