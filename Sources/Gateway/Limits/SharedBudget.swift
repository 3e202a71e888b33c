import Redis

/// What Redis knows of limits that gateways share: how far each key has run ahead of its clock.
struct SharedBudget {
    struct Answer {
        /// Requests that are counted now and may be let through.
        let granted: Int
        /// How long until there is room for one more.
        let waitNanoseconds: UInt64
        /// For how many more there is room now.
        let rest: Int
    }

    let redis: any RedisCommanding

    /// Counts as many requests as there is room for, at most `count`; nil if Redis does not say.
    func take(_ key: UInt64, upTo count: Int, _ limit: RateLimit) async -> Answer? {
        await call("take", key, limit, ["\(count)"])
    }

    /// Counts so many, also beyond the limit, though a key never owes more than its burst and one window.
    func charge(_ key: UInt64, cost: Int, _ limit: RateLimit) async -> Answer? {
        let most = limit.toleranceNanoseconds / 1_000 + UInt64(limit.windowSeconds) * 1_000_000
        return await call("charge", key, limit, ["\(max(cost, 0))", "\(most)"])
    }

    private func call(_ name: String, _ key: UInt64, _ limit: RateLimit, _ words: [String]) async
        -> Answer?
    {
        let command = [
            "FCALL", "haniel_limit_v1_\(name)", "1",
            "rl:{\(limit.name)}:\(String(key, radix: 36))",
            "\(limit.intervalNanoseconds / 1_000)", "\(limit.toleranceNanoseconds / 1_000)",
        ]
        let reply = await redis.call((command + words).map { Array($0.utf8) }, of: Self.library)
        guard let numbers = reply?.array?.compactMap(\.integer), numbers.count == 3 else {
            return nil
        }
        return Answer(
            granted: max(Int(clamping: numbers[0]), 0),
            waitNanoseconds: UInt64(min(max(numbers[1], 1), 1 << 50)) * 1_000,
            rest: max(Int(clamping: numbers[2]), 0)
        )
    }

    /// The generic cell rate algorithm in microseconds; answers how many are granted, how long to wait for the next,
    /// and how many are left (-1 if none was granted).
    private static let library = """
        #!lua name=haniel_limit_v1
        local function look(key)
          local time = redis.call('TIME')
          local now = time[1] * 1000000 + time[2]
          local arrival = tonumber(redis.call('GET', key) or 0) or 0
          return now, math.max(arrival - now, 0)
        end
        local function put(key, now, ahead)
          redis.call('SET', key, string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000) + 1000)
        end
        local function take(keys, args)
          local interval, tolerance, size = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
          local now, ahead = look(keys[1])
          local free = math.floor((tolerance - ahead) / math.max(interval, 1))
          local granted = math.max(0, math.min(size, free))
          if granted > 0 then
            ahead = ahead + granted * interval
            put(keys[1], now, ahead)
          end
          local wait = math.max(0, ahead + interval - tolerance)
          return {granted, wait, granted > 0 and free - granted or -1}
        end
        local function charge(keys, args)
          local interval, tolerance = tonumber(args[1]), tonumber(args[2])
          local cost, most = tonumber(args[3]), tonumber(args[4])
          local now, ahead = look(keys[1])
          if cost > 0 then
            ahead = math.max(ahead, math.min(ahead + cost * interval, most))
            put(keys[1], now, ahead)
          end
          local wait = math.max(0, ahead + interval - tolerance)
          return {0, wait, math.max(0, math.floor((tolerance - ahead) / math.max(interval, 1)))}
        end
        redis.register_function('haniel_limit_v1_take', take)
        redis.register_function('haniel_limit_v1_charge', charge)

        """
}
