/// The queue's state machine as a library of Redis Functions: the same steps as `WaitingRoomStateMachine`, each atomic.
///
/// Keys of a room share one hash tag, so all of them live in one slot of a cluster. The key of a call is the room's
/// hash; the others are its siblings:
///
/// - `st` hash: numbers of the room and its rules
/// - `act`, `fresh` sorted sets: session by its end, session by the end of the time in which its claim may be repeated
/// - `dep` sorted set: sessions that left, by the moment their slot is free
/// - `res`, `late` sorted sets: position by its deadline, position by itself
/// - `alv` hash: position to the moment until which it counts as alive
/// - `clm` bitmap: positions that are spent
/// - `turns` sorted set: second by the highest position called up in it
///
/// Each call begins with what its caller remembers, epoch and tail. A room that knows less has lost data (a replica
/// promoted too early, an empty restart) and says `STALE` before anything is written.
enum RedisQueueFunctions {
    /// The library's text. Only tests replace the clock, which is Redis' own so that gateways need not agree on theirs.
    static func library(clock: String = serverClock) -> [UInt8] {
        Array("#!lua name=haniel_room_v1\n\(clock)\(room)\(steps)\(functions)".utf8)
    }

    private static let serverClock = """
        local function clock()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end

        """

    private static let room = """
        local UNIT = 1000000
        local FIELDS = {
          'epoch', 'tail', 'serving', 'floor', 'hold', 'rdebt', 'rat', 'edebt', 'eat', 'next', 'active', 'reserved',
          'gtail', 'guntil', 'cap', 'units', 'burst', 'session', 'grace', 'limit', 'admit', 'departure', 'reserve',
          'retry', 'pass'
        }

        local function sibling(key, name) return string.sub(key, 1, -3) .. name end

        local function load(keys, args)
          local values = redis.call('HMGET', keys[1], unpack(FIELDS))
          if not values[1] then return nil, redis.error_reply('STALE there is no such room') end
          local r = {}
          for i, name in ipairs(FIELDS) do r[name] = tonumber(values[i]) end
          local epoch, tail = tonumber(args[1]), tonumber(args[2])
          if r.epoch < epoch or (r.epoch == epoch and r.tail < tail) then
            return nil, redis.error_reply('STALE the room knows less than its caller')
          end
          r.now = clock()
          r.st = keys[1]
          for _, name in ipairs({'act', 'fresh', 'dep', 'res', 'late', 'alv', 'clm', 'turns'}) do
            r[name] = sibling(keys[1], name)
          end
          return r
        end

        local function save(r)
          redis.call('HSET', r.st, 'tail', r.tail, 'serving', r.serving, 'floor', r.floor, 'rdebt', r.rdebt,
            'rat', r.rat, 'edebt', r.edebt, 'eat', r.eat, 'next', r.next, 'active', r.active, 'reserved', r.reserved)
        end

        local function answer(r, code, value)
          return {code, value, r.epoch, r.serving, r.tail, r.active, r.reserved, r.cap, r.now}
        end

        local function count(r)
          r.active = redis.call('ZCARD', r.act) + redis.call('ZCARD', r.dep)
          r.reserved = redis.call('ZCARD', r.res)
        end


        """

    private static let steps = """
        local function advance(r, debt, at)
          local elapsed = r.now - r[at]
          if elapsed < -10000 then r[at] = r.now end
          if elapsed <= 0 then return end
          r[at] = r.now
          r[debt] = math.max(0, r[debt] - elapsed * r.units)
        end

        local function wait(r, debt)
          local missing = r[debt] - (r.burst - 1) * UNIT
          if missing <= 0 then return 0 end
          return math.ceil(missing / r.units)
        end

        local function expire(r)
          for _, key in ipairs({r.act, r.dep, r.res, r.fresh}) do
            redis.call('ZREMRANGEBYSCORE', key, '-inf', r.now)
          end
        end

        local function pass_grace(r)
          while true do
            local oldest = redis.call('ZRANGE', r.turns, 0, 0, 'WITHSCORES')
            if not oldest[1] or (oldest[1] + 1) * 1000 + r.grace > r.now then return end
            r.floor = math.max(r.floor, tonumber(oldest[2]))
            redis.call('ZREM', r.turns, oldest[1])
          end
        end

        local function alive_until(r, position, stored)
          local time = tonumber(stored or 0) or 0
          if position <= r.gtail then time = math.max(time, r.guntil) end
          return time
        end

        local function reserve(r, position, time)
          redis.call('ZADD', r.res, math.max(time, r.now + r.reserve), position)
          r.rdebt = r.rdebt + UNIT
          r.reserved = r.reserved + 1
        end

        local function mark(r, position, time)
          local stored = tonumber(redis.call('HGET', r.alv, position) or 0) or 0
          if time > stored then redis.call('HSET', r.alv, position, time) end
        end

        -- When a tick may change something again: until then ticks cost two commands.
        local function plan(r, left)
          r.next = r.now + 5000
          if r.active + r.reserved < r.cap then
            if left == 0 then r.next = math.min(r.next, r.now + math.max(1, wait(r, 'rdebt'))) end
            if left > 0 and r.serving < r.tail then r.next = r.now end
            return
          end
          for _, key in ipairs({r.act, r.dep, r.res}) do
            local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
            if first[2] then r.next = math.min(r.next, tonumber(first[2])) end
          end
        end

        local function release_late(r, left)
          while left > 0 do
            local first = redis.call('ZPOPMIN', r.late)
            if not first[1] then break end
            local time = tonumber(redis.call('HGET', r.alv, first[1]) or 0) or 0
            redis.call('HDEL', r.alv, first[1])
            if time > r.now then
              reserve(r, tonumber(first[1]), time)
              left = left - 1
            end
          end
          return left
        end

        local function release_line(r, left)
          local passed = 0
          while left > 0 and passed < r.pass and r.serving < r.tail do
            local positions = {}
            for position = r.serving + 1, math.min(r.tail, r.serving + 100) do
              positions[#positions + 1] = position
            end
            local times = redis.call('HMGET', r.alv, unpack(positions))
            local served = {}
            for i, position in ipairs(positions) do
              if left == 0 or passed == r.pass then break end
              local time = alive_until(r, position, times[i])
              r.serving = position
              served[#served + 1] = position
              if time > r.now then
                reserve(r, position, time)
                left = left - 1
              else
                passed = passed + 1
              end
            end
            redis.call('HDEL', r.alv, unpack(served))
          end
          return left
        end

        local function release(r)
          count(r)
          if r.admit ~= 1 or r.now < r.hold then
            r.next = r.now + 1000
            return
          end
          advance(r, 'rdebt', 'rat')
          local budget = math.floor((r.burst * UNIT - r.rdebt) / UNIT)
          local left = math.max(0, math.min(r.cap - r.active - r.reserved, budget))
          local before = r.serving
          left = release_late(r, left)
          left = release_line(r, left)
          if r.serving > before then redis.call('ZADD', r.turns, r.serving, math.floor(r.now / 1000)) end
          plan(r, left)
        end

        local function enter(r, position, sid, time)
          local deadline = redis.call('ZSCORE', r.res, position)
          if r.admit ~= 1 or r.now < r.hold or not deadline then
            if deadline then redis.call('ZADD', r.res, 'XX', 'GT', time, position) end
            return 0, 0
          end
          advance(r, 'edebt', 'eat')
          local pause = wait(r, 'edebt')
          if pause > 0 then
            redis.call('ZADD', r.res, 'XX', 'GT', r.now + pause + r.reserve, position)
            return 2, pause
          end
          r.edebt = r.edebt + UNIT
          local ending = r.now + r.session
          redis.call('ZREM', r.res, position)
          redis.call('SETBIT', r.clm, position, 1)
          redis.call('ZADD', r.act, ending, sid)
          redis.call('ZADD', r.fresh, r.now + r.retry, sid)
          r.active = r.active + 1
          r.reserved = r.reserved - 1
          return 1, ending
        end


        """

    private static let functions = """
        -- epoch, tail, serving remembered; gap; then the rules. Makes the room if there is none, mends it if it knows
        -- less.
        local function open(keys, args)
          local now = clock()
          local n = {}
          for i, value in ipairs(args) do n[i] = tonumber(value) end
          local known = redis.call('HMGET', keys[1], 'epoch', 'tail', 'serving')
          local epoch, tail, serving = tonumber(known[1] or -1), tonumber(known[2] or 0), tonumber(known[3] or 0)
          if epoch < n[1] or (epoch == n[1] and tail < n[2]) then
            local last = math.max(tail, n[2])
            local first = math.max(serving, n[3])
            if epoch < 0 and n[2] == 0 then
              redis.call('HSET', keys[1], 'epoch', math.max(n[1], math.floor(now / 1000)), 'tail', 0, 'serving', 0,
                'floor', 0, 'hold', 0, 'gtail', 0, 'guntil', 0)
            else
              redis.call('HSET', keys[1], 'epoch', n[1], 'tail', last + n[4], 'serving', first, 'floor', first,
                'hold', now + n[8], 'gtail', last, 'guntil', now + math.min(n[9], 60000))
            end
            redis.call('HSET', keys[1], 'rdebt', 0, 'rat', now, 'edebt', 0, 'eat', now, 'active', 0, 'reserved', 0)
          end
          redis.call('HSET', keys[1], 'next', 0, 'cap', n[5], 'units', n[6], 'burst', n[7], 'session', n[8],
            'grace', n[9], 'limit', n[10], 'admit', n[11], 'departure', n[12], 'reserve', n[13], 'retry', n[14],
            'pass', n[15])
          return tonumber(redis.call('HGET', keys[1], 'epoch'))
        end

        -- count, alive until
        local function join(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          local granted = math.max(0, math.min(tonumber(args[3]), r.limit - (r.tail - r.serving)))
          local fields = {}
          for position = r.tail + 1, r.tail + granted do
            fields[#fields + 1] = position
            fields[#fields + 1] = args[4]
          end
          if granted > 0 then redis.call('HSET', r.alv, unpack(fields)) end
          r.tail = r.tail + granted
          release(r)
          save(r)
          return answer(r, granted, r.tail - granted + 1)
        end

        -- position, session, alive until, epoch of the ticket
        local function claim(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local position, sid, time = tonumber(args[3]), args[4], tonumber(args[5])
          if tonumber(args[6]) ~= r.epoch then return answer(r, 3, 0) end
          expire(r)
          local ending = redis.call('ZSCORE', r.act, sid)
          if ending then
            if redis.call('ZSCORE', r.fresh, sid) then return answer(r, 1, tonumber(ending)) end
            return answer(r, 3, 0)
          end
          if position < 1 or position > r.tail or redis.call('GETBIT', r.clm, position) == 1 then
            return answer(r, 3, 0)
          end
          pass_grace(r)
          if position > r.serving then
            mark(r, position, time)
          elseif not redis.call('ZSCORE', r.res, position) then
            if position <= r.floor and not redis.call('ZSCORE', r.late, position) then
              save(r)
              return answer(r, 3, 0)
            end
            redis.call('ZADD', r.late, position, position)
            mark(r, position, time)
          end
          release(r)
          local code, value = enter(r, position, sid, time)
          save(r)
          return answer(r, code, value)
        end

        -- whether to take over unknown ones; sessions. Answers an end per session, 0 for those that are over.
        local function renew(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local sids, endings, change = {}, {}, {}
          for i = 4, #args do sids[#sids + 1] = args[i] end
          local scores = redis.call('ZMSCORE', r.act, unpack(sids))
          for i, sid in ipairs(sids) do
            local ending = tonumber(scores[i] or 0) or 0
            if ending > r.now or (args[3] == '1' and r.now < r.hold) then
              ending = math.max(ending, r.now + r.session)
              change[#change + 1] = ending
              change[#change + 1] = sid
            else
              ending = 0
            end
            endings[i] = ending
          end
          if #change > 0 then redis.call('ZADD', r.act, unpack(change)) end
          return {answer(r, 0, 0), endings}
        end

        -- session
        local function leave(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          if redis.call('ZREM', r.act, args[3]) == 1 then
            redis.call('ZREM', r.fresh, args[3])
            redis.call('ZADD', r.dep, r.now + r.departure, args[3])
            r.next = 0
          end
          count(r)
          save(r)
          return answer(r, 0, 0)
        end

        -- position
        local function give_up(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          local position = tonumber(args[3])
          if position < 1 or position > r.tail then return answer(r, 0, 0) end
          redis.call('SETBIT', r.clm, position, 1)
          redis.call('HDEL', r.alv, position)
          redis.call('ZREM', r.late, position)
          redis.call('ZREM', r.res, position)
          release(r)
          save(r)
          return answer(r, 0, 0)
        end

        -- pairs of position and alive until
        local function alive(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local bits, fields = {}, {}
          for i = 3, #args, 2 do
            bits[#bits + 1] = 'GET'
            bits[#bits + 1] = 'u1'
            bits[#bits + 1] = args[i]
            fields[#fields + 1] = args[i]
          end
          local spent = redis.call('BITFIELD', r.clm, unpack(bits))
          local stored = redis.call('HMGET', r.alv, unpack(fields))
          local change = {}
          for i, field in ipairs(fields) do
            local position, time = tonumber(field), tonumber(args[2 + 2 * i])
            local before = tonumber(stored[i] or 0) or 0
            if spent[i] == 0 and position > r.serving and position <= r.tail and time > before then
              change[#change + 1] = position
              change[#change + 1] = time
            end
          end
          if #change > 0 then redis.call('HSET', r.alv, unpack(change)) end
          return answer(r, 0, 0)
        end

        local function tick(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          if r.now >= r.next then
            expire(r)
            pass_grace(r)
            release(r)
            save(r)
          end
          return answer(r, 0, 0)
        end

        redis.register_function('haniel_room_v1_open', open)
        redis.register_function('haniel_room_v1_join', join)
        redis.register_function('haniel_room_v1_claim', claim)
        redis.register_function('haniel_room_v1_renew', renew)
        redis.register_function('haniel_room_v1_leave', leave)
        redis.register_function('haniel_room_v1_give_up', give_up)
        redis.register_function('haniel_room_v1_alive', alive)
        redis.register_function('haniel_room_v1_tick', tick)

        """
}
