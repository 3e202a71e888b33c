extension RedisQueueFunctions {
    /// Who goes after others because many came in from the same place: the same as `CrowdCaps`.
    static let shares = """
        local ADMISSION = 1000

        local function is_held_back(r, position) return redis.call('HEXISTS', r.due_, position) == 1 end

        local function forget_held(r, position)
          if r.heldback == 0 then return end
          redis.call('ZREM', r.hld_, position)
          redis.call('HDEL', r.due_, position)
        end

        local function cells(r, client, fingerprint)
          local result = {}
          client, fingerprint = tonumber(client or 0), tonumber(fingerprint or 0)
          if client > 0 and r.pint > 0 then result[1] = {string.format('%.0f', 2 * client), r.pint} end
          if fingerprint > 0 and r.fint > 0 then
            result[#result + 1] = {string.format('%.0f', 2 * fingerprint + 1), r.fint}
          end
          return result
        end

        -- Admissions until that time.
        local function admissions(r, due) return math.ceil(math.max(0, due - r.entered * ADMISSION) / ADMISSION) end

        local function count_cells(r, found)
          redis.call('ZREMRANGEBYSCORE', r.cell_, '-inf', r.entered * ADMISSION)
          for _, pair in ipairs(found) do
            local time = tonumber(redis.call('ZSCORE', r.cell_, pair[1]) or 0)
            redis.call('ZADD', r.cell_, math.max(time, r.entered * ADMISSION) + pair[2], pair[1])
          end
        end

        -- How many admissions somebody who was held back has to wait yet; nil if no more, or if nobody else is there.
        local function held(r, position)
          if not r.caps then return nil end
          local due = tonumber(redis.call('HGET', r.due_, position) or 0)
          if due <= r.entered * ADMISSION then return nil end
          redis.call('ZADD', r.hld_, 'XX', 'GT', r.now + r.grace, position)
          release(r)
          if redis.call('ZSCORE', r.res_, position) then return nil end
          if admits(r) and r.serving >= r.tail and r.active - r.leaving + r.reserved < r.cap
            and math.floor((r.burst * UNIT - r.rdebt) / UNIT) > 0 then
            return nil
          end
          return admissions(r, due)
        end

        -- Calls somebody else up instead; false, and all is as it was, if nobody is there.
        local function pass_on(r, position)
          local deadline, debt = redis.call('ZSCORE', r.res_, position), r.rdebt
          local before = redis.call('ZCARD', r.res_)
          redis.call('ZREM', r.res_, position)
          r.rdebt = math.max(0, r.rdebt - UNIT)
          release(r)
          if redis.call('ZCARD', r.res_) == before then return true end
          redis.call('ZADD', r.res_, deadline, position)
          r.reserved = r.reserved + 1
          r.rdebt = debt
          return false
        end

        -- Gives the slot of somebody of whose kind many came in to whoever is next, and says for how many admissions;
        -- nil if this one may come in.
        hold_back = function(r, position, client, fingerprint)
          if not r.caps and r.heldback == 0 then return nil end
          local now, found = r.entered * ADMISSION, cells(r, client, fingerprint)
          local known = tonumber(redis.call('HGET', r.due_, position) or 0)
          if known > 0 then
            if known > now then
              for _, pair in ipairs(found) do
                if redis.call('ZSCORE', r.cell_, pair[1]) then redis.call('ZINCRBY', r.cell_, -pair[2], pair[1]) end
              end
            end
            forget_held(r, position)
            return nil
          end
          local due = 0
          for _, pair in ipairs(found) do
            due = math.max(due, tonumber(redis.call('ZSCORE', r.cell_, pair[1]) or 0))
          end
          if due <= now then
            count_cells(r, found)
            return nil
          end
          if not pass_on(r, position) then return nil end
          redis.call('ZADD', r.hld_, r.now + r.grace, position)
          redis.call('HSET', r.due_, position, string.format('%.0f', due))
          count_cells(r, found)
          r.heldback = r.heldback + 1
          return admissions(r, due)
        end


        """
}
