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

    /// The fields of a server's response as they came; nil for any other.
    var upstreamFields: FieldSection? {
        if case .upstream(let upstream) = source { upstream.head.fields } else { nil }
    }
}

/// Content that the gateway made, with the fields that describe it. Immutable, so that one value serves many requests.
///
/// All of it stands in one piece, since polls have theirs made for each of them.
final class Content: Sendable {
    private let bytes: [UInt8]
    private let fieldBytes: Int

    /// Field lines, each ended by CR LF, without framing fields.
    var fieldLines: ArraySlice<UInt8> { bytes[..<fieldBytes] }
    var body: ArraySlice<UInt8> { bytes[fieldBytes...] }

    /// - Parameters:
    ///   - bytes: field lines, and the body behind them.
    ///   - fieldBytes: how many of them are field lines.
    convenience init(_ bytes: ByteView, fieldBytes: Int) {
        self.init(bytes: bytes.bytes, fieldBytes: fieldBytes)
    }

    private init(bytes: [UInt8], fieldBytes: Int) {
        precondition(fieldBytes <= bytes.count)
        self.bytes = bytes
        self.fieldBytes = fieldBytes
    }

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

    convenience init(fields: [(name: String, value: String)], body: [UInt8]) {
        let fieldBytes = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fieldBytes + body.count)
        for (name, value) in fields {
            bytes.append(text: name)
            bytes += [0x3A, 0x20]
            bytes.append(text: value)
            bytes += [0x0D, 0x0A]
        }
        bytes += body
        self.init(bytes: bytes, fieldBytes: fieldBytes)
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
