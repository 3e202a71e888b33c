import Synchronization

/// Rate limits for all keys of all limits, in one table of fixed size that every worker shares.
///
/// Generic cell rate algorithm: a key's whole state is its *theoretical arrival time* (TAT), the moment until which
/// its accepted requests have used up its rate. A refused request leaves no trace, so a client that keeps
/// trying is not shut out for ever.
///
/// **Memory.** Groups of eight slots; a group is a cache line of eight keys and one of eight TATs. A key lives in the
/// group its keyed hash names. A TAT in the past is the same as no entry: it is its own reference
/// bit, and its slot goes to the next newcomer. If all eight are in the future, the one nearest to the present is
/// forgotten, which forgives least, and `forgottenCount` grows: nobody is ever refused because the table is full.
///
/// **Contention.** No lock. A check of a known key is two loads and one compare-and-swap on that key's TAT, so
/// workers meet only on the same client. A slot changes hands in three steps: its key becomes `changing`, its TAT is
/// swapped from the very value that was judged, the new key is written. A check that loads the TAT and *then* finds
/// its key still in place therefore owns that TAT: either its swap wins, and the newcomer's fails and puts the key
/// back, or the other way round, and the check starts again.
final class RateLimiter: Sendable {
    private static let slotsPerGroup = 8
    private static let vacant: UInt64 = 0
    private static let changing: UInt64 = 1
    /// Attempts before a check gives up on a slot that others keep changing, and lets the request pass.
    private static let attemptLimit = 64

    private let words: AtomicWords
    private let groupMask: UInt64
    private let hash: KeyedHash
    private let forgotten = Atomic<UInt64>(0)
    private let contended = Atomic<UInt64>(0)

    /// Makes a table for `keyCount` keys, rounded up to a power of two; 16 bytes each.
    init(keyCount: Int, hash: KeyedHash = KeyedHash()) {
        let wanted = min(max(keyCount, Self.slotsPerGroup), 1 << 26)
        var groups = 1
        while groups * Self.slotsPerGroup < wanted { groups *= 2 }
        words = AtomicWords(count: groups * Self.slotsPerGroup * 2)
        groupMask = UInt64(groups - 1)
        self.hash = hash
    }

    /// Keys whose time was forgotten because their group was full of busier ones.
    var forgottenCount: UInt64 { forgotten.load(ordering: .relaxed) }

    /// Requests let through uncounted because others kept changing the slots of their group.
    var contendedCount: UInt64 { contended.load(ordering: .relaxed) }

    /// Counts one request of a client address against a limit.
    ///
    /// `nowNanoseconds` is monotonic time, the same clock for every call.
    @inline(__always)
    func check(_ client: ClientPrefix, against limit: RateLimit, nowNanoseconds: UInt64)
        -> RateLimitDecision
    {
        let domain = limit.domain ^ (client.isIPv6 ? 0x6666 : 0x4444)
        return check(
            key: hash.hash(domain, client.bits),
            against: limit,
            nowNanoseconds: nowNanoseconds
        )
    }

    /// Counts one request of a session or header value against a limit.
    func check(_ value: Span<UInt8>, against limit: RateLimit, nowNanoseconds: UInt64)
        -> RateLimitDecision
    {
        check(
            key: hash.hash(domain: limit.domain, value),
            against: limit,
            nowNanoseconds: nowNanoseconds
        )
    }

    /// The key of a client address under a limit.
    @inline(__always)
    func key(_ client: ClientPrefix, _ limit: RateLimit) -> UInt64 {
        hash.hash(limit.domain ^ (client.isIPv6 ? 0x6666 : 0x4444), client.bits)
    }

    /// The key of a session or header value under a limit.
    func key(_ value: Span<UInt8>, _ limit: RateLimit) -> UInt64 {
        hash.hash(domain: limit.domain, value)
    }

    /// What one more request would be told; counts nothing.
    func look(key hashed: UInt64, against limit: RateLimit, nowNanoseconds now: UInt64)
        -> RateLimitDecision
    {
        let ahead = debtNanoseconds(key: hashed, nowNanoseconds: now) + limit.intervalNanoseconds
        return ahead <= limit.toleranceNanoseconds
            ? Self.accepted(limit, aheadNanoseconds: ahead - limit.intervalNanoseconds)
            : Self.refused(limit, aheadNanoseconds: ahead - limit.intervalNanoseconds)
    }

    /// Counts so many requests that have passed already, also beyond the limit: the next ones pay for them.
    ///
    /// A key never owes more than its whole burst and one window, so that one dear answer shuts nobody out for ever.
    func charge(
        key hashed: UInt64,
        cost: Int,
        against limit: RateLimit,
        nowNanoseconds now: UInt64
    ) {
        let (price, isHuge) = limit.intervalNanoseconds.multipliedReportingOverflow(
            by: UInt64(max(cost, 0))
        )
        let most = limit.toleranceNanoseconds + UInt64(limit.windowSeconds) * 1_000_000_000
        let debt = debtNanoseconds(key: hashed, nowNanoseconds: now)
        let (sum, overflow) = debt.addingReportingOverflow(price)
        let ahead = max(debt, isHuge || overflow ? most : min(sum, most))
        put(key: hashed, until: now + ahead, nowNanoseconds: now)
    }

    /// Refuses a key until a moment, whatever its rate; the key is one that nothing else counts under.
    func block(key hashed: UInt64, until moment: UInt64, nowNanoseconds now: UInt64) {
        put(key: Self.blocking(hashed), until: moment, nowNanoseconds: now)
    }

    /// For how long a key is refused whatever its rate; 0 if it is not.
    func blockedNanoseconds(key hashed: UInt64, nowNanoseconds now: UInt64) -> UInt64 {
        debtNanoseconds(key: Self.blocking(hashed), nowNanoseconds: now)
    }

    private static func blocking(_ key: UInt64) -> UInt64 { key ^ 0xB10C_B10C_B10C_B10C }

    /// How far ahead of the clock a key has run.
    private func debtNanoseconds(key hashed: UInt64, nowNanoseconds now: UInt64) -> UInt64 {
        let key = hashed > Self.changing ? hashed : hashed &+ 2
        guard let slot = find(key, in: group(of: key)) else { return 0 }
        let arrival = words.load(slot + Self.slotsPerGroup)
        guard words.load(slot) == key, arrival > now else { return 0 }
        return arrival - now
    }

    /// Moves a key's time on to a moment, never back.
    private func put(key hashed: UInt64, until moment: UInt64, nowNanoseconds now: UInt64) {
        let key = hashed > Self.changing ? hashed : hashed &+ 2
        let group = group(of: key)
        for _ in 0..<Self.attemptLimit {
            if let slot = find(key, in: group) {
                let time = slot + Self.slotsPerGroup
                let arrival = words.load(time)
                guard words.load(slot) == key else { continue }
                if arrival >= moment { return }
                if words.exchange(time, expected: arrival, desired: moment) { return }
            } else if enter(key, in: group, until: moment, now: now) {
                return
            }
        }
        contended.add(1, ordering: .relaxed)
    }

    private func group(of key: UInt64) -> Int {
        Int((key >> 24) & groupMask) * Self.slotsPerGroup * 2
    }

    /// Counts one request of a key that was hashed already.
    func check(key hashed: UInt64, against limit: RateLimit, nowNanoseconds now: UInt64)
        -> RateLimitDecision
    {
        let key = hashed > Self.changing ? hashed : hashed &+ 2
        let group = group(of: key)
        for _ in 0..<Self.attemptLimit {
            if let slot = find(key, in: group) {
                if let decision = advance(slot: slot, key: key, limit: limit, now: now) {
                    return decision
                }
            } else if enter(key, in: group, until: now + limit.intervalNanoseconds, now: now) {
                return Self.accepted(limit, aheadNanoseconds: limit.intervalNanoseconds)
            }
        }
        contended.add(1, ordering: .relaxed)
        return Self.accepted(limit, aheadNanoseconds: limit.intervalNanoseconds)
    }

    private func find(_ key: UInt64, in group: Int) -> Int? {
        for slot in group..<group + Self.slotsPerGroup where words.load(slot) == key { return slot }
        return nil
    }

    /// Moves a known key's TAT on by one interval; nil if the slot changed hands or the TAT moved meanwhile.
    private func advance(slot: Int, key: UInt64, limit: RateLimit, now: UInt64)
        -> RateLimitDecision?
    {
        let time = slot + Self.slotsPerGroup
        let arrival = words.load(time)
        guard words.load(slot) == key else { return nil }
        let ahead = (arrival > now ? arrival - now : 0) + limit.intervalNanoseconds
        guard ahead <= limit.toleranceNanoseconds else {
            return Self.refused(limit, aheadNanoseconds: ahead - limit.intervalNanoseconds)
        }
        guard words.exchange(time, expected: arrival, desired: now + ahead) else { return nil }
        return Self.accepted(limit, aheadNanoseconds: ahead)
    }

    /// Takes over the slot of the group whose TAT is oldest; false if another worker was faster.
    private func enter(_ key: UInt64, in group: Int, until arrival: UInt64, now: UInt64) -> Bool {
        var slot = group
        var oldest = UInt64.max
        for candidate in group..<group + Self.slotsPerGroup {
            // The TAT first: whoever sees a newcomer's TAT then also sees its key, or the change under way, and looks
            // again rather than enter the key twice.
            let time = words.load(candidate + Self.slotsPerGroup)
            let holder = words.load(candidate)
            if holder == key || holder == Self.changing { return false }
            if time < oldest {
                oldest = time
                slot = candidate
            }
        }
        let previous = words.load(slot)
        guard previous != Self.changing, previous != key else { return false }
        guard words.exchange(slot, expected: previous, desired: Self.changing) else { return false }
        guard words.exchange(slot + Self.slotsPerGroup, expected: oldest, desired: arrival) else {
            words.store(previous, at: slot)
            return false
        }
        words.store(key, at: slot)
        if previous != Self.vacant, oldest > now { forgotten.add(1, ordering: .relaxed) }
        return true
    }

    private static func accepted(_ limit: RateLimit, aheadNanoseconds ahead: UInt64)
        -> RateLimitDecision
    {
        let room = limit.toleranceNanoseconds - min(ahead, limit.toleranceNanoseconds)
        return RateLimitDecision(
            allowed: true,
            limit: limit.quota,
            remaining: Int(clamping: room / limit.intervalNanoseconds),
            resetSeconds: wholeSeconds(ahead),
            retryAfterSeconds: 0
        )
    }

    private static func refused(_ limit: RateLimit, aheadNanoseconds ahead: UInt64)
        -> RateLimitDecision
    {
        let wait = ahead + limit.intervalNanoseconds - limit.toleranceNanoseconds
        return RateLimitDecision(
            allowed: false,
            limit: limit.quota,
            remaining: 0,
            resetSeconds: wholeSeconds(ahead),
            retryAfterSeconds: max(wholeSeconds(wait), 1)
        )
    }

    private static func wholeSeconds(_ nanoseconds: UInt64) -> Int {
        Int(clamping: nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 == 0 ? 0 : 1))
    }
}
