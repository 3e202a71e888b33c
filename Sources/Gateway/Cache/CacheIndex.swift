import HTTP

/// The stored responses of one shard, in SIEVE order: newest first, a hand that walks from the oldest to the newest and
/// evicts the first entry nobody has asked for since it last came by.
///
/// A hit marks the entry and moves nothing, which keeps the lock short.
struct CacheIndex {
    enum Finding {
        case fresh(CacheEntry)
        case stale
        case otherVariants
        case absent
    }

    private struct Slot {
        var entry: CacheEntry?
        var newer = CacheIndex.none
        var older = CacheIndex.none
        /// The next response stored for the same URI under another choice of its Vary fields.
        var nextVariant = CacheIndex.none
        var isVisited = false
    }

    private static let none: Int32 = -1

    private var slots: [Slot] = []
    private var unused: [Int32] = []
    private var firstVariant: [UInt64: Int32] = [:]
    private var newest = none
    private var oldest = none
    private var hand = none
    private(set) var entryCount = 0

    /// The most recent response for the key that the request selects.
    mutating func find(_ key: CacheKey, for request: RequestHead, now: Int) -> Finding {
        guard var slot = firstVariant[key.hash] else { return .absent }
        guard let first = slots[Int(slot)].entry, first.matches(key) else { return .absent }
        while slot != Self.none {
            if let entry = slots[Int(slot)].entry, entry.isSelected(by: request) {
                guard entry.freshness.isFresh(at: now) else { return .stale }
                slots[Int(slot)].isVisited = true
                return .fresh(entry)
            }
            slot = slots[Int(slot)].nextVariant
        }
        return .otherVariants
    }

    /// Adds a response as the URI's most recent one.
    ///
    /// Removed, and handed back so that they are freed outside the lock: the response it replaces, those it hides
    /// because it varies by nothing, a stranger whose URI has the same hash, and the oldest above `variantLimit`.
    mutating func insert(_ entry: CacheEntry, variantLimit: Int) -> [CacheEntry] {
        var removed: [CacheEntry] = []
        var kept = 1
        var slot = firstVariant[entry.keyHash] ?? Self.none
        while slot != Self.none {
            let next = slots[Int(slot)].nextVariant
            if let other = slots[Int(slot)].entry {
                if entry.supersedes(other) || kept >= variantLimit {
                    removed.append(other)
                    remove(slot)
                } else {
                    kept += 1
                }
            }
            slot = next
        }
        link(entry)
        return removed
    }

    /// Takes out the entry the hand stops at; nil when the shard is empty.
    mutating func evict() -> CacheEntry? {
        var slot = hand == Self.none ? oldest : hand
        guard slot != Self.none else { return nil }
        while slots[Int(slot)].isVisited {
            slots[Int(slot)].isVisited = false
            slot = slots[Int(slot)].newer
            if slot == Self.none { slot = oldest }
        }
        hand = slots[Int(slot)].newer
        let entry = slots[Int(slot)].entry
        remove(slot)
        return entry
    }

    /// Takes out every response stored for the key.
    mutating func removeAll(for key: CacheKey) -> [CacheEntry] {
        guard let slot = firstVariant[key.hash] else { return [] }
        guard let first = slots[Int(slot)].entry, first.matches(key) else { return [] }
        return removeChain(from: slot)
    }

    /// Takes out every response that `isDoomed` picks; looks at all of them.
    mutating func removeAll(where isDoomed: (CacheEntry) -> Bool) -> [CacheEntry] {
        var removed: [CacheEntry] = []
        for index in slots.indices {
            guard let entry = slots[index].entry, isDoomed(entry) else { continue }
            removed.append(entry)
            remove(Int32(index))
        }
        return removed
    }

    private mutating func removeChain(from first: Int32) -> [CacheEntry] {
        var removed: [CacheEntry] = []
        var slot = first
        while slot != Self.none {
            let next = slots[Int(slot)].nextVariant
            if let entry = slots[Int(slot)].entry { removed.append(entry) }
            remove(slot)
            slot = next
        }
        return removed
    }

    private mutating func link(_ entry: CacheEntry) {
        let slot = unused.popLast() ?? Int32(slots.count)
        let next = firstVariant[entry.keyHash] ?? Self.none
        let filled = Slot(entry: entry, older: newest, nextVariant: next)
        if Int(slot) < slots.count { slots[Int(slot)] = filled } else { slots.append(filled) }
        if newest != Self.none { slots[Int(newest)].newer = slot } else { oldest = slot }
        newest = slot
        firstVariant[entry.keyHash] = slot
        entryCount += 1
    }

    private mutating func remove(_ slot: Int32) {
        let gone = slots[Int(slot)]
        guard let entry = gone.entry else { return }
        if hand == slot { hand = gone.newer }
        if gone.newer != Self.none {
            slots[Int(gone.newer)].older = gone.older
        } else {
            newest = gone.older
        }
        if gone.older != Self.none {
            slots[Int(gone.older)].newer = gone.newer
        } else {
            oldest = gone.newer
        }
        unchain(slot, hash: entry.keyHash, next: gone.nextVariant)
        slots[Int(slot)] = Slot()
        unused.append(slot)
        entryCount -= 1
    }

    private mutating func unchain(_ slot: Int32, hash: UInt64, next: Int32) {
        var previous = firstVariant[hash] ?? Self.none
        if previous == slot {
            firstVariant[hash] = next == Self.none ? nil : next
            return
        }
        while previous != Self.none, slots[Int(previous)].nextVariant != slot {
            previous = slots[Int(previous)].nextVariant
        }
        if previous != Self.none { slots[Int(previous)].nextVariant = next }
    }
}
