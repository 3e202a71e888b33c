extension RedisQueueFunctions {
    /// Who left, and when every gateway has heard of it.
    static let departures = """
        -- The slot of somebody who left is free once no gateway takes the session for one that goes on: when each has
        -- said that it heard, and after a fixed time at the latest, since none trusts what it heard before that.
        local function free_departed(r)
          if redis.call('ZCARD', r.dep_) == 0 then return end
          -- A moment for what is on its way to the backend.
          local heard, known = r.now - 100, {}
          local all = redis.call('HGETALL', r.hrd_)
          for i = 1, #all, 2 do
            local told, seen = string.match(all[i + 1], '(%d+) (%d+)')
            if tonumber(seen) > r.now - 5000 then
              heard = math.min(heard, tonumber(told))
              known[string.match(all[i], '^[^:]*')] = true
            elseif tonumber(seen) < r.now - 60000 then
              redis.call('HDEL', r.hrd_, all[i])
            end
          end
          for _, node in ipairs(redis.call('ZRANGEBYSCORE', r.gw_, r.now - 5000, '+inf')) do
            -- One of an older version, which does not say.
            if not known[node] then return end
          end
          local before = '(' .. string.format('%.0f', heard + r.departure)
          if redis.call('ZREMRANGEBYSCORE', r.dep_, '-inf', before) > 0 then r.next = 0 end
        end

        -- Who left since a gateway last heard of it, and until when that is all.
        local function departures(r, told, process, isRollCall)
          if not told then
            if r.now - r.departed >= r.departure + 1000 then return {}, 0 end
            return redis.call('ZRANGE', r.dep_, 0, 999), 0
          end
          -- A clock that was put back.
          if told > r.now then told = 0 end
          local isNews = r.departed >= told - 1000
          if isNews or isRollCall then
            redis.call('HSET', r.hrd_, r.node .. ':' .. process, string.format('%.0f %.0f', told, r.now))
          end
          if not isNews then return {}, r.now end
          free_departed(r)
          local after = '(' .. string.format('%.0f', told)
          local left = redis.call('ZRANGEBYSCORE', r.gone_, after, '+inf', 'LIMIT', 0, 1000)
          if #left == 1000 then return left, redis.call('ZSCORE', r.gone_, left[1000]) - 1 end
          -- Again those of the second before: a reply that was on its way may have made one of them known once more.
          for _, sid in ipairs(redis.call('ZRANGEBYSCORE', r.gone_, told - 1000, told, 'LIMIT', 0, 1000)) do
            left[#left + 1] = sid
          end
          return left, r.now
        end


        """
}
