extension RedisQueueFunctions {
    /// Until when places are alive, what is spent, and what is left after failures.
    static let places = """
        local function units(time) return math.ceil(time / 100) * 100 end

        local function packed(r, time)
          return struct.pack('>I4', math.max(2, math.min(4294967295, math.ceil((time - r.origin) / 100))))
        end

        local function unpacked(r, bytes, index)
          if not bytes or #bytes < index + 3 then return 0 end
          local value = struct.unpack('>I4', bytes, index)
          if value < 2 then return 0 end
          return r.origin + value * 100
        end

        local function block(r, position)
          return sibling(r.st, 'alv:' .. math.floor(position / BLOCK)), 4 * (position % BLOCK)
        end

        -- Fills the places from first to last with one time, or as spent; they may lie in several blocks.
        local function fill(r, first, last, time)
          local bytes = time and packed(r, time) or SPENT
          while first <= last do
            local key, offset = block(r, first)
            local size = math.min(last - first + 1, BLOCK - offset / 4)
            redis.call('SETRANGE', key, offset, string.rep(bytes, size))
            first = first + size
          end
        end

        -- False for a place that is not to be called up from the line.
        local function mark(r, position, time)
          local key, offset = block(r, position)
          local bytes = redis.call('GETRANGE', key, offset, offset + 3)
          if bytes == SPENT then return false end
          if units(time) > unpacked(r, bytes, 1) then redis.call('SETRANGE', key, offset, packed(r, time)) end
          return true
        end

        -- Marks many places of one block with two commands; returns those that are not to be called up from the line.
        local function mark_block(r, number, marks)
          table.sort(marks, function(a, b) return a[1] < b[1] end)
          local first, last = marks[1][1], marks[#marks][1]
          local key = sibling(r.st, 'alv:' .. number)
          local bytes = redis.call('GETRANGE', key, 4 * first, 4 * last + 3)
          bytes = bytes .. string.rep('\\000', 4 * (last - first + 1) - #bytes)
          local parts, copied, changed, others = {}, 0, false, {}
          for _, pair in ipairs(marks) do
            local offset = 4 * (pair[1] - first)
            local old = string.sub(bytes, offset + 1, offset + 4)
            if old == SPENT then others[#others + 1] = {number * BLOCK + pair[1], pair[2]} end
            if offset >= copied and old ~= SPENT and units(pair[2]) > unpacked(r, old, 1) then
              parts[#parts + 1] = string.sub(bytes, copied + 1, offset)
              parts[#parts + 1] = packed(r, pair[2])
              copied = offset + 4
              changed = true
            end
          end
          if not changed then return others end
          parts[#parts + 1] = string.sub(bytes, copied + 1)
          redis.call('SETRANGE', key, 4 * first, table.concat(parts))
          return others
        end

        local function spend(r, position)
          redis.call('SETBIT', r.clm_, position, 1)
          if position > r.serving then
            local key, offset = block(r, position)
            redis.call('SETRANGE', key, offset, SPENT)
          end
        end

        -- Blocks that the line has left behind are not looked at again.
        local function drop_blocks(r, before)
          for index = math.floor(before / BLOCK), math.floor(r.serving / BLOCK) - 1 do
            redis.call('DEL', sibling(r.st, 'alv:' .. index))
          end
        end

        local function keep_late(r, position, time)
          redis.call('ZADD', r.late_, position, position)
          local stored = tonumber(redis.call('HGET', r.lal_, position) or 0) or 0
          if units(time) > stored then redis.call('HSET', r.lal_, position, units(time)) end
        end

        -- Takes back somebody who goes before the line, was not there when a slot was free, and is not called up.
        local function miss(r, position, time)
          if redis.call('SISMEMBER', r.fst_, position) == 1 and not redis.call('ZSCORE', r.res_, position) then
            keep_late(r, position, time)
          end
        end

        -- Notes that somebody was seen whose turn has come, or who goes before the line.
        local function mark_late(r, position, time)
          if not redis.call('ZSCORE', r.late_, position) then return end
          keep_late(r, position, time)
          r.next = 0
        end


        """

    /// What happens after nobody could reach Redis, or after Redis forgot something: until every node has told what it
    /// remembers, or the longest lease is over, nobody is admitted and nobody is forgotten.
    static let recovery = """
        local recalled

        local function finish_recovery(r)
          r.hold = r.now
          -- Turns that had come were forgotten. Where not every node remembers them, their holders, who are told to
          -- come back in a second, all ask again before anybody is called up, and go before the line in their order.
          if r.lost > 0 and not recalled(r) then r.hold = r.now + 4500 end
          r.guntil = math.max(r.guntil, r.now + 6000)
          if r.gtail == 0 then r.guntil = 0 end
          r.lost = 0
          r.next = 0
        end

        local function begin_recovery(r)
          -- Nobody could be seen meanwhile, so everybody counts as seen for that much longer.
          local away = math.ceil((r.now - r.seen) / 100) * 100
          r.origin = r.origin + away
          local called = redis.call('ZRANGE', r.res_, 0, -1, 'WITHSCORES')
          for i = 1, #called, 2 do redis.call('ZADD', r.res_, called[i + 1] + away + 3000, called[i]) end
          local late = redis.call('HGETALL', r.lal_)
          for i = 1, #late, 2 do redis.call('HSET', r.lal_, late[i], late[i + 1] + away + 3000) end
          local held = redis.call('ZRANGE', r.hld_, 0, -1, 'WITHSCORES')
          for i = 1, #held, 2 do redis.call('ZADD', r.hld_, held[i + 1] + away + 3000, held[i]) end
          r.recovery = math.max(r.now, r.recovery + 1)
          r.hold = r.now + r.lease
          r.settle = r.now
          r.next = 0
          redis.call('DEL', r.wnt_)
          local nodes = redis.call('ZRANGEBYSCORE', r.gw_, r.seen - r.lease - 1000, '+inf')
          if nodes[1] then redis.call('SADD', r.wnt_, unpack(nodes)) end
          redis.call('SADD', r.wnt_, r.node)
        end

        -- Called first by every call: time may have passed in which nobody could.
        local function notice(r)
          if r.seen > 0 and r.now - r.seen > r.outage then begin_recovery(r) end
          r.seen = r.now
          if r.lost > 0 and r.now >= r.hold then
            -- Not all have told which turns were taken, so all that came before count as taken.
            r.floor = math.max(r.floor, r.lost)
            finish_recovery(r)
          end
        end

        -- Whether somebody remembers more of the room than it knows.
        local function knows_less(r, epoch, tail, name, count)
          if r.epoch ~= epoch then return r.epoch < epoch end
          return r.tail < tail or r.regat < name or (r.regat == name and r.regs < count)
        end

        local function load(keys, args)
          local r = read(keys[1])
          if not r then return nil, redis.error_reply('STALE there is no such room') end
          local name, count = tonumber(table.remove(args, 4)), tonumber(table.remove(args, 4))
          if knows_less(r, tonumber(args[1]), tonumber(args[2]), name, count) then
            return nil, redis.error_reply('STALE the room knows less than its caller')
          end
          r.node = args[3]
          notice(r)
          return r
        end

        local function is_among(nodes, node)
          return nodes and string.find(' ' .. nodes .. ' ', ' ' .. node .. ' ', 1, true) ~= nil
        end

        -- Notes that the caller knows a session.
        local function own(r, sid)
          local nodes = redis.call('HGET', r.own_, sid)
          if is_among(nodes, r.node) then return end
          redis.call('HSET', r.own_, sid, nodes and nodes .. ' ' .. r.node or r.node)
        end

        -- Nodes that may be extending sessions on their own because they are cut off: for a lease, since they know how
        -- long their sessions are kept.
        local function missing_nodes(r)
          local missing, any = {}, false
          for _, node in ipairs(redis.call('ZRANGEBYSCORE', r.gw_, r.now - r.lease, r.now - r.outage - 1000)) do
            if node ~= r.node then
              missing[node] = true
              any = true
            end
          end
          return missing, any
        end

        -- Whether one of a session's nodes is missing.
        local function is_missing(missing, nodes)
          for node in string.gmatch(nodes or '', '%S+') do
            if missing[node] then return true end
          end
          return false
        end

        local function expire_sessions(r)
          local ended = redis.call('ZRANGEBYSCORE', r.act_, '-inf', r.now, 'LIMIT', 0, 1000)
          if not ended[1] then return end
          local missing, any = missing_nodes(r)
          if not any then
            redis.call('ZREM', r.act_, unpack(ended))
            redis.call('HDEL', r.own_, unpack(ended))
            return
          end
          for _, sid in ipairs(ended) do
            if is_missing(missing, redis.call('HGET', r.own_, sid)) then
              -- Its slot stays taken until nobody can be using it: see `RedisQueueMemory.last(of:)`.
              redis.call('ZADD', r.act_, r.now + 500, sid)
            else
              redis.call('ZREM', r.act_, sid)
              redis.call('HDEL', r.own_, sid)
            end
          end
        end

        local function expire_held(r)
          local ended = redis.call('ZRANGEBYSCORE', r.hld_, '-inf', r.now, 'LIMIT', 0, 1000)
          if not ended[1] then return end
          redis.call('ZREM', r.hld_, unpack(ended))
          redis.call('HDEL', r.due_, unpack(ended))
        end

        local function expire(r)
          if r.now >= r.hold then expire_sessions(r) end
          for _, key in ipairs({r.dep_, r.fresh_}) do
            redis.call('ZREMRANGEBYSCORE', key, '-inf', r.now)
          end
          r.noshow = r.noshow + redis.call('ZREMRANGEBYSCORE', r.res_, '-inf', r.now)
          if r.heldback > 0 then expire_held(r) end
        end


        """

    /// The machine's steps: who is called up, who comes in.
    static let steps = """
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

        local function admits(r) return r.admit == 1 and r.now >= r.hold and r.now >= r.opens end

        local function pass_grace(r)
          while true do
            local oldest = redis.call('ZRANGE', r.turns_, 0, 0, 'WITHSCORES')
            if not oldest[1] or (oldest[1] + 1) * 1000 + r.grace > r.now then return end
            r.floor = math.max(r.floor, tonumber(oldest[2]))
            redis.call('ZREM', r.turns_, oldest[1])
          end
        end

        local function reserve(r, position, time)
          redis.call('ZADD', r.res_, math.max(time, r.now + r.reserve), position)
          r.rdebt = r.rdebt + UNIT
          r.reserved = r.reserved + 1
        end

        -- When a tick may change something again: until then ticks cost little.
        local function plan(r, left)
          r.next = r.now + 5000
          if r.active - r.leaving + r.reserved < r.cap then
            if left == 0 then r.next = math.min(r.next, r.now + math.max(1, wait(r, 'rdebt'))) end
            if left > 0 and r.serving < r.tail then r.next = r.now end
            return
          end
          for _, key in ipairs({r.act_, r.dep_, r.res_}) do
            local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
            if first[2] then r.next = math.min(r.next, tonumber(first[2])) end
          end
        end

        local function release_late(r, left)
          while left > 0 do
            local first = redis.call('ZPOPMIN', r.late_)
            if not first[1] then break end
            local time = tonumber(redis.call('HGET', r.lal_, first[1]) or 0) or 0
            redis.call('HDEL', r.lal_, first[1])
            if time > r.now then
              reserve(r, tonumber(first[1]), time)
              left = left - 1
            end
          end
          return left
        end

        local function release_line(r, left)
          local passed, before = 0, r.serving
          while left > 0 and passed < r.pass and r.serving < r.tail do
            -- Numbers that nobody was given are passed over in one step.
            for _, pair in ipairs(r.unused) do
              if r.serving >= pair[1] and r.serving < pair[2] then r.serving = math.min(pair[2], r.tail) end
            end
            local first = r.serving + 1
            local key, offset = block(r, first)
            local size = math.min(100, r.tail - r.serving, BLOCK - offset / 4)
            for _, pair in ipairs(r.unused) do
              if r.serving < pair[1] then size = math.min(size, pair[1] - r.serving) end
            end
            local bytes = size > 0 and redis.call('GETRANGE', key, offset, offset + 4 * size - 1) or ''
            for index = 0, size - 1 do
              if left == 0 or passed == r.pass then break end
              local position = first + index
              local time = unpacked(r, bytes, 4 * index + 1)
              if position > r.gknown and position <= r.gtail
                and string.sub(bytes, 4 * index + 1, 4 * index + 4) ~= SPENT then
                time = math.max(time, r.guntil)
              end
              r.serving = position
              if time > r.now then
                reserve(r, position, time)
                left = left - 1
              else
                passed = passed + 1
                r.passed = r.passed + 1
              end
            end
          end
          if math.floor(before / BLOCK) < math.floor(r.serving / BLOCK) then drop_blocks(r, before) end
          return left
        end

        local function release(r)
          count(r)
          if not admits(r) then
            r.next = r.now + 1000
            if r.hold > r.now then r.next = math.min(r.next, r.hold) end
            if r.opens > r.now then r.next = math.min(r.next, r.opens) end
            return
          end
          advance(r, 'rdebt', 'rat')
          local budget = math.floor((r.burst * UNIT - r.rdebt) / UNIT)
          -- Slots that were just left are free by the time that somebody called up now comes in.
          local left = math.max(0, math.min(r.cap - r.active + r.leaving - r.reserved, budget))
          local before = r.serving
          left = release_late(r, left)
          left = release_line(r, left)
          if r.serving > before then redis.call('ZADD', r.turns_, r.serving, math.floor(r.now / 1000)) end
          plan(r, left)
        end

        local hold_back

        local function enter(r, position, sid, time, digest, client, fingerprint)
          local deadline = redis.call('ZSCORE', r.res_, position)
          if not admits(r) or not deadline then
            if deadline then redis.call('ZADD', r.res_, 'XX', 'GT', time, position) end
            return 0, 0
          end
          advance(r, 'edebt', 'eat')
          local pause = wait(r, 'edebt')
          if pause > 0 then
            redis.call('ZADD', r.res_, 'XX', 'GT', r.now + pause + r.reserve, position)
            return 2, pause
          end
          if r.active >= r.cap then
            local first = redis.call('ZRANGE', r.dep_, 0, 0, 'WITHSCORES')
            local free = first[2] and math.max(1, first[2] - r.now) or 0
            redis.call('ZADD', r.res_, 'XX', 'GT', math.max(time, r.now + free + r.reserve), position)
            return first[2] and 2 or 0, free
          end
          local left = hold_back(r, position, client, fingerprint)
          if left then return 4, left end
          r.edebt = r.edebt + UNIT
          local ending = r.now + r.session
          redis.call('ZREM', r.res_, position)
          redis.call('SETBIT', r.clm_, position, 1)
          redis.call('ZADD', r.act_, ending, sid)
          own(r, sid)
          redis.call('ZADD', r.fresh_, r.now + r.retry, sid)
          redis.call('XADD', r.log_, 'MAXLEN', '~', 200000, '*', 'p', position, 's', digest, 't', r.now)
          r.active = r.active + 1
          r.reserved = r.reserved - 1
          r.entered = r.entered + 1
          return 1, ending
        end


        """
}
