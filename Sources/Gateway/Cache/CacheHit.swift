import HTTP

/// The answer to one request from a stored response: which status, which fields, which bytes.
struct CacheHit: Sendable {
    /// In which form the stored response is sent.
    enum Form: Sendable, Equatable {
        case whole
        /// 304: the client has it already.
        case notModified
        /// 206.
        case part(Range<Int>)
        /// 416.
        case unsatisfiable
    }

    /// Keep this reference until the last byte of `body` is sent: the bytes live as long as the entry.
    let entry: CacheEntry
    let form: Form
    let isHead: Bool
    /// Seconds since 1970 at the time of the lookup.
    let now: Int

    init(_ entry: CacheEntry, for request: RequestHead, now: Int) {
        self.entry = entry
        self.now = now
        isHead = request.method == .head
        form = Self.form(of: entry, for: request, now: now)
    }

    var status: Int {
        switch form {
        case .whole: entry.status
        case .notModified: 304
        case .part: 206
        case .unsatisfiable: 416
        }
    }

    /// The bytes to send as content; valid while `entry` is held.
    var body: ByteView {
        guard !isHead else { return .empty }
        switch form {
        case .whole: return entry.body
        case .part(let range): return entry.body[range]
        case .notModified, .unsatisfiable: return .empty
        }
    }

    /// The content's length as the Content-Length field tells it, also to HEAD; nil where the field has no place.
    var contentLength: Int? {
        switch form {
        case .whole: entry.status == 204 ? nil : entry.body.count
        case .part(let range): range.count
        case .notModified: nil
        case .unsatisfiable: 0
        }
    }

    var cacheStatus: CacheStatus {
        .hit(secondsLeft: entry.freshness.secondsLeft(at: now))
    }

    /// Conditions and ranges in the order of RFC 9110 section 13.2.2, as far as a cache may judge them.
    private static func form(of entry: CacheEntry, for request: RequestHead, now: Int) -> Form {
        guard (200..<300).contains(entry.status) else { return .whole }
        if isNotModified(entry, request, now) { return .notModified }
        guard entry.status == 200, request.method == .get, request.fields.contains(.range) else {
            return .whole
        }
        guard let range = request.fields.only(.range), isRangeWanted(entry, request, now) else {
            return .whole
        }
        switch ByteRange(range, length: entry.body.count) {
        case .whole: return .whole
        case .part(let part): return .part(part)
        case .unsatisfiable: return .unsatisfiable
        }
    }

    private static func isNotModified(_ entry: CacheEntry, _ request: RequestHead, _ now: Int)
        -> Bool
    {
        let fields = request.fields
        if fields.contains(.ifNoneMatch) {
            for line in fields.values(of: .ifNoneMatch) where matches(entry, line) { return true }
            return false
        }
        guard let line = fields.only(.ifModifiedSince), let since = HTTPDate.parse(line, now: now)
        else { return false }
        return entry.lastModified ?? entry.date <= since
    }

    private static func matches(_ entry: CacheEntry, _ line: ByteView) -> Bool {
        if line.equals("*") { return true }
        guard let etag = entry.etag else { return false }
        var tags = EntityTagList(line)
        while let tag = tags.next() {
            if tag.weaklyEquals(etag) { return true }
        }
        return false
    }

    /// Whether If-Range, if it is there, names just what is stored (RFC 9110 section 13.1.5).
    private static func isRangeWanted(_ entry: CacheEntry, _ request: RequestHead, _ now: Int)
        -> Bool
    {
        guard request.fields.contains(.ifRange) else { return true }
        guard let line = request.fields.only(.ifRange) else { return false }
        if let tag = EntityTag(line) {
            return entry.etag.map { $0.stronglyEquals(tag) } ?? false
        }
        guard let date = HTTPDate.parse(line, now: now), let lastModified = entry.lastModified
        else { return false }
        // A date says exactly which version only if nothing could have changed within its second.
        return date == lastModified && entry.date > lastModified
    }
}

extension CacheHit {
    /// Appends status line and fields in the form of HTTP/1.1, without the empty line that ends the head, so that the
    /// gateway can add fields of its own.
    func appendHead(to output: OutputBuffer) {
        if form == .whole {
            output.append(entry.wholeHead)
        } else {
            appendChangedHead(to: output)
        }
        if form != .unsatisfiable {
            output.append("age: ")
            output.append(decimal: entry.freshness.age(at: now))
            output.appendCRLF()
        }
        output.append("cache-status: ")
        cacheStatus.append(to: output)
        output.appendCRLF()
    }

    private func appendChangedHead(to output: OutputBuffer) {
        output.append("HTTP/1.1 ")
        output.append(decimal: status)
        output.append(" ")
        output.append(Status.reason(status))
        output.appendCRLF()
        switch form {
        case .notModified: output.append(entry.notModifiedLines)
        case .whole, .part: output.append(entry.lines)
        case .unsatisfiable: appendRefusalLines(to: output)
        }
        if form != .notModified {
            output.append("content-range: ")
            appendContentRange(to: output)
            output.appendCRLF()
        }
        if let contentLength {
            output.append("content-length: ")
            output.append(decimal: contentLength)
            output.appendCRLF()
        }
    }

    /// A refusal is nobody's but this client's: what the origin says of caches is said of the response it refuses.
    private func appendRefusalLines(to output: OutputBuffer) {
        output.append("cache-control: no-store\r\ndate: ")
        HTTPDate.append(now, to: output)
        output.appendCRLF()
    }

    /// Appends the value of Content-Range; for parts and ranges that do not exist.
    func appendContentRange(to output: OutputBuffer) {
        output.append("bytes ")
        if case .part(let range) = form {
            output.append(decimal: range.lowerBound)
            output.append("-")
            output.append(decimal: range.upperBound - 1)
        } else {
            output.append("*")
        }
        output.append("/")
        output.append(decimal: entry.body.count)
    }
}
