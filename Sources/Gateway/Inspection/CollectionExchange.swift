import Glibc
import Redis
import Rules
import Transport

/// Brings what the rules of several gateways remember together in Redis, a few times a second.
///
/// No request waits for it: rules read and change what this gateway knows, and soon hear what the others did. Counts
/// add up wherever they were made; of two assignments the later one at Redis holds.
///
/// Redis away: each gateway goes on with what it knows, and tells its changes afterwards.
struct CollectionExchange {
    private static let pause = Duration.milliseconds(200)
    /// So many collections go to Redis before others have a turn on the worker.
    private static let batchCount = 64

    let store: CollectionStore
    let redis: any RedisCommanding

    /// Exchanges until the reactor stops. One worker does it for all.
    func run(on reactor: Reactor) async {
        while true {
            let isDone = await exchange()
            await reactor.sleep(for: isDone ? Self.pause : .milliseconds(1))
        }
    }

    /// Tells Redis what changed here and takes over what it knows. Whether nothing is left to tell.
    func exchange() async -> Bool {
        let changes = store.takeChanges(limit: Self.batchCount)
        for (index, change) in changes.enumerated() {
            let now = time(nil)
            guard let members = await merged(change, now: now) else {
                for change in changes[index...] { store.giveBack(change) }
                return true
            }
            store.merge(change, members, now: time(nil))
        }
        return changes.count < Self.batchCount
    }

    /// What a collection holds once a change is in it; nil if Redis does not say.
    private func merged(_ change: CollectionChange, now: Int) async -> [(
        name: [UInt8], value: [UInt8], endsAt: Int
    )]? {
        let key = Array("haniel:rules:\(change.kind):".utf8) + change.name
        var command = ["FCALL", "haniel_rules_v1_merge", "1"].map { Array($0.utf8) } + [key]
        command.append(Array("\(change.timeout)".utf8))
        for (name, member) in change.members { command += Self.words(name, member, now: now) }
        guard let parts = await redis.call(command, of: Self.library)?.array else { return nil }
        return stride(from: 0, to: parts.count - 2, by: 3).compactMap {
            Self.member(parts[$0], parts[$0 + 1], parts[$0 + 2], now: now)
        }
    }

    /// Four words for a member: its name, what happens to it, with what, and in how many seconds it ends.
    private static func words(_ name: [UInt8], _ member: CollectionChange.Member, now: Int)
        -> [[UInt8]]
    {
        let (kind, value): (String, [UInt8]) =
            switch member.update {
            case .assign(let text): ("set", text)
            case .add(let amount): ("add", Array("\(amount)".utf8))
            case .remove: ("remove", [])
            case nil: ("keep", [])
            }
        let seconds = member.endsAt.map { "\(max($0 - now, 0))" } ?? ""
        return [name, Array(kind.utf8), value, Array(seconds.utf8)]
    }

    private static func member(
        _ name: RESPValue,
        _ value: RESPValue,
        _ seconds: RESPValue,
        now: Int
    )
        -> (name: [UInt8], value: [UInt8], endsAt: Int)?
    {
        guard let name = name.bytes, let value = value.bytes, let seconds = seconds.integer else {
            return nil
        }
        return (name, value, seconds < 0 ? .max : now + Int(clamping: min(seconds, 1 << 40)))
    }

    /// A hash per collection: `v` before a member's name for its value, `e` for the second it ends at. Answers name,
    /// value and seconds left, -1 for ever, of each member. Numbers are added as the rules do, from the digits that the
    /// text begins with.
    private static let library = """
        #!lua name=haniel_rules_v1
        local function merge(keys, args)
          local key, now = keys[1], tonumber(redis.call('TIME')[1])
          local known = redis.call('HGETALL', key)
          local value, ends, count = {}, {}, 0
          for i = 1, #known, 2 do
            local name = string.sub(known[i], 2)
            if string.sub(known[i], 1, 1) == 'v' then
              value[name] = known[i + 1]
              count = count + 1
            else
              ends[name] = tonumber(known[i + 1])
            end
          end
          for name, at in pairs(ends) do
            if at <= now then
              redis.call('HDEL', key, 'v' .. name, 'e' .. name)
              if value[name] then count = count - 1 end
              value[name], ends[name] = nil, nil
            end
          end
          for i = 2, #args - 3, 4 do
            local name, kind, text, seconds = args[i], args[i + 1], args[i + 2], args[i + 3]
            local isNew = value[name] == nil
            if kind == 'remove' then
              redis.call('HDEL', key, 'v' .. name, 'e' .. name)
              if not isNew then count = count - 1 end
              value[name], ends[name] = nil, nil
            elseif kind ~= 'keep' and not (isNew and count >= \(CollectionStore.memberLimit)) then
              if kind == 'add' then
                local number = tonumber(string.match(value[name] or '0', '^-?%d+') or '0')
                text = string.format('%.0f', number + tonumber(text))
              end
              if isNew then count = count + 1 end
              value[name] = text
              redis.call('HSET', key, 'v' .. name, text)
            end
            if seconds ~= '' and value[name] then
              ends[name] = now + tonumber(seconds)
              redis.call('HSET', key, 'e' .. name, string.format('%.0f', ends[name]))
            end
          end
          if count > 0 then redis.call('EXPIRE', key, math.max(1, tonumber(args[1]))) end
          local answer = {}
          for name, text in pairs(value) do
            answer[#answer + 1] = name
            answer[#answer + 1] = text
            answer[#answer + 1] = ends[name] and ends[name] - now or -1
          end
          return answer
        end
        redis.register_function('haniel_rules_v1_merge', merge)

        """
}
