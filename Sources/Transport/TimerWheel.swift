/// A hashed timer wheel of waiters (Varghese and Lauck, 1987): 4,096 slots of 4 ms.
///
/// A waiter stays linked where it is as long as that is not later than its deadline; when its slot comes up it is
/// either woken or linked again. Moving a deadline into the future, which every request does several times, is
/// thus a store.
struct TimerWheel: ~Copyable {
    private static let tickNanoseconds: UInt64 = 4_000_000
    private static let slotCount = 4096

    private var slots = [Waiter?](repeating: nil, count: slotCount)
    /// One bit per slot that is not empty.
    private var occupied = [UInt64](repeating: 0, count: slotCount / 64)
    private var currentTick: UInt64
    private var count = 0

    init(now: Instant) {
        currentTick = now.nanoseconds / Self.tickNanoseconds
    }

    /// Makes sure that `waiter` is looked at no later than its deadline.
    mutating func schedule(_ waiter: Waiter) {
        guard waiter.deadline != .distantFuture else { return }
        let due = max(waiter.deadline.nanoseconds / Self.tickNanoseconds + 1, currentTick + 1)
        if let tick = waiter.tick {
            if tick <= due { return }
            remove(waiter)
        }
        insert(waiter, at: due)
    }

    /// Forgets `waiter`; nothing happens if it is in no list.
    mutating func remove(_ waiter: Waiter) {
        guard let tick = waiter.tick else { return }
        let slot = Int(tick % UInt64(Self.slotCount))
        if let previous = unsafe waiter.previous {
            previous.next = waiter.next
        } else {
            slots[slot] = waiter.next
            if waiter.next == nil { occupied[slot / 64] &= ~(1 << UInt64(slot % 64)) }
        }
        if let next = waiter.next { unsafe next.previous = waiter.previous }
        waiter.next = nil
        unsafe waiter.previous = nil
        waiter.tick = nil
        count -= 1
    }

    /// Wakes every waiter whose deadline has passed.
    mutating func advance(to now: Instant) {
        let target = now.nanoseconds / Self.tickNanoseconds
        guard target > currentTick else { return }
        guard count > 0 else {
            currentTick = target
            return
        }
        let first = currentTick + 1
        let last = min(target, currentTick + UInt64(Self.slotCount))
        currentTick = target
        for tick in first...last where isOccupied(Int(tick % UInt64(Self.slotCount))) {
            expire(slot: Int(tick % UInt64(Self.slotCount)), now: now)
        }
    }

    /// Milliseconds until the next slot with a waiter; -1 if there is none. At most one turn of the wheel.
    func millisecondsUntilNext(after now: Instant) -> Int32 {
        guard count > 0 else { return -1 }
        var distance: UInt64 = 1
        while distance <= UInt64(Self.slotCount) {
            let slot = Int((currentTick + distance) % UInt64(Self.slotCount))
            let word = occupied[slot / 64] >> UInt64(slot % 64)
            if word != 0 {
                distance += UInt64(word.trailingZeroBitCount)
                break
            }
            distance += UInt64(64 - slot % 64)
        }
        let due = Instant(nanoseconds: (currentTick + distance) * Self.tickNanoseconds)
        return Int32(clamping: due.nanoseconds(since: now) / 1_000_000 + 1)
    }

    private func isOccupied(_ slot: Int) -> Bool {
        occupied[slot / 64] & (1 << UInt64(slot % 64)) != 0
    }

    private mutating func insert(_ waiter: Waiter, at tick: UInt64) {
        let slot = Int(tick % UInt64(Self.slotCount))
        let head = slots[slot]
        waiter.next = head
        if let head { unsafe head.previous = waiter }
        slots[slot] = waiter
        occupied[slot / 64] |= 1 << UInt64(slot % 64)
        waiter.tick = tick
        count += 1
    }

    private mutating func expire(slot: Int, now: Instant) {
        var entry = slots[slot]
        while let waiter = entry {
            entry = waiter.next
            guard let tick = waiter.tick, tick <= currentTick else { continue }
            remove(waiter)
            guard waiter.isWaiting else { continue }
            if waiter.deadline <= now { waiter.wake(.timedOut) } else { schedule(waiter) }
        }
    }
}
