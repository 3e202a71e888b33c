import HTTP

/// One final answer to a request, ready to be written.
struct Response {
    /// Where the fields and the content come from.
    enum Source {
        /// The gateway's own content, built for this request or shared by all.
        case content(Content)
        /// An upstream's response, streamed through.
        case upstream(UpstreamResponse)
        /// A stored response.
        case cached(CacheHit)
        /// A file of a route.
        case file(FileContent)
        /// A server's agreement to speak WebSocket, and what is spoken then.
        case tunnel(Tunnel)
        /// No bytes at all: the connection is closed.
        case drop
    }

    var status: Int
    var source: Source
    /// Fields in addition to those of the source; names in lower case.
    var fields: [(name: StaticString, value: String)] = []
    /// Why the gateway answered by itself, for log and metrics; nil for a proxied or routed answer.
    var reason: String?
    /// Whether the connection ends with this answer.
    var closesConnection = false

    init(status: Int, source: Source, reason: String? = nil) {
        self.status = status
        self.source = source
        self.reason = reason
    }
}

/// Content that the gateway made, with the fields that describe it. Immutable, so that one value serves many requests.
final class Content: Sendable {
    /// Field lines, each ended by CR LF, without framing fields.
    let fieldLines: [UInt8]
    let body: [UInt8]

    convenience init(
        contentType: String,
        fields: [(name: String, value: String)] = [],
        body: [UInt8]
    ) {
        self.init(
            fields: (body.isEmpty ? [] : [("content-type", contentType)]) + fields,
            body: body
        )
    }

    init(fields: [(name: String, value: String)], body: [UInt8]) {
        var lines: [UInt8] = []
        lines.reserveCapacity(fields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 })
        for (name, value) in fields {
            lines.append(text: name)
            lines += [0x3A, 0x20]
            lines.append(text: value)
            lines += [0x0D, 0x0A]
        }
        fieldLines = lines
        self.body = body
    }

    /// Nothing but a status.
    static let empty = Content(contentType: "", body: [])
}

extension [UInt8] {
    /// In one piece, where `+=` with the UTF-8 of a string goes through it.
    fileprivate mutating func append(text: String) {
        var text = text
        text.withUTF8 { unsafe append(contentsOf: $0) }
    }
}
