/// A message as it came over the wire, with its body decoded.
public struct WireMessage: Sendable {
    /// The request or status line.
    public var startLine: String
    /// Fields in their order, names as sent.
    public var fields: [(name: String, value: String)]
    public var body: [UInt8] = []
    /// Whether the body came in chunks.
    public var isChunked = false
    public var trailers: [(name: String, value: String)] = []

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The status code of a response; 0 for a request.
    public var status: Int {
        startLine.hasPrefix("HTTP/")
            ? Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 : 0
    }
    public var method: String { String(startLine.split(separator: " ").first ?? "") }
    public var target: String { String(startLine.split(separator: " ").dropFirst().first ?? "") }

    /// The first value of the field, or nil.
    public subscript(name: String) -> String? { values(of: name).first }

    public func values(of name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// Whether the sender says that the connection ends after this message.
    public var announcesClose: Bool {
        values(of: "connection").contains { $0.lowercased().contains("close") }
    }

    init(head: [UInt8]) throws {
        let lines = String(decoding: head, as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: true
        )
        guard let first = lines.first else { throw WireError.malformed("an empty head") }
        startLine = String(first)
        fields = try Self.fields(lines.dropFirst())
    }

    static func fields(_ lines: some Sequence<Substring>) throws -> [(name: String, value: String)] {
        try lines.map { line in
            guard let colon = line.firstIndex(of: ":") else {
                throw WireError.malformed("field line \(line)")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
    }
}

extension Wire {
    /// One head, without its body.
    public func receiveHead() throws -> WireMessage {
        try WireMessage(head: receive(through: "\r\n\r\n"))
    }

    /// One whole response to a request of the given method, interim responses skipped.
    public func receiveResponse(to method: String = "GET") throws -> WireMessage {
        var message = try receiveHead()
        while (100..<200).contains(message.status), message.status != 101 {
            message = try receiveHead()
        }
        guard method != "HEAD", message.status != 204, message.status != 304 else { return message }
        try receiveBody(of: &message, isResponse: true)
        return message
    }

    /// Reads the body that the head announces.
    public func receiveBody(of message: inout WireMessage, isResponse: Bool) throws {
        if message["transfer-encoding"]?.lowercased() == "chunked" {
            message.isChunked = true
            while let chunk = try receiveChunk(trailersInto: &message) { message.body += chunk }
        } else if let length = message["content-length"] {
            guard let count = Int(length), count >= 0 else {
                throw WireError.malformed("length \(length)")
            }
            message.body = try receive(count: count)
        } else if isResponse {
            message.body = try receiveToEnd()
        }
    }

    /// The next chunk's data; nil after the last one.
    func receiveChunk(trailersInto message: inout WireMessage) throws -> [UInt8]? {
        let line = String(decoding: try receive(through: "\r\n").dropLast(2), as: UTF8.self)
        guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
            throw WireError.malformed("chunk size \(line)")
        }
        if size == 0 {
            var lines: [Substring] = []
            while case let line = try receive(through: "\r\n").dropLast(2), !line.isEmpty {
                lines.append(Substring(decoding: line, as: UTF8.self))
            }
            message.trailers = try WireMessage.fields(lines)
            return nil
        }
        let data = try receive(count: size)
        guard try receive(count: 2) == [13, 10] else {
            throw WireError.malformed("no line end after a chunk")
        }
        return data
    }
}
