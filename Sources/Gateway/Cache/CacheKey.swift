import HTTP

/// What a stored response is found by: the URI of the request, in canonical form (RFC 9111 section 2).
///
/// The parts belong to the request; a key is made for one lookup and allocates nothing. The hash is keyed by a
/// secret of the process, so nobody can aim two URIs at one slot, and a hit still compares the whole URI.
@safe
struct CacheKey {
    /// Whether the client came by TLS.
    let isSecure: Bool
    /// Without a default port; compared without regard to case.
    let host: ByteView
    let path: ByteView
    /// Nil when the target has no `?`; `/a` and `/a?` are two URIs.
    let query: ByteView?
    let hash: UInt64

    /// - Parameters:
    ///   - host: the authority of the request, with its port if it named one.
    ///   - path: the canonical path, beginning with a slash.
    ///   - query: what follows the question mark.
    init(isSecure: Bool, host: ByteView, path: ByteView, query: ByteView?) {
        self.isSecure = isSecure
        self.host = Self.withoutDefaultPort(host, isSecure: isSecure)
        self.path = path
        self.query = query
        hash = Self.hash(isSecure: isSecure, host: self.host, path: path, query: query)
    }

    /// The key of a request, whose head must stay as it is while the key is used.
    init(isSecure: Bool, request: RequestHead) {
        let target = request.target
        self.init(
            isSecure: isSecure,
            host: request.authority,
            path: target.path,
            query: target.query
        )
    }

    var scheme: StaticString { isSecure ? "https://" : "http://" }

    /// Length of the URI in bytes.
    var uriLength: Int {
        scheme.utf8CodeUnitCount + host.count + path.count + (query.map { $0.count + 1 } ?? 0)
    }

    /// Whether `uri`, as written by `appendURI(to:)`, is this key's.
    func matches(uri: ByteView) -> Bool {
        guard uri.count == uriLength, uri.hasPrefix(scheme) else { return false }
        let path = scheme.utf8CodeUnitCount + host.count
        let query = path + self.path.count
        let host = uri[scheme.utf8CodeUnitCount..<path]
        guard host.isIdentical(to: self.host) || host.equalsIgnoringCase(self.host) else {
            return false
        }
        guard uri[path..<query].isIdentical(to: self.path) else { return false }
        guard let wanted = self.query else { return true }
        return uri[query] == 0x3F && uri[(query + 1)..<uri.count].isIdentical(to: wanted)
    }

    /// Writes the URI, with the host in lower case.
    func appendURI(to bytes: inout CacheBytes) {
        bytes.append(scheme)
        bytes.append(lowered: host)
        bytes.append(path)
        if let query {
            bytes.append("?")
            bytes.append(query)
        }
    }

    private static func withoutDefaultPort(_ host: ByteView, isSecure: Bool) -> ByteView {
        let port: StaticString = isSecure ? ":443" : ":80"
        let length = port.utf8CodeUnitCount
        guard host.count > length, host.hasSuffix(ByteView(port)) else { return host }
        return host[0..<(host.count - length)]
    }

    /// Swift's Hasher is SipHash under a seed drawn at random when the process starts.
    private static func hash(isSecure: Bool, host: ByteView, path: ByteView, query: ByteView?)
        -> UInt64
    {
        var hasher = Hasher()
        hasher.combine(isSecure)
        var word: UInt64 = 0
        for index in 0..<host.count {
            word = word << 8 | UInt64(lower(host[index]))
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(host.count)
        unsafe path.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        hasher.combine(path.count)
        if let query {
            unsafe query.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
            hasher.combine(query.count)
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}
