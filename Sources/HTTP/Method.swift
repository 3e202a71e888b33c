/// A request method that the gateway knows; the bytes of any other are in `RequestHead.methodName`.
public enum Method: UInt8, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace, other

    /// Whether the method asks for no change of state (RFC 9110 section 9.2.1).
    public var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        default: false
        }
    }

    /// Whether repeating the request does what sending it once does (RFC 9110 section 9.2.2).
    public var isIdempotent: Bool {
        isSafe || self == .put || self == .delete
    }

    /// The method as written; empty for `.other`.
    public var text: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: ""
        }
    }

    /// The method these bytes spell; methods are case-sensitive.
    public init(recognising name: ByteView) {
        let candidates: (Method, Method)
        switch name.count {
        case 3: candidates = (.get, .put)
        case 4: candidates = (.post, .head)
        case 5: candidates = (.patch, .trace)
        case 6: candidates = (.delete, .delete)
        case 7: candidates = (.options, .connect)
        default: candidates = (.other, .other)
        }
        if name.equals(candidates.0.text) {
            self = candidates.0
        } else if name.equals(candidates.1.text) {
            self = candidates.1
        } else {
            self = .other
        }
    }
}

/// The versions of HTTP that are spoken.
public enum HTTPVersion: UInt8, Sendable {
    case http10, http11, http2

    /// As it stands in a request line, or would.
    public var text: StaticString {
        switch self {
        case .http10: "HTTP/1.0"
        case .http11: "HTTP/1.1"
        case .http2: "HTTP/2.0"
        }
    }
}
