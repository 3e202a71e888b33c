import HTTP

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
