import Redis
import Synchronization

/// Limits that several gateways share: each asks Redis for a few requests of a key at a time and gives them out itself.
///
/// Over all gateways a key is let through at most rate · window + burst, and one lease per gateway more. A refusal is
/// remembered until the moment that Redis named, so that a client that keeps trying costs Redis nothing.
///
/// Contention: a lock per sixteenth of the keys, held for a dictionary access, for keys of such limits alone.
///
/// Redis away: each gateway keeps its own part of the limit.
final class LimitLeases: Sendable {
    private struct Lease {
        var count: Int
        /// Until when what is left may be given out, and until when a refusal holds.
        var until: UInt64
        var remaining: Int
    }

    private static let shardCount = 16
    private static let keyLimit = 1 << 14
    /// What is not used in this time is forgotten, and counts as used.
    private static let leaseNanoseconds: UInt64 = 1_000_000_000

    private let redis: any RedisCommanding
    private let shards: [Shard]

    private final class Shard: Sendable {
        let leases = Mutex<[UInt64: Lease]>([:])
    }

    init(_ redis: any RedisCommanding) {
        self.redis = redis
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// Counts one request of a key.
    func check(_ key: UInt64, _ policy: LimitPolicy, _ limiter: RateLimiter, now: UInt64) async
        -> RateLimitDecision
    {
        let shard = shards[Int(key % UInt64(Self.shardCount))]
        if let known = shard.leases.withLock({ Self.take(key, from: &$0, policy.limit, now) }) {
            return known
        }
        let size = max(1, policy.limit.quota / (policy.gatewayCount * 10))
        guard let answer = await ask(key, policy.limit, size: size) else {
            return limiter.check(key: key, against: policy.share, nowNanoseconds: now)
        }
        let lease = Lease(
            count: answer.granted,
            until: now + (answer.granted > 0 ? Self.leaseNanoseconds : answer.waitNanoseconds),
            remaining: answer.remaining
        )
        return shard.leases.withLock { leases in
            if leases.count >= Self.keyLimit { leases = leases.filter { $0.value.until > now } }
            if leases.count < Self.keyLimit || leases[key] != nil { leases[key] = lease }
            var own = [key: lease]
            let decision = Self.take(key, from: &own, policy.limit, now)
            if leases[key] != nil { leases[key] = own[key] }
            return decision ?? .refused(policy.limit, forNanoseconds: answer.waitNanoseconds)
        }
    }

    /// Gives out one request of a lease, or the refusal that still holds; nil if Redis has to be asked.
    private static func take(
        _ key: UInt64,
        from leases: inout [UInt64: Lease],
        _ limit: RateLimit,
        _ now: UInt64
    ) -> RateLimitDecision? {
        guard var lease = leases[key], lease.until > now else { return nil }
        guard lease.count != 0 else {
            return lease.remaining < 0
                ? .refused(limit, forNanoseconds: lease.until - now) : nil
        }
        lease.count -= 1
        leases[key] = lease
        return RateLimitDecision(
            allowed: true,
            limit: limit.quota,
            remaining: max(lease.remaining, 0) + lease.count,
            resetSeconds: Int(clamping: limit.windowSeconds),
            retryAfterSeconds: 0
        )
    }

    private func ask(_ key: UInt64, _ limit: RateLimit, size: Int) async -> (
        granted: Int, waitNanoseconds: UInt64, remaining: Int
    )? {
        let name = "rl:{\(limit.name)}:\(String(key, radix: 36))"
        let words = [
            "FCALL", "haniel_limit_v1_take", "1", name, "\(limit.intervalNanoseconds / 1_000)",
            "\(limit.toleranceNanoseconds / 1_000)", "\(size)",
        ]
        for _ in 0..<2 {
            guard let reply = try? await redis.command(words.map { Array($0.utf8) }) else {
                return nil
            }
            if let numbers = reply.array?.compactMap(\.integer), numbers.count == 3 {
                return (Int(numbers[0]), UInt64(max(numbers[1], 1)) * 1_000, Int(numbers[2]))
            }
            guard case .error(let text) = reply, text.contains("Function not found") else {
                return nil
            }
            let load = ["FUNCTION", "LOAD", "REPLACE", Self.library].map { Array($0.utf8) }
            guard (try? await redis.command(load)) != nil else { return nil }
        }
        return nil
    }

    /// The generic cell rate algorithm in microseconds; answers how many of those asked for are granted, how long to
    /// wait for the next, and how many are left, -1 if none was.
    private static let library = """
        #!lua name=haniel_limit_v1
        local function take(keys, args)
          local interval, tolerance, size = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
          local time = redis.call('TIME')
          local now = time[1] * 1000000 + time[2]
          local arrival = tonumber(redis.call('GET', keys[1]) or 0) or 0
          local ahead = math.max(arrival - now, 0)
          local free = math.floor((tolerance - ahead) / math.max(interval, 1))
          local granted = math.max(0, math.min(size, free))
          if granted > 0 then
            ahead = ahead + granted * interval
            redis.call('SET', keys[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000) + 1000)
          end
          local wait = math.max(0, ahead + interval - tolerance)
          return {granted, wait, granted > 0 and free - granted or -1}
        end
        redis.register_function('haniel_limit_v1_take', take)

        """
}
