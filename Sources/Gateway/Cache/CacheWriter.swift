import HTTP

/// Collects a response on its way to the client, and stores it if it ended completely.
///
/// It belongs to one request. Dropped without `finish`, or after a refusal, it leaves nothing behind.
final class CacheWriter {
    private let cache: ResponseCache
    private let keyHash: UInt64
    private let turn: UInt64
    private let status: Int
    private let terms: CachePolicy.Terms
    private let origin: CacheEntry.Origin
    /// What Content-Length announced, nil when the content came in chunks.
    private let expectedBytes: Int?
    private var head: CachedHead?
    private var content = CacheBytes()
    /// What this writer has taken from the cache's memory so far.
    private var takenBytes = 0

    /// Copies the head; nil when it or the announced content is too large to be stored now.
    init?(
        _ cache: ResponseCache,
        _ response: ResponseHead,
        to request: RequestHead,
        key: CacheKey,
        terms: CachePolicy.Terms,
        turn: UInt64
    ) {
        self.cache = cache
        self.terms = terms
        self.turn = turn
        keyHash = key.hash
        status = response.status
        let now = terms.freshness.responseTime
        origin = CacheEntry.Origin(
            date: response.fields.only(.date).flatMap { HTTPDate.parse($0, now: now) },
            lastModified: response.fields.only(.lastModified).flatMap {
                HTTPDate.parse($0, now: now)
            }
        )
        switch response.framing {
        case .none: expectedBytes = 0
        case .length(let length): expectedBytes = length
        case .chunked, .untilClose: expectedBytes = nil
        }
        guard (expectedBytes ?? 0) <= cache.limits.objectBytes else { return nil }
        let head = CachedHead(
            key: key,
            request: request.fields,
            response: response,
            responseTime: now
        )
        let startBytes = head.sizeBytes + CacheEntry.overheadBytes
        self.head = consume head
        guard take(startBytes) else { return nil }
        if let expectedBytes, expectedBytes > 0, !grow(to: expectedBytes) { return nil }
    }

    deinit {
        cache.memory.giveBack(takenBytes)
    }

    /// Whether `finish` can still store the response.
    var isOpen: Bool { head != nil }

    /// Adds content, with any transfer coding removed. Too much of it closes the writer; the client is not concerned.
    func append(_ bytes: ByteView) {
        guard isOpen, bytes.count > 0 else { return }
        let needed = content.count + bytes.count
        guard needed <= expectedBytes ?? cache.limits.objectBytes else { return close() }
        if needed > content.capacity {
            guard grow(to: min(max(needed, content.capacity * 2, 4096), cache.limits.objectBytes))
            else {
                return close()
            }
        }
        content.append(bytes)
    }

    /// Stores the response; call it only when the origin's message ended as its framing says it ends.
    ///
    /// - Returns: whether it is stored. It is not when bytes are missing, and not when its URI was invalidated since
    ///   the request went out.
    func finish() -> Bool {
        guard var head = head.take() else { return false }
        guard expectedBytes == nil || expectedBytes == content.count else { return false }
        let reserved = content.capacity
        var content = CacheBytes()
        swap(&content, &self.content)
        if reserved > 0 { content.fit() }
        if status != 204 { head.seal(contentLength: content.count) }
        let entry = CacheEntry(
            keyHash: keyHash,
            status: status,
            terms: terms,
            origin: origin,
            head: head,
            content: content,
            memory: cache.memory
        )
        // The entry answers from here on for its own bytes, the writer only for the rest it no longer needs.
        takenBytes -= entry.costBytes
        return cache.insert(entry, turn: turn)
    }

    private func close() {
        head = nil
        content = CacheBytes()
        cache.memory.giveBack(takenBytes)
        takenBytes = 0
    }

    private func grow(to bytes: Int) -> Bool {
        guard take(bytes - content.capacity) else { return false }
        content.resize(to: bytes)
        return true
    }

    private func take(_ bytes: Int) -> Bool {
        guard cache.take(bytes) else { return false }
        takenBytes += bytes
        return true
    }
}
