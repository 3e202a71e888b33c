import HTTP

/// A stored response. Immutable, so that any number of workers send it at once; whoever holds a reference keeps its
/// bytes, also when the entry has been evicted meanwhile.
final class CacheEntry: Sendable {
    let keyHash: UInt64
    let status: Int
    let freshness: Freshness
    let sharing: CachePolicy.Sharing
    /// The Last-Modified field, in seconds since 1970.
    let lastModified: Int?
    /// The Date field, or the time of receipt.
    let date: Int
    /// What the entry takes from the cache's memory.
    let costBytes: Int
    private let head: CachedHead
    private let content: CacheBytes
    private let memory: CacheMemory

    /// What an entry costs beside its bytes: the object, its slot in the index, the allocator's own.
    static let overheadBytes = 384

    /// Takes over bytes that have been taken from `memory` already: those of head and content, and the overhead.
    init(
        keyHash: UInt64,
        status: Int,
        terms: CachePolicy.Terms,
        origin: Origin,
        head: consuming CachedHead,
        content: consuming CacheBytes,
        memory: CacheMemory
    ) {
        self.keyHash = keyHash
        self.status = status
        freshness = terms.freshness
        sharing = terms.sharing
        lastModified = origin.lastModified
        date = origin.date ?? terms.freshness.responseTime
        costBytes = head.sizeBytes + content.capacity + Self.overheadBytes
        self.head = head
        self.content = content
        self.memory = memory
    }

    deinit {
        memory.giveBack(costBytes)
    }

    /// The origin's clock at two moments, in seconds since 1970; nil where it does not say.
    struct Origin: Sendable {
        let date: Int?
        let lastModified: Int?
    }

    /// The views below are valid while a reference to the entry is held.
    var uri: ByteView { head.uri }
    var lines: ByteView { head.lines }
    /// Status line, lines and content-length of the complete response.
    var wholeHead: ByteView { head.whole }
    var notModifiedLines: ByteView { head.notModifiedLines }
    var etag: EntityTag? { head.etag }
    var body: ByteView { content.view }

    func matches(_ key: CacheKey) -> Bool {
        keyHash == key.hash && key.matches(uri: head.uri)
    }

    /// Whether the request has what the response was chosen by (RFC 9111 section 4.1).
    func isSelected(by request: RequestHead) -> Bool {
        head.isSelected(by: request.fields)
    }

    /// Whether nothing would be answered with `other` any more once this entry stands before it.
    func supersedes(_ other: CacheEntry) -> Bool {
        guard head.uri.equals(other.head.uri) else { return true }
        return head.selectors.isEmpty || head.selection.equals(other.head.selection)
    }
}
