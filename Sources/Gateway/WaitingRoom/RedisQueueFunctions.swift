/// The queue's state machine as a library of Redis Functions: the same steps as `WaitingRoomStateMachine`, each atomic.
///
/// Keys of a room share one hash tag, so all of them live in one slot of a cluster. The key of a call is the room's
/// hash; the others are its siblings:
///
/// - `st` hash: numbers of the room and its rules
/// - `act`, `fresh` sorted sets: session by its end, session by the end of the time in which its claim may be repeated
/// - `own` hash: session to the nodes that know it
/// - `dep` sorted set: sessions that left, by the moment their slot is free even if not every gateway has heard of it
/// - `gone` sorted set: sessions that left of late by when; `hrd` hash: node and process to until when it has heard
/// who left, and when it said so
/// - `res`, `late` sorted sets: position by its deadline, position by itself; `lal` hash: until when a late
/// one is alive
/// - `hld` sorted set: positions held back for the sake of others by how long they are kept; `due` hash:
/// position to the admission, in thousandths, that it comes in with; `cell` sorted set: where people come
/// from by when the next may
/// - `alv:N` strings: until when positions count as alive, four bytes each, 65,536 positions to a string
/// - `clm` bitmap: positions that are spent
/// - `turns` sorted set: second by the highest position called up in it
/// - `gw` sorted set: node by when it was last heard; `wnt` set: nodes whose report a recovery waits for
/// - `rcl` set: nodes that have not told yet who had been called up; `cld` sorted set: positions that had been
/// - `prov` sorted set, `pnum` hash: places given out while Redis was away by their time, and their numbers
/// - `log` stream: admissions; `inv` hash: invitations by their uses; `fst` set: positions called up before the line
/// - `wdr:EPOCH:NAME` sets: those of a registration who left before its draw, of which only gateways know
/// - `lim` hash: node to how many people inside the backend's latency there allows, and when it said so
/// - `mvd` hash: positions that were moved to another device by how often; `mv:CODE` strings: those on their way
///
/// Each call begins with what its caller remembers and who it is: epoch, tail, node, the last registration's name and
/// its count. A room that knows less has lost data (a replica promoted too early, an empty restart) and says `STALE`
/// before anything is written.
///
/// A library with another name may work on the same room: that of gateways of before or after, while they are
/// exchanged.
enum RedisQueueFunctions {
    /// The library's text. Only tests replace the clock, which is Redis' own so that gateways need not agree on theirs.
    static func library(clock: String = serverClock) -> [UInt8] {
        let parts = [
            clock, room, places, recovery, recall, steps, shares, departures, opening, calls,
            sessions,
        ]
        return Array("#!lua name=haniel_room_v3\n\(parts.joined())".utf8)
    }

    private static let serverClock = """
        local function clock()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
        end

        """

    private static let room = """
        local UNIT = 1000000
        local BLOCK = 65536
        local SPENT = '\\000\\000\\000\\001'
        local FIELDS = {
          'epoch', 'base', 'tail', 'serving', 'floor', 'hold', 'rdebt', 'rat', 'edebt', 'eat', 'next', 'active',
          'reserved', 'gfrom', 'gto', 'gtail', 'guntil', 'cap', 'units', 'burst', 'session', 'grace', 'limit', 'admit',
          'departure', 'reserve', 'retry', 'pass', 'lease', 'opens', 'outage', 'seen', 'recovery', 'lost', 'settle',
          'regat', 'regs', 'dat', 'dbase', 'dcount', 'control', 'entered', 'noshow', 'passed', 'origin',
          'placed', 'departed', 'pint', 'fint', 'heldback', 'gknown', 'rname', 'ropens', 'rkey', 'dname', 'dkey',
          'full', 'made',
          'unused'
        }
        local CHANGING = {
          'tail', 'serving', 'floor', 'hold', 'rdebt', 'rat', 'edebt', 'eat', 'next', 'active', 'reserved', 'guntil',
          'seen', 'recovery', 'lost', 'settle', 'regat', 'regs', 'dat', 'dbase', 'dcount', 'entered', 'noshow',
          'passed', 'origin', 'placed', 'departed', 'heldback', 'gknown', 'rname', 'ropens', 'rkey', 'dname', 'dkey'
        }

        local function sibling(key, name) return string.sub(key, 1, -3) .. name end

        -- Numbers that were given to nobody: pairs of numbers, after the first and up to the second, from the head of
        -- the line on. The newest are those that the last loss of data left out; the text has what others had before,
        -- and begins with the epoch, so that a program that does not know of it leaves nothing behind that is wrong.
        local function stretches(r, text)
          local numbers, result = {}, {}
          for number in string.gmatch(text, '%d+') do numbers[#numbers + 1] = tonumber(number) end
          if numbers[1] == r.epoch then
            for i = 2, #numbers - 1, 2 do
              if numbers[i + 1] > r.serving and numbers[i + 1] <= r.gfrom then
                result[#result + 1] = {numbers[i], numbers[i + 1]}
              end
            end
          end
          if r.gto > r.gfrom then result[#result + 1] = {r.gfrom, r.gto} end
          return result
        end

        -- The same as one list, without the newest.
        local function older(r)
          local result = {}
          for _, pair in ipairs(r.unused) do
            if pair[2] <= r.gfrom then
              result[#result + 1] = pair[1]
              result[#result + 1] = pair[2]
            end
          end
          return result
        end

        -- How many of those in line are no people.
        local function unused(r)
          local sum = 0
          for _, pair in ipairs(r.unused) do
            sum = sum + math.max(0, math.min(pair[2], r.tail) - math.max(pair[1], r.serving))
          end
          return sum
        end

        local function read(key)
          local values = redis.call('HMGET', key, unpack(FIELDS))
          if not values[1] then return nil end
          local r = {st = key, now = clock()}
          for i, name in ipairs(FIELDS) do r[name] = tonumber(values[i]) end
          for _, name in ipairs({
            'pint', 'fint', 'heldback', 'gknown', 'rname', 'ropens', 'rkey', 'dname', 'dkey', 'made'
          }) do
            r[name] = r[name] or 0
          end
          -- When those who are registered are drawn, and with which keys. Programs of before know the name alone, and
          -- may have begun another: its name then is its time.
          if r.rname ~= r.regat then r.rname, r.ropens, r.rkey = r.regat, r.regat, 0 end
          if r.dname ~= r.dat then r.dname, r.dkey = r.dat, r.rname == r.dat and r.rkey or 0 end
          r.full = r.full or r.cap
          r.caps = r.pint + r.fint > 0
          r.unused = stretches(r, values[#FIELDS] or '')
          for _, name in ipairs({
            'act', 'fresh', 'own', 'dep', 'res', 'late', 'lal', 'clm', 'turns', 'gw', 'wnt', 'prov', 'pnum', 'log',
            'inv', 'mvd', 'hld', 'due', 'cell', 'gone', 'hrd', 'rcl', 'cld', 'fst', 'lim'
          }) do
            r[name .. '_'] = sibling(key, name)
          end
          return r
        end

        local function save(r)
          local pairs = {}
          for _, name in ipairs(CHANGING) do
            pairs[#pairs + 1] = name
            pairs[#pairs + 1] = r[name]
          end
          redis.call('HSET', r.st, unpack(pairs))
        end

        local function answer(r, code, value)
          return {
            code, value, r.epoch, r.base, r.serving, r.tail, r.active, r.reserved, r.cap, r.now, r.gfrom, r.gto,
            r.recovery, math.max(0, r.hold - r.now), r.settle > 0 and 1 or 0, r.regat, r.regs, r.dat, r.dbase, r.dcount,
            r.control, r.entered, r.noshow, r.passed, r.caps and redis.call('ZCARD', r.hld_) or 0, r.heldback,
            r.ropens, r.rkey, r.dkey
          }
        end

        local function count(r)
          r.leaving = redis.call('ZCARD', r.dep_)
          r.active = redis.call('ZCARD', r.act_) + r.leaving
          r.reserved = redis.call('ZCARD', r.res_)
        end


        """
}
