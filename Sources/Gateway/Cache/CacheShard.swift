import HTTP
import Synchronization

/// One part of the cache behind one lock; a URI belongs to exactly one.
final class CacheShard: Sendable {
    struct State {
        var index = CacheIndex()
        var counts = Counts()
        /// Counts invalidations; `lastInvalidation` remembers the last one of each group of URIs.
        var turn: UInt64 = 0
        var lastInvalidation = [UInt64](repeating: 0, count: CacheShard.groupCount)
    }

    struct Counts: Sendable, Equatable {
        var hits = 0
        var misses = 0
        var stores = 0
        var evictions = 0
        var storedBytes = 0
    }

    enum Finding {
        case hit(CacheEntry)
        /// Nothing to serve, and the turn the shard was in: what the origin sends after a later invalidation may be
        /// stored, what was asked for before may not.
        case miss(CacheStatus.Forward, turn: UInt64)
    }

    private static let groupCount = 64
    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }
    var entryCount: Int { state.withLock { $0.index.entryCount } }

    func find(_ key: CacheKey, for request: RequestHead, now: Int) -> Finding {
        let required = CachePolicy.sharing(requiredBy: request)
        return state.withLock { state in
            switch state.index.find(key, for: request, now: now) {
            case .fresh(let entry):
                guard entry.sharing.isSuperset(of: required) else { return state.miss(.bypass) }
                state.counts.hits += 1
                return .hit(entry)
            case .stale: return state.miss(.stale)
            case .otherVariants: return state.miss(.varyMiss)
            case .absent: return state.miss(.uriMiss)
            }
        }
    }

    /// Stores the entry unless its URI was invalidated after `turn`.
    func insert(_ entry: CacheEntry, turn: UInt64, variantLimit: Int) -> Bool {
        let removed: [CacheEntry]? = state.withLock { state in
            guard state.lastInvalidation[Self.group(entry.keyHash)] <= turn else { return nil }
            let removed = state.index.insert(entry, variantLimit: variantLimit)
            state.counts.stores += 1
            state.counts.storedBytes += entry.costBytes
            state.subtract(removed)
            return removed
        }
        return removed != nil
    }

    /// Evicts one entry; false when there is none.
    func evict() -> Bool {
        let evicted: CacheEntry? = state.withLock { state in
            guard let entry = state.index.evict() else { return nil }
            state.counts.evictions += 1
            state.counts.storedBytes -= entry.costBytes
            return entry
        }
        return evicted != nil
    }

    /// Removes all that is stored for the key, and keeps out what is on its way; returns how many entries it removed.
    func invalidate(_ key: CacheKey) -> Int {
        let removed: [CacheEntry] = state.withLock { state in
            state.turn += 1
            state.lastInvalidation[Self.group(key.hash)] = state.turn
            let removed = state.index.removeAll(for: key)
            state.subtract(removed)
            return removed
        }
        return removed.count
    }

    /// Removes what is no longer fresh at `now`.
    func sweep(now: Int) -> Int {
        let removed: [CacheEntry] = state.withLock { state in
            let removed = state.index.removeAll { !$0.freshness.isFresh(at: now) }
            state.subtract(removed)
            return removed
        }
        return removed.count
    }

    private static func group(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash & UInt64(groupCount - 1))
    }
}

extension CacheShard.State {
    fileprivate mutating func miss(_ reason: CacheStatus.Forward) -> CacheShard.Finding {
        counts.misses += 1
        return .miss(reason, turn: turn)
    }

    fileprivate mutating func subtract(_ removed: [CacheEntry]) {
        for entry in removed { counts.storedBytes -= entry.costBytes }
    }
}
