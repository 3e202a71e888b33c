extension RedisQueueFunctions {
    /// Making, mending and changing a room.
    static let opening = """
        local RULES = {
          'cap', 'units', 'burst', 'session', 'grace', 'limit', 'admit', 'departure', 'reserve', 'retry', 'pass',
          'lease', 'opens', 'outage', 'pint', 'fint'
        }

        local function set_rules(key, args, from)
          local pairs = {'next', 0}
          for i, name in ipairs(RULES) do
            pairs[#pairs + 1] = name
            pairs[#pairs + 1] = tonumber(args[from + i - 1])
          end
          pairs[#pairs + 1] = 'full'
          pairs[#pairs + 1] = tonumber(args[from])
          redis.call('HSET', key, unpack(pairs))
        end

        local function make(key, now, epoch)
          for _, name in ipairs({
            'act', 'fresh', 'own', 'dep', 'res', 'late', 'lal', 'clm', 'turns', 'gw', 'wnt', 'prov', 'pnum', 'inv',
            'mvd', 'hld', 'due', 'cell', 'gone', 'hrd', 'rcl', 'cld', 'fst', 'lim'
          }) do
            redis.call('DEL', sibling(key, name))
          end
          local pairs = {'epoch', epoch, 'base', epoch, 'rat', now, 'eat', now, 'origin', now - now % 100 - 1000,
            'made', now}
          for _, name in ipairs({
            'tail', 'serving', 'floor', 'hold', 'rdebt', 'edebt', 'next', 'active', 'reserved', 'gfrom', 'gto',
            'gtail', 'guntil', 'seen', 'recovery', 'lost', 'settle', 'regat', 'regs', 'dat', 'dbase', 'dcount',
            'entered', 'noshow', 'passed', 'placed', 'departed', 'heldback', 'gknown', 'rname', 'ropens', 'rkey',
            'dname', 'dkey'
          }) do
            pairs[#pairs + 1] = name
            pairs[#pairs + 1] = 0
          end
          redis.call('HSET', key, unpack(pairs))
          redis.call('HSETNX', key, 'control', 0)
        end

        -- Notes numbers that were given to nobody, of pairs from an index on: those before the newest, of which
        -- the last \(UnusedNumbers.limit - 1) are remembered, and all are passed over.
        local function leave_out(r, numbers, from)
          local pairs = {}
          for i = from, #numbers - 1, 2 do
            local after, through = math.max(numbers[i], r.serving), math.min(numbers[i + 1], r.gfrom)
            if through > after then
              fill(r, after + 1, through, nil)
              pairs[#pairs + 1] = string.format('%.0f %.0f', after, through)
            end
          end
          local text = table.concat(pairs, ' ', math.max(1, #pairs - \(UnusedNumbers.limit - 2)))
          redis.call('HSET', r.st, 'unused', string.format('%.0f ', r.epoch) .. text)
        end

        -- Takes over what somebody remembers of a registration and of a draw, if that is more.
        local function remember(r, name, opens, count, seed, drawn, base, places, drawn_seed)
          if name > r.regat or (name == r.regat and count > r.regs) then
            r.regat, r.rname, r.ropens, r.regs, r.rkey = name, name, opens, count, seed
          end
          if drawn > r.dat then r.dat, r.dname, r.dbase, r.dcount, r.dkey = drawn, drawn, base, places, drawn_seed end
        end

        -- node; remembered: epoch, base, tail, serving, floor; gap; registration (name, count) and draw (name, place
        -- before it, count); peers; control, its text; then the rules; the registration's time and keys, the draw's
        -- keys; then the last number that was given out, and pairs of numbers before it, from the head on: after the
        -- first and up to the second none was. Makes the room if there is none, mends it if it knows less.
        local function open(keys, args)
          local key, now = keys[1], clock()
          local n = {}
          for i, value in ipairs(args) do n[i] = tonumber(value) or 0 end
          local known = read(key)
          if not known and n[2] == 0 then
            make(key, now, math.floor(now / 1000))
            set_rules(key, args, 16)
          elseif not known or knows_less(known, n[2], n[4], n[8], n[9]) then
            known = known or {
              epoch = -1, tail = 0, serving = 0, regat = 0, ropens = 0, regs = 0, rkey = 0, dat = 0, dbase = 0,
              dcount = 0, dkey = 0
            }
            local last = math.max(known.tail, n[4])
            local first = math.max(known.serving, n[5])
            local from = n[4] >= known.tail and n[35] or last
            make(key, now, math.max(n[2] + 1, known.epoch + 1))
            redis.call('HSET', key, 'base', n[3], 'tail', last + n[7], 'serving', first, 'floor', math.min(n[6], first),
              'gfrom', from, 'gto', last + n[7], 'gtail', from, 'lost', math.max(first, 1), 'control', n[14],
              'ctl', args[15])
            set_rules(key, args, 16)
            local r = read(key)
            local k = known
            remember(r, k.regat, k.ropens, k.regs, k.rkey, k.dat, k.dbase, k.dcount, k.dkey)
            remember(r, n[8], n[32], n[9], n[33], n[10], n[11], n[12], n[34])
            r.node, r.seen = args[1], now
            -- How much of the rate was used is forgotten, too: all of it, for what is known.
            r.rdebt, r.edebt = r.burst * UNIT, r.burst * UNIT
            begin_recovery(r)
            redis.call('SADD', r.rcl_, r.node)
            leave_out(r, n, 36)
            for peer in string.gmatch(args[13], '[^,]+') do
              redis.call('SADD', r.wnt_, peer)
              redis.call('SADD', r.rcl_, peer)
            end
            r.guntil = r.hold + 6000
            if first > r.floor then redis.call('ZADD', r.turns_, first, math.floor(now / 1000)) end
            save(r)
          end
          return tonumber(redis.call('HGET', key, 'epoch'))
        end

        -- Notes how many people inside a gateway's view of the backend allows. As many as the gateways allow that were
        -- heard lately may be inside: the fewest of what each says.
        local function bear(r, limit)
          if limit then redis.call('HSET', r.lim_, r.node, string.format('%.0f %.0f', limit, r.now)) end
          local least, all = r.full, redis.call('HGETALL', r.lim_)
          for i = 1, #all, 2 do
            local count, seen = string.match(all[i + 1], '(%d+) (%d+)')
            if tonumber(seen) > r.now - 5000 then
              least = math.min(least, tonumber(count))
            else
              redis.call('HDEL', r.lim_, all[i])
            end
          end
          if least == r.cap then return end
          r.cap, r.next = least, 0
          redis.call('HSET', r.st, 'cap', least, 'next', 0)
        end

        -- the rules; when those who are registered are drawn, 0 to leave that as it is
        local function configure(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          advance(r, 'rdebt', 'rat')
          advance(r, 'edebt', 'eat')
          local draws = tonumber(args[20]) or 0
          if draws > 0 and r.regat > r.dat then r.ropens = draws end
          save(r)
          set_rules(keys[1], args, 4)
          r = read(keys[1])
          bear(r)
          return answer(r, 0, 0)
        end

        -- what operators decided, as text; without it, what they decided last
        local function control(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          if args[4] then
            r.control = redis.call('HINCRBY', r.st, 'control', 1)
            redis.call('HSET', r.st, 'ctl', args[4])
          end
          save(r)
          return {answer(r, 0, 0), {redis.call('HGET', r.st, 'ctl') or ''}}
        end


        """

    /// What visitors and the passing of time ask for.
    static let calls = """
        local function draw(r)
          -- While gateways tell what Redis has lost, there may be more of them than it knows.
          if r.regat <= r.dat or r.now < r.ropens or r.now < r.hold then return end
          r.dat, r.dname, r.dkey, r.dbase, r.dcount = r.regat, r.regat, r.rkey, r.tail, r.regs
          if r.regs > 0 then fill(r, r.tail + 1, r.tail + r.regs, r.now + 12000) end
          r.tail = r.tail + r.regs
          r.next = 0
        end

        local function is_settling(r) return r.settle > 0 or r.now < r.hold end

        -- count, alive until
        local function join(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          draw(r)
          if is_settling(r) or r.regat > r.dat then
            -- Others came earlier and have no number yet: this batch stands behind them.
            local first = r.placed + 1
            r.placed = r.placed + tonumber(args[4])
            for index = first, r.placed do
              redis.call('ZADD', r.prov_, r.now, string.format('16777215:%08d:%.0f', index, r.now))
            end
            r.settle = math.max(r.settle, 1)
            save(r)
            return answer(r, -2, first)
          end
          local granted = math.max(0, math.min(tonumber(args[4]), r.limit - (r.tail - r.serving - unused(r))))
          if granted > 0 then fill(r, r.tail + 1, r.tail + granted, tonumber(args[5])) end
          r.tail = r.tail + granted
          release(r)
          save(r)
          return answer(r, granted, r.tail - granted + 1)
        end

        -- Gives up a place of somebody who came while nobody could be asked for a registration.
        local function exchange(r, name, index)
          redis.call('ZREM', r.prov_, name)
          redis.call('HSET', r.pnum_, name, string.format('r%.0f %.0f', r.regat, index))
          redis.call('EXPIRE', r.pnum_, 2764800)
        end

        -- count, when it opens, keys of the seed; the place without a number that its holder gives up, which is
        -- registered once. The first one's time and keys count.
        local function register(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          draw(r)
          local opens, name = tonumber(args[5]), args[7] or ''
          if r.now >= opens or r.now < r.hold then
            save(r)
            return answer(r, -2, 0)
          end
          if r.regat <= r.dat then
            r.regat, r.regs = math.max(math.ceil(opens / 1000) * 1000, r.dat + 1000), 0
            r.rname, r.ropens, r.rkey = r.regat, opens, tonumber(args[6]) or 0
          end
          local text = name ~= '' and redis.call('HGET', r.pnum_, name) or ''
          local known, index = string.match(text, '^r(%d+) (%d+)$')
          if tonumber(known) == r.regat then
            save(r)
            return answer(r, 1, tonumber(index))
          end
          local granted = math.max(0, math.min(tonumber(args[4]), r.limit - r.regs))
          r.regs = r.regs + granted
          if granted > 0 and name ~= '' then exchange(r, name, r.regs) end
          save(r)
          return answer(r, granted, r.regs - granted + 1)
        end

        -- Whether a ticket is the last one of its place; of a place that was never moved every one is.
        local function is_last(r, position, moves)
          local known = redis.call('HGET', r.mvd_, position)
          return not known or tonumber(known) == tonumber(moves or 0)
        end

        -- Whether the holder of a ticket still has the place.
        local function is_held(r, position, moves)
          if position < 1 or position > r.tail or redis.call('GETBIT', r.clm_, position) == 1
            or not is_last(r, position, moves) then
            return false
          end
          return position > r.floor or redis.call('ZSCORE', r.res_, position) or redis.call('ZSCORE', r.late_, position)
            or is_held_back(r, position)
        end

        -- position, whether it goes before the line, moves of the ticket, code, for how long
        local function offer(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          pass_grace(r)
          save(r)
          local position = tonumber(args[4])
          if not is_held(r, position, args[6]) then return answer(r, 0, 0) end
          local value = position .. ' ' .. args[5] .. ' ' .. args[6] .. ' ' .. r.now + args[8]
          redis.call('SET', sibling(r.st, 'mv:' .. args[7]), value, 'PX', args[8])
          return answer(r, 1, 0)
        end

        -- code: the place, whether it goes before the line, and how often it has been moved now
        local function redeem(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          pass_grace(r)
          save(r)
          local value = redis.call('GETDEL', sibling(r.st, 'mv:' .. args[4]))
          local position, invited, moves, ending = string.match(value or '', '(%d+) (%d) (%d+) (%d+)')
          if not position or tonumber(ending) <= r.now or not is_held(r, tonumber(position), moves) then
            return {answer(r, 0, 0), {}}
          end
          redis.call('HSET', r.mvd_, position, moves + 1)
          redis.call('EXPIRE', r.mvd_, 2764800)
          return {answer(r, 1, tonumber(position)), {tonumber(invited), moves + 1}}
        end

        -- position, session, alive until, epoch of the ticket, what the log may say of the session, moves of it; where
        -- its holder comes from: address and fingerprint, 0 for none
        local function claim(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local position, sid, time, epoch = tonumber(args[4]), args[5], tonumber(args[6]), tonumber(args[7])
          expire(r)
          draw(r)
          if epoch < r.base or epoch > r.epoch then
            save(r)
            return answer(r, 3, 0)
          end
          local ending = redis.call('ZSCORE', r.act_, sid)
          if ending then
            save(r)
            if redis.call('ZSCORE', r.fresh_, sid) then return answer(r, 1, tonumber(ending)) end
            return answer(r, 3, 0)
          end
          if position < 1 or position > r.tail or redis.call('GETBIT', r.clm_, position) == 1
            or not is_last(r, position, args[9]) then
            save(r)
            return answer(r, 3, 0)
          end
          if r.lost > 0 and r.now < r.hold then
            save(r)
            return answer(r, 0, 0)
          end
          pass_grace(r)
          local left = held(r, position)
          if left then
            save(r)
            return answer(r, 4, left)
          end
          if redis.call('ZSCORE', r.late_, position) then
            keep_late(r, position, time)
          elseif position > r.serving then
            if not mark(r, position, time) then miss(r, position, time) end
          elseif not redis.call('ZSCORE', r.res_, position) then
            if position <= r.floor and not is_held_back(r, position) then
              save(r)
              return answer(r, 3, 0)
            end
            keep_late(r, position, time)
          end
          release(r)
          local code, value = enter(r, position, sid, time, args[8] or '', args[10], args[11])
          save(r)
          return answer(r, code, value)
        end

        -- position, moves of the ticket: 1 if it was given up
        local function give_up(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          pass_grace(r)
          local position = tonumber(args[4])
          if not is_held(r, position, args[5]) then
            save(r)
            return answer(r, 0, 0)
          end
          spend(r, position)
          redis.call('ZREM', r.late_, position)
          redis.call('HDEL', r.lal_, position)
          redis.call('ZREM', r.res_, position)
          forget_held(r, position)
          release(r)
          save(r)
          return answer(r, 1, 0)
        end

        -- position, invitation, how often it may be used, moves of the ticket: whoever holds it is called up before the
        -- line. A place counts once, however often it is called up.
        local function invite(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          expire(r)
          pass_grace(r)
          local position, uses = tonumber(args[4]), tonumber(redis.call('HGET', r.inv_, args[5]) or 0)
          local isPaid = redis.call('SISMEMBER', r.fst_, position) == 1
          if not isPaid and uses >= tonumber(args[6]) or not is_held(r, position, args[7]) then
            save(r)
            return answer(r, 0, 0)
          end
          if not isPaid then
            redis.call('HINCRBY', r.inv_, args[5], 1)
            redis.call('SADD', r.fst_, position)
            redis.call('EXPIRE', r.fst_, 172800)
          end
          if position > r.serving then
            local key, offset = block(r, position)
            redis.call('SETRANGE', key, offset, SPENT)
          end
          forget_held(r, position)
          if not redis.call('ZSCORE', r.res_, position) then keep_late(r, position, r.now + 8000) end
          r.next = 0
          save(r)
          return answer(r, 1, 0)
        end

        -- pairs of position and alive until in hundreds of milliseconds, packed as two big-endian words each
        local function alive(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local bytes, blocks = args[4], {}
          for index = 1, #bytes - 15, 16 do
            local high, low, later, time = struct.unpack('>I4I4I4I4', bytes, index)
            local position = high * 4294967296 + low
            time = (later * 4294967296 + time) * 100
            if position > r.serving and position <= r.tail then
              local number = math.floor(position / BLOCK)
              blocks[number] = blocks[number] or {}
              table.insert(blocks[number], {position % BLOCK, time})
            else
              mark_late(r, position, time)
            end
          end
          for number, marks in pairs(blocks) do
            for _, pair in ipairs(mark_block(r, number, marks)) do mark_late(r, pair[1], pair[2]) end
          end
          save(r)
          return answer(r, 0, 0)
        end

        -- Numbers what was given out meanwhile, in the order of its times, when every node has told of its share.
        local function settle(r)
          if r.settle == 0 or r.now < r.settle or r.now < r.hold or r.regat > r.dat then return end
          local names = redis.call('ZRANGE', r.prov_, 0, 1999)
          if names[1] then
            fill(r, r.tail + 1, r.tail + #names, r.now + 14000)
            for _, name in ipairs(names) do
              r.tail = r.tail + 1
              redis.call('HSET', r.pnum_, name, r.tail)
            end
            redis.call('ZREMRANGEBYRANK', r.prov_, 0, #names - 1)
            redis.call('EXPIRE', r.pnum_, 2764800)
          end
          if redis.call('ZCARD', r.prov_) == 0 then r.settle = 0 end
          r.next = 0
        end

        -- places given out while nobody could be asked: pairs of time and name
        local function provision(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          for i = 4, #args, 2 do
            if not redis.call('HGET', r.pnum_, args[i + 1]) then
              redis.call('ZADD', r.prov_, tonumber(args[i]), args[i + 1])
            end
          end
          -- A room that has just been made waits for what other gateways gave out before there was one.
          r.settle = math.max(r.settle, r.made <= r.now and r.made + 1500 or 1)
          settle(r)
          save(r)
          return answer(r, 0, 0)
        end

        -- name: the number of a place given out meanwhile; 0 while it has none
        local function place(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          settle(r)
          -- What was given up for a registration has no number, and gets one behind the draw if it is shown again.
          local number = tonumber(redis.call('HGET', r.pnum_, args[4]) or '')
          if not number and not is_settling(r) and r.regat <= r.dat
            and not redis.call('ZSCORE', r.prov_, args[4]) then
            -- The node that gave it out is gone with what it knew.
            fill(r, r.tail + 1, r.tail + 1, r.now + 14000)
            r.tail = r.tail + 1
            number = r.tail
            redis.call('HSET', r.pnum_, args[4], number)
            redis.call('EXPIRE', r.pnum_, 2764800)
          end
          save(r)
          return answer(r, number and 1 or 0, number or 0)
        end

        -- whether to say which nodes there are, and that this one is; until when the caller has heard who left, and
        -- which process of its node it is; whether to say who is called up; how many people inside its view of the
        -- backend allows, if it has one. Also says who left since then, and until
        -- when that is all; and which numbers were given to nobody before the newest of those.
        local function tick(keys, args)
          local r, failure = load(keys, args)
          if not r then return failure end
          local before, nodes = r.regat + r.dat + r.settle, {}
          local left, told = departures(r, tonumber(args[5] or ''), args[6], args[4] == '1')
          draw(r)
          settle(r)
          local isDue = r.now >= r.next or r.regat + r.dat + r.settle ~= before
          if isDue then
            expire(r)
            pass_grace(r)
            release(r)
            save(r)
          else
            redis.call('HSET', r.st, 'seen', r.seen)
          end
          if args[4] == '1' then
            bear(r, tonumber(args[8] or ''))
            redis.call('ZADD', r.gw_, r.now, r.node)
            redis.call('ZREMRANGEBYSCORE', r.gw_, '-inf', r.now - r.lease - 5000)
            nodes = redis.call('ZRANGE', r.gw_, 0, 99)
          end
          return {answer(r, 0, told), left, nodes, args[7] == '1' and called_up(r) or false, older(r)}
        end


        """
}
