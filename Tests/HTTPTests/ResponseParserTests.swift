import HTTP
import Testing

@Suite struct ResponseParserTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        let fields: String
        let method: HTTP.Method
        let framing: Framing
        let keepAlive: Bool

        init(
            _ status: Int,
            _ fields: String,
            _ framing: Framing,
            _ keepAlive: Bool,
            to method: HTTP.Method = .get
        ) {
            self.status = status
            self.fields = fields
            self.method = method
            self.framing = framing
            self.keepAlive = keepAlive
        }

        var testDescription: String { "\(method) \(status) \(fields.debugDescription)" }
    }

    static let framings = [
        Row(200, "Content-Length: 5\r\n", .length(5), true),
        Row(200, "Transfer-Encoding: chunked\r\n", .chunked, true),
        Row(200, "", .untilClose, false),
        Row(200, "Connection: close\r\nContent-Length: 5\r\n", .length(5), false),
        Row(200, "Content-Length: 5\r\n", .none, true, to: .head),
        Row(200, "Transfer-Encoding: chunked\r\n", .none, true, to: .head),
        Row(200, "", .none, true, to: .head),
        Row(100, "", .none, true),
        Row(103, "Link: </a>\r\n", .none, true),
        Row(204, "", .none, true),
        Row(204, "Content-Length: 0\r\n", .none, true),
        Row(304, "Content-Length: 5\r\n", .none, true),
        Row(304, "Transfer-Encoding: chunked\r\n", .none, true),
        Row(101, "Upgrade: websocket\r\nConnection: upgrade\r\n", .none, false),
        Row(200, "Content-Length: 5\r\n", .none, false, to: .connect),
        Row(404, "Content-Length: 5\r\n", .length(5), true, to: .connect),
        Row(599, "Content-Length: 5\r\n", .length(5), true),
    ]

    @Test(arguments: framings)
    func `Method and status decide with the fields how long a response is`(_ row: Row) throws {
        let head = try accept("HTTP/1.1 \(row.status) OK\r\n\(row.fields)\r\n", to: row.method)
        #expect(head.status == row.status)
        #expect(head.framing == row.framing)
        #expect(head.keepAlive == row.keepAlive)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", "OK"), ("HTTP/1.1 200 ", ""), ("HTTP/1.1 200", ""),
        ("HTTP/1.1 200 Two  words ", "Two  words "),
    ])
    func `A reason phrase may be anything or nothing`(_ line: String, _ reason: String) throws {
        let head = try accept("\(line)\r\nContent-Length: 0\r\n\r\n", to: .get)
        #expect(head.reason.string == reason)
    }

    @Test func `An HTTP 1.0 response stays open only when it says so`() throws {
        #expect(try !accept("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", to: .get).keepAlive)
        let head = try accept(
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
            to: .get
        )
        #expect(head.keepAlive)
    }

    @Test func `Interim responses come before the final one`() throws {
        let stream = Bytes(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
        )
        var parser = ResponseParser()
        let first = try #require(try parser.parse(stream.view, to: .get))
        #expect(parser.head.isInterim)
        _ = try #require(try parser.parse(stream.view.dropFirst(first), to: .get))
        #expect(!parser.head.isInterim)
        #expect(parser.head.fields.count == 1)
    }

    @Test func `A switch of protocols and an opened tunnel are told`() throws {
        let agreed = "HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n"
        #expect(try accept(agreed, to: .get).isTunnel)
        #expect(try accept("HTTP/1.1 200 X\r\n\r\n", to: .connect).isTunnel)
        #expect(try !accept("HTTP/1.1 200 X\r\n\r\n", to: .get).isTunnel)
    }

    static let refused: [(String, HeadError)] = [
        ("HTTP/1.1 20 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 2000 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 +20 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1  200 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1\t200 OK\r\n\r\n", .badStatusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .versionNotSupported),
        ("http/1.1 200 OK\r\n\r\n", .badVersion),
        ("ICY 200 OK\r\n\r\n", .badStatusLine),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 200 OK\n\n", .badLineEnding),
        ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .forbiddenByte),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .obsoleteFolding),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .badFieldName),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .conflictingFraming
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .conflictingFraming),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .badContentLength),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unknownTransferCoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCodingNotAllowed),
        ("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCodingNotAllowed),
        ("HTTP/1.1 100 X\r\nTransfer-Encoding: chunked\r\n\r\n", .transferCodingNotAllowed),
        ("HTTP/1.1 101 X\r\nUpgrade: a\r\n\r\n", .badConnectionOptions),
        ("HTTP/1.0 101 X\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n", .badConnectionOptions),
    ]

    @Test(arguments: refused)
    func `A faulty response is refused, at once or byte by byte`(_ text: String, _ error: HeadError) {
        let bytes = Array(text.utf8)
        #expect(parseResponse(bytes) == .refused(error))
        #expect(parseResponse(bytes, step: 1) == .refused(error))
    }
}
