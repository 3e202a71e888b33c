import HTTP

/// A host pattern over bytes.
struct HostMatcher: Sendable {
    private let text: [UInt8]
    private let isSuffix: Bool

    init(_ pattern: HostPattern) {
        switch pattern {
        case .exact(let name):
            text = Array(name.utf8)
            isSuffix = false
        case .suffix(let suffix):
            text = Array(suffix.utf8)
            isSuffix = true
        }
    }

    /// Whether `host`, without its port, is meant; host names know no case.
    func matches(_ host: ByteView) -> Bool {
        // A final dot only says that the name is complete (RFC 3986 section 3.2.2).
        let isDotted = host.count > 1 && host[host.count - 1] == UInt8(ascii: ".")
        let host = isDotted ? host.prefix(host.count - 1) : host
        guard isSuffix else { return host.count == text.count && host.equalsIgnoringCase(text) }
        return host.count > text.count
            && host.dropFirst(host.count - text.count).equalsIgnoringCase(text)
    }
}
