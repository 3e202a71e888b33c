extension RedisQueueFunctions {
    /// Sessions, and the table of all functions.
    static let sessions = """
        -- Whether the caller knows of more numbers that nobody was given than the newest. Says the place before the
        -- line, places in a part, places, the numbers before and at the end of the newest of those, and of each of 64
        -- parts how many are there: from a sample where the line is long. And the others of those, if the caller knows.
        local function profile(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          save(r)
          if args[4] ~= '1' then r.unused = {{r.gfrom, r.gto}} end
          local count = r.tail - r.serving - unused(r)
          local step = math.max(1, math.ceil(count / 64))
          local every = math.ceil(step / 64)
          local result, seen, position = {r.serving, step, count, r.gfrom, r.gto}, {}, r.serving + 1
          local before = r.serving + 1
          while position <= r.tail do
            for _, pair in ipairs(r.unused) do
              if position > pair[1] and position <= pair[2] then
                position, before = pair[2] + 1, before + pair[2] + 1 - position
              end
            end
            if position > r.tail then break end
            local key, offset = block(r, position)
            local last = math.min(r.tail, position + BLOCK - offset / 4 - 1)
            for _, pair in ipairs(r.unused) do
              if position <= pair[1] then last = math.min(last, pair[1]) end
            end
            local bytes = redis.call('GETRANGE', key, offset, offset + 4 * (last - position) + 3)
            for index = 0, last - position, every do
              local part = 6 + math.floor((position + index - before) / step)
              local time = unpacked(r, bytes, 4 * index + 1)
              if position + index > r.gknown and position + index <= r.gtail then time = math.max(time, r.guntil) end
              seen[part] = (seen[part] or 0) + 1
              result[part] = (result[part] or 0) + (time > r.now and 1 or 0)
            end
            position = last + 1
          end
          for part = 6, #result do
            local size = math.min(step, count - (part - 6) * step)
            result[part] = math.floor(result[part] * size / seen[part] + 0.5)
          end
          if args[4] ~= '1' then return {answer(r, 0, 0), result} end
          return {answer(r, 0, 0), result, older(r)}
        end

        local function put_off(r, sid, ending)
          redis.call('ZADD', r.act_, ending, sid)
          own(r, sid)
        end

        -- whether to take over unknown ones; sessions. Answers an end per session, 0 for those that are over.
        local function renew(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local endings = {}
          for i = 5, #args do
            local ending = tonumber(redis.call('ZSCORE', r.act_, args[i]) or 0) or 0
            local isHeld = r.now < r.hold and (ending > 0 or args[4] == '1')
            if ending > r.now or isHeld then
              ending = math.max(ending, r.now + r.session)
              put_off(r, args[i], ending)
            else
              ending = 0
            end
            endings[#endings + 1] = ending
          end
          save(r)
          return {answer(r, 0, 0), endings}
        end

        -- whether this is the last part, how many sessions; sessions, their ends; positions whose turn was taken. What
        -- a node remembers, told when it finds that others may have forgotten.
        local function report(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local size = tonumber(args[5])
          for i = 6, 5 + size do
            local ending = tonumber(args[i + size])
            local stored = tonumber(redis.call('ZSCORE', r.act_, args[i]) or 0) or 0
            if ending > r.now and (stored > 0 or r.now < r.hold) then
              put_off(r, args[i], math.max(ending, stored))
              redis.call('ZADD', r.fresh_, 'NX', r.now + r.retry, args[i])
            end
          end
          for i = 6 + 2 * size, #args do redis.call('SETBIT', r.clm_, args[i], 1) end
          if args[4] == '1' then
            redis.call('SREM', r.wnt_, r.node)
            if r.now < r.hold and redis.call('SCARD', r.wnt_) == 0 then finish_recovery(r) end
          end
          count(r)
          save(r)
          return answer(r, 0, 0)
        end

        -- How far the line had come and which number was the last, as a node remembers it; the registration (name,
        -- time, count, keys) and the draw (name, place before it, count, keys): the one that told first what was lost
        -- may have seen less. Nobody has been called up, numbered or registered since.
        local function progress(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          if r.lost > 0 and r.now < r.hold then
            r.gtail = math.max(r.gtail, math.min(tonumber(args[5]), r.gto))
            r.gfrom = math.max(r.gfrom, r.gtail)
            redis.call('HSET', r.st, 'gtail', r.gtail, 'gfrom', r.gfrom)
            local serving = math.min(tonumber(args[4]), r.gtail)
            if serving > r.serving then
              r.serving = serving
              r.lost = math.max(r.lost, serving)
              redis.call('ZADD', r.turns_, serving, math.floor(r.now / 1000))
            end
            local n = {}
            for i = 6, 13 do n[#n + 1] = tonumber(args[i]) end
            remember(r, unpack(n))
          end
          save(r)
          return answer(r, 0, 0)
        end

        -- session
        local function leave(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          if redis.call('ZREM', r.act_, args[4]) == 1 then
            redis.call('HDEL', r.own_, args[4])
            redis.call('ZREM', r.fresh_, args[4])
            redis.call('ZADD', r.dep_, r.now + r.departure, args[4])
            redis.call('ZADD', r.gone_, r.now, args[4])
            redis.call('ZREMRANGEBYSCORE', r.gone_, '-inf', r.now - 10000)
            r.departed = r.now
            r.next = 0
          end
          count(r)
          save(r)
          return answer(r, 0, 0)
        end

        redis.register_function('haniel_room_v3_open', open)
        redis.register_function('haniel_room_v3_configure', configure)
        redis.register_function('haniel_room_v3_control', control)
        redis.register_function('haniel_room_v3_join', join)
        redis.register_function('haniel_room_v3_register', register)
        redis.register_function('haniel_room_v3_claim', claim)
        redis.register_function('haniel_room_v3_give_up', give_up)
        redis.register_function('haniel_room_v3_invite', invite)
        redis.register_function('haniel_room_v3_alive', alive)
        redis.register_function('haniel_room_v3_provision', provision)
        redis.register_function('haniel_room_v3_place', place)
        redis.register_function('haniel_room_v3_tick', tick)
        redis.register_function('haniel_room_v3_renew', renew)
        redis.register_function('haniel_room_v3_report', report)
        redis.register_function('haniel_room_v3_progress', progress)
        redis.register_function('haniel_room_v3_recall', recall)
        redis.register_function('haniel_room_v3_mine', mine)
        redis.register_function('haniel_room_v3_leave', leave)
        redis.register_function('haniel_room_v3_profile', profile)
        redis.register_function('haniel_room_v3_offer', offer)
        redis.register_function('haniel_room_v3_redeem', redeem)

        """
}
