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

/// A path pattern over bytes.
struct PathMatcher: Sendable {
    private let text: [UInt8]
    private let isPrefix: Bool

    init(_ pattern: PathPattern) {
        switch pattern {
        case .exact(let path):
            text = Array(path.utf8)
            isPrefix = false
        case .prefix(let prefix):
            text = Array(prefix.utf8)
            isPrefix = true
        }
    }

    /// Whether `path`, in canonical form, is meant.
    func matches(_ path: ByteView) -> Bool {
        guard isPrefix else {
            // Most servers take `/login/` for `/login`, and so may whoever stands behind us.
            let isSlashed = path.count > 1 && path[path.count - 1] == UInt8(ascii: "/")
            return path.equals(text) || isSlashed && path.prefix(path.count - 1).equals(text)
        }
        return path.count >= text.count && path.prefix(text.count).equals(text)
    }
}

extension ByteView {
    func equals(_ other: [UInt8]) -> Bool {
        unsafe other.withUnsafeBytes { unsafe equals(ByteView($0)) }
    }

    func equalsIgnoringCase(_ other: [UInt8]) -> Bool {
        unsafe other.withUnsafeBytes { unsafe equalsIgnoringCase(ByteView($0)) }
    }
}
