import HTTP

extension CacheKey {
    /// The key of what a Location or Content-Location field names, if that lies on the same scheme and host; a path
    /// that is not in canonical form names nothing that could be stored.
    func resolve(_ reference: ByteView) -> CacheKey? {
        let uri = reference.firstIndex(of: 0x23).map { reference[0..<$0] } ?? reference
        guard let target = originForm(uri), target.hasPrefix("/"), !target.hasPrefix("//") else {
            return nil
        }
        guard let mark = target.firstIndex(of: 0x3F) else {
            return CacheKey(isSecure: isSecure, host: host, path: target, query: nil)
        }
        return CacheKey(
            isSecure: isSecure,
            host: host,
            path: target[0..<mark],
            query: target.dropFirst(mark + 1)
        )
    }

    /// Path and query of a reference; nil when it leads to another origin.
    private func originForm(_ uri: ByteView) -> ByteView? {
        guard let colon = uri.firstIndex(of: 0x3A), colon < (uri.firstIndex(of: 0x2F) ?? uri.count)
        else { return uri }
        let length = scheme.utf8CodeUnitCount
        guard uri.count > length, uri[0..<length].equalsIgnoringCase(scheme) else { return nil }
        let rest = uri.dropFirst(length)
        let end = rest.firstIndex(of: 0x2F) ?? rest.firstIndex(of: 0x3F) ?? rest.count
        let other = CacheKey(
            isSecure: isSecure,
            host: rest[0..<end],
            path: ByteView("/"),
            query: nil
        )
        guard other.host.equalsIgnoringCase(host) else { return nil }
        return end == rest.count ? ByteView("/") : rest.dropFirst(end)
    }
}
