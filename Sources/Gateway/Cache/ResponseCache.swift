import HTTP
import Synchronization

/// The cache all workers share: bounded memory behind sharded locks, and the policy of RFC 9111 before it.
///
/// The life of a request: `answer` looks up; on a miss the origin is asked, `writer` collects what it sends while it
/// goes to the client, and `finish` stores it. `observe` sees every response, since some of them invalidate.
/// Clocks are passed in, as seconds since 1970.
final class ResponseCache: Sendable {
    struct Limits: Sendable {
        /// Bytes of all stored responses with their heads, and of those that are arriving; default 256 MiB.
        var totalBytes = 256 << 20
        /// Bytes of one response's content; default 8 MiB, and never more than an eighth of the total.
        var objectBytes = 8 << 20
        /// Responses stored for one URI under different choices of its Vary fields; default 16.
        var variants = 16
    }

    let limits: Limits
    let memory: CacheMemory
    private let shards: [CacheShard]
    private let nextVictim = Atomic<Int>(0)
    private let wasAsked = Atomic<Bool>(false)

    /// Whether a route has ever asked for a stored response: without one nothing is stored, nor on its way here.
    var isInUse: Bool { wasAsked.load(ordering: .acquiring) }

    init(limits: Limits = Limits(), shardCount: Int = 16) {
        var limits = limits
        limits.totalBytes = max(0, limits.totalBytes)
        limits.objectBytes = max(0, min(limits.objectBytes, limits.totalBytes / 8))
        limits.variants = max(1, limits.variants)
        self.limits = limits
        memory = CacheMemory(limitBytes: limits.totalBytes)
        shards = (0..<max(1, shardCount)).map { _ in CacheShard() }
    }

    /// What the cache says to a request.
    enum Answer {
        case hit(CacheHit)
        /// The origin is to be asked; keep this for `writer`.
        case forward(Forwarding)
    }

    /// Why a request went to the origin, and when in the order of invalidations.
    struct Forwarding: Sendable, Equatable {
        let reason: CacheStatus.Forward
        /// Nil when the response may not be stored in any case.
        fileprivate let turn: UInt64?
    }

    func answer(_ request: RequestHead, key: CacheKey, now: Int) -> Answer {
        switch CachePolicy.use(of: request) {
        case .forward(let reason): return .forward(Forwarding(reason: reason, turn: nil))
        case .lookUp: break
        }
        if !isInUse { wasAsked.store(true, ordering: .releasing) }
        switch shard(of: key).find(key, for: request, now: now) {
        case .hit(let entry): return .hit(CacheHit(entry, for: request, now: now))
        case .miss(let reason, let turn): return .forward(Forwarding(reason: reason, turn: turn))
        }
    }

    /// A writer for the content that follows, or nil when the response is not to be stored.
    ///
    /// - Parameters:
    ///   - requestTime: when the request went to the origin.
    ///   - now: when the response's head arrived.
    func writer(
        for response: ResponseHead,
        to request: RequestHead,
        key: CacheKey,
        forwarding: Forwarding,
        requestTime: Int,
        now: Int
    ) -> CacheWriter? {
        guard let turn = forwarding.turn else { return nil }
        let terms = CachePolicy.terms(
            for: response,
            to: request,
            requestTime: requestTime,
            responseTime: now
        )
        guard let terms else { return nil }
        return CacheWriter(self, response, to: request, key: key, terms: terms, turn: turn)
    }

    /// Removes what a response to an unsafe request makes doubtful: the URI it was sent to, and those that its Location
    /// and Content-Location name on the same host (RFC 9111 section 4.4). Call it for every response of the origin.
    func observe(_ response: ResponseHead, to request: RequestHead, key: CacheKey) {
        guard !request.method.isSafe, (200..<400).contains(response.status) else { return }
        _ = invalidate(key)
        for name in [FieldName.location, .contentLocation] {
            guard let reference = response.fields.only(name), let other = key.resolve(reference)
            else { continue }
            _ = invalidate(other)
        }
    }

    /// Removes all that is stored for one URI; returns how many responses that were.
    func invalidate(_ key: CacheKey) -> Int {
        shard(of: key).invalidate(key)
    }

    /// Removes what is stale; returns how many responses that were. For a timer, every minute or so.
    func sweep(now: Int) -> Int {
        shards.reduce(0) { $0 + $1.sweep(now: now) }
    }

    /// Counts since the start, and what is stored now.
    var statistics: CacheStatistics {
        var total = CacheStatistics(usedBytes: memory.usedBytes)
        for shard in shards { total.add(shard.counts, entryCount: shard.entryCount) }
        return total
    }

    func insert(_ entry: CacheEntry, turn: UInt64) -> Bool {
        shard(ofHash: entry.keyHash).insert(entry, turn: turn, variantLimit: limits.variants)
    }

    /// Takes memory for a response that is arriving, from older entries if need be; false when there is none.
    ///
    /// Entries that are evicted while they are being sent give their bytes back later. So that slow readers cannot
    /// empty the cache that way, half of it stays whatever is asked for.
    func take(_ bytes: Int) -> Bool {
        while !memory.take(bytes) {
            let stored = shards.reduce(0) { $0 + $1.counts.storedBytes }
            guard bytes <= limits.totalBytes, stored > limits.totalBytes / 2, evictOne() else {
                return false
            }
        }
        return true
    }

    /// Evicts from the shards in turn, as each keeps an order of its own.
    private func evictOne() -> Bool {
        for _ in shards.indices {
            let turn = nextVictim.wrappingAdd(1, ordering: .relaxed).oldValue
            if shards[Int(UInt(bitPattern: turn) % UInt(shards.count))].evict() { return true }
        }
        return false
    }

    private func shard(of key: CacheKey) -> CacheShard {
        shard(ofHash: key.hash)
    }

    private func shard(ofHash hash: UInt64) -> CacheShard {
        shards[Int((hash >> 32) % UInt64(shards.count))]
    }
}

/// What the cache did since the start and what it holds, summed over its parts.
struct CacheStatistics: Sendable, Equatable {
    /// Bytes of stored and arriving responses, and of evicted ones that are still being sent.
    let usedBytes: Int
    var storedBytes = 0
    var entryCount = 0
    var hits = 0
    var misses = 0
    var stores = 0
    var evictions = 0

    init(usedBytes: Int) {
        self.usedBytes = usedBytes
    }

    mutating func add(_ counts: CacheShard.Counts, entryCount: Int) {
        storedBytes += counts.storedBytes
        hits += counts.hits
        misses += counts.misses
        stores += counts.stores
        evictions += counts.evictions
        self.entryCount += entryCount
    }
}
