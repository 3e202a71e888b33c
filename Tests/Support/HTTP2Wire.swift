import CNghttp2

/// One frame of HTTP/2 as it came over the wire, or is to go.
public struct HTTP2Frame: Sendable {
    /// The types by their names in RFC 9113.
    public enum Kind: UInt8, Sendable {
        case data = 0
        case headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
        case continuation
        case unknown = 0xEE
    }

    public static let endStream: UInt8 = 0x1
    public static let acknowledgement: UInt8 = 0x1
    public static let endHeaders: UInt8 = 0x4
    public static let padded: UInt8 = 0x8
    public static let priority: UInt8 = 0x20

    public var kind: Kind
    public var flags: UInt8
    public var stream: UInt32
    public var payload: [UInt8]

    public init(_ kind: Kind, _ flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    /// A frame of the connection.
    public init(_ kind: Kind, _ payload: [UInt8]) {
        self.init(kind, 0, stream: 0, payload)
    }

    /// A frame of the connection, with flags.
    public init(_ kind: Kind, _ flags: UInt8, _ payload: [UInt8]) {
        self.init(kind, flags, stream: 0, payload)
    }

    public var bytes: [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
            + [kind.rawValue, flags] + Self.word(stream) + payload
    }

    /// The error code of a RST_STREAM or GOAWAY frame.
    public var code: UInt32? {
        let bytes = kind == .goAway ? Array(payload.dropFirst(4)) : payload
        guard kind == .goAway || kind == .reset, bytes.count >= 4 else { return nil }
        return bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    public static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) }
    }
}

/// A response on one stream, or what became of it.
public struct HTTP2Response: Sendable {
    public var fields: [(name: String, value: String)] = []
    public var body: [UInt8] = []
    public var trailers: [(name: String, value: String)] = []
    /// The code with which the stream was reset.
    public var reset: UInt32?
    public var isComplete = false

    public var status: Int { Int(self[":status"] ?? "") ?? 0 }
    public var text: String { String(decoding: body, as: UTF8.self) }

    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// A client of HTTP/2 whose every frame a test decides. It answers nothing by itself but what `responds` says.
@safe
public final class HTTP2Wire {
    public let wire: Wire
    private let inflater: OpaquePointer?
    private var block: [UInt8] = []
    /// What has come on each stream.
    public private(set) var responses: [UInt32: HTTP2Response] = [:]
    /// The code of the GOAWAY frame that came last.
    public private(set) var goAway: UInt32?
    /// Frames received, of each kind.
    public private(set) var counts: [HTTP2Frame.Kind: Int] = [:]
    /// Whether windows are widened for content as it comes.
    public var widensWindows = true
    /// Values of the peer's SETTINGS.
    public private(set) var settings: [UInt16: UInt32] = [:]

    /// Sends the preface and SETTINGS with the given entries.
    public init(_ wire: Wire, settings: [(UInt16, UInt32)] = []) throws {
        self.wire = wire
        var inflater: OpaquePointer?
        _ = unsafe nghttp2_hd_inflate_new(&inflater)
        unsafe self.inflater = inflater
        try wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        let payload = settings.flatMap {
            [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + HTTP2Frame.word($0.1)
        }
        try send(HTTP2Frame(.settings, 0, stream: 0, payload))
    }

    /// The server's side: reads the preface and sends SETTINGS.
    public init(serving wire: Wire) throws {
        self.wire = wire
        var inflater: OpaquePointer?
        _ = unsafe nghttp2_hd_inflate_new(&inflater)
        unsafe self.inflater = inflater
        _ = try wire.receive(through: "\r\n\r\nSM\r\n\r\n")
        try send(HTTP2Frame(.settings, 0, stream: 0))
    }

    deinit { unsafe nghttp2_hd_inflate_del(inflater) }

    public func send(_ frames: HTTP2Frame...) throws {
        try wire.send(frames.flatMap(\.bytes))
    }

    /// Literal fields without indexing and without Huffman coding, so that every byte is the test's.
    public static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in
            [0] + string(Array(name.utf8)) + string(Array(value.utf8))
        }
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length = [UInt8(127)]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    public static func get(_ path: String = "/", _ further: [(String, String)] = []) -> [(
        String, String
    )] {
        request("GET", path, further)
    }

    public static func request(
        _ method: String,
        _ path: String = "/",
        _ further: [(String, String)] = []
    ) -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")]
            + further
    }

    /// Opens a stream with a head in one frame.
    public func open(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = true) throws {
        let flags = HTTP2Frame.endHeaders | (ends ? HTTP2Frame.endStream : 0)
        try send(HTTP2Frame(.headers, flags, stream: stream, Self.block(fields)))
    }

    /// One whole response to a request without content.
    public func exchange(_ stream: UInt32, _ fields: [(String, String)]) throws -> HTTP2Response {
        try open(stream, fields)
        return try response(on: stream)
    }

    /// Waits until the stream is over, by its end or by a reset, or the connection is.
    public func response(on stream: UInt32) throws -> HTTP2Response {
        while true {
            if let response = responses[stream], response.isComplete || response.reset != nil {
                return response
            }
            guard try receive() != nil else { return responses[stream] ?? HTTP2Response() }
        }
    }

    /// Waits until `condition` holds; false if the connection ends before.
    public func wait(until condition: () -> Bool) throws -> Bool {
        while !condition() {
            guard try receive() != nil else { return condition() }
        }
        return true
    }

    /// Reads to the end of the connection; the code of its last GOAWAY frame, if there was one.
    public func end() throws -> UInt32? {
        while try receive() != nil {}
        return goAway
    }

    /// Takes in one frame; nil at the end of the connection.
    @discardableResult
    public func receive() throws -> HTTP2Frame? {
        let header: [UInt8]
        do {
            header = try wire.receive(count: 9)
        } catch WireError.ended {
            return nil
        }
        let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        let stream = header[5...8].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let kind = HTTP2Frame.Kind(rawValue: header[3]) ?? .unknown
        let frame = HTTP2Frame(kind, header[4], stream: stream, try wire.receive(count: length))
        counts[kind, default: 0] += 1
        try take(frame)
        return frame
    }

    private func take(_ frame: HTTP2Frame) throws {
        switch frame.kind {
        case .headers, .continuation:
            block += frame.payload
            guard frame.flags & HTTP2Frame.endHeaders != 0 else { return }
            takeFields(try inflate(block), on: frame.stream)
            block = []
            if frame.flags & HTTP2Frame.endStream != 0 {
                responses[frame.stream]?.isComplete = true
            }
        case .data:
            responses[frame.stream, default: HTTP2Response()].body += frame.payload
            if frame.flags & HTTP2Frame.endStream != 0 {
                responses[frame.stream]?.isComplete = true
            }
            if widensWindows, !frame.payload.isEmpty {
                try widen(frame.stream, frame.payload.count)
            }
        case .reset: responses[frame.stream, default: HTTP2Response()].reset = frame.code
        case .goAway: goAway = frame.code
        case .settings where frame.flags & HTTP2Frame.acknowledgement == 0:
            for start in stride(from: 0, to: frame.payload.count - 5, by: 6) {
                let entry = frame.payload[start..<start + 6].map(UInt32.init)
                settings[UInt16(entry[0] << 8 | entry[1])] =
                    entry[2] << 24 | entry[3] << 16 | entry[4] << 8 | entry[5]
            }
            _ = try? send(HTTP2Frame(.settings, HTTP2Frame.acknowledgement))
        default: break
        }
    }

    /// Allows the peer to send so much more, on the stream and on the connection.
    public func widen(_ stream: UInt32, _ count: Int) throws {
        let word = HTTP2Frame.word(UInt32(count))
        // The peer may be gone already, having said all.
        _ = try? send(
            HTTP2Frame(.windowUpdate, stream: stream, word),
            HTTP2Frame(.windowUpdate, stream: 0, word)
        )
    }

    private func takeFields(_ fields: [(name: String, value: String)], on stream: UInt32) {
        var response = responses[stream] ?? HTTP2Response()
        let isInterim = response.status / 100 == 1
        if response.fields.isEmpty || isInterim {
            response.fields = fields
        } else {
            response.trailers = fields
        }
        responses[stream] = response
    }

    private func inflate(_ block: [UInt8]) throws -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var rest = block[...]
        while true {
            var pair = unsafe nghttp2_nv()
            var flags: Int32 = 0
            let count = unsafe rest.withUnsafeBufferPointer {
                unsafe nghttp2_hd_inflate_hd2(inflater, &pair, &flags, $0.baseAddress, $0.count, 1)
            }
            guard count >= 0 else { throw WireError.malformed("a header block") }
            rest = rest.dropFirst(count)
            if UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue != 0 {
                let name = unsafe UnsafeBufferPointer(start: pair.name, count: pair.namelen)
                let value = unsafe UnsafeBufferPointer(start: pair.value, count: pair.valuelen)
                unsafe fields.append(
                    (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
                )
            }
            if UInt32(flags) & NGHTTP2_HD_INFLATE_FINAL.rawValue != 0 { break }
            if count == 0, rest.isEmpty { break }
        }
        _ = unsafe nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }
}
