extension RedisQueueFunctions {
    /// What gateways remember of the head of the line, so that it goes on at once after Redis has lost it: who had been
    /// called up, and who was seen lately.
    static let recall = """
        -- Those called up, and those back after their turn; nil if they are too many to remember.
        local function called_up(r)
          if r.now < r.hold then return nil end
          local positions, called = {r.serving}, redis.call('ZRANGE', r.res_, 0, 1000)
          local late = redis.call('ZRANGE', r.late_, 0, 1000)
          if #called + #late > 1000 then return nil end
          for _, name in ipairs(called) do positions[#positions + 1] = tonumber(name) end
          local times = late[1] and redis.call('HMGET', r.lal_, unpack(late)) or {}
          for i, name in ipairs(late) do
            if (tonumber(times[i]) or 0) > r.now then positions[#positions + 1] = tonumber(name) end
          end
          return positions
        end

        -- Up to which place the caller remembers who was seen; positions that had been called up and had not come in.
        local function recall(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          if r.lost > 0 and r.now < r.hold and redis.call('SREM', r.rcl_, r.node) == 1 then
            local through = tonumber(args[4])
            r.gknown = r.gknown == 0 and through or math.min(r.gknown, through)
            for i = 5, #args do redis.call('ZADD', r.cld_, args[i], args[i]) end
          end
          save(r)
          return answer(r, 0, 0)
        end

        -- Sessions that the caller's node heard of last, with their ends: of a thousand that end from a moment on,
        -- after some that end in that moment; and where to go on, the moment 0 if those were all. Programs of before
        -- do not ask with a moment, and hear of the first thousand.
        local function mine(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          save(r)
          local from, after, limit = tonumber(args[4]) or 0, tonumber(args[5]) or 0, 1000
          local found = redis.call('ZRANGEBYSCORE', r.act_, from, '+inf', 'WITHSCORES', 'LIMIT', after, limit)
          local names, result = {}, {}
          for i = 1, #found, 2 do names[#names + 1] = found[i] end
          local owners = names[1] and redis.call('HMGET', r.own_, unpack(names)) or {}
          for i, owner in ipairs(owners) do
            if is_among(owner, r.node) then
              result[#result + 1] = names[i]
              result[#result + 1] = found[2 * i]
            end
          end
          if not args[4] then return {answer(r, 0, 0), result} end
          if #names < limit then return {answer(r, 0, 0), result, 0, 0} end
          local last = tonumber(found[#found])
          if last > from then after = 0 end
          for i = 2, #found, 2 do
            if tonumber(found[i]) == last then after = after + 1 end
          end
          return {answer(r, 0, 0), result, last, after}
        end

        -- Whether every node remembers the head of the line. Then those who had been called up go first as before, for
        -- as long as it takes them to ask again, and nobody has to wait for them.
        recalled = function(r)
          local isComplete = redis.call('SCARD', r.rcl_) == 0
          if isComplete then
            for _, name in ipairs(redis.call('ZRANGE', r.cld_, 0, -1)) do
              if redis.call('GETBIT', r.clm_, name) == 0 then keep_late(r, tonumber(name), r.now + 4500) end
            end
          else
            r.gknown = 0
          end
          redis.call('DEL', r.rcl_, r.cld_)
          return isComplete
        end


        """
}
