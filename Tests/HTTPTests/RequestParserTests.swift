import HTTP
import Testing

@Suite struct RequestParserTests {
    static let browser = """
        GET /events/7?seat=A1 HTTP/1.1\r
        Host: tickets.example.com:8443\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r
        Accept: text/html,*/*;q=0.8\r
        Accept-Encoding: gzip, br\r
        Cookie: a=1; b=2\r
        X-Unknown:\t tab and space \t\r
        Connection: keep-alive\r
        \r\n
        """

    @Test func `A browser's request is understood`() throws {
        let head = try accept(Self.browser)
        #expect(head.method == .get)
        #expect(head.version == .http11)
        #expect(head.host.string == "tickets.example.com")
        #expect(head.port == 8443)
        #expect(head.target.path.string == "/events/7")
        #expect(head.target.query?.string == "seat=A1")
        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(head.fields.count == 7)
        #expect(head.first(of: .cookie)?.string == "a=1; b=2")
        #expect(head.fields.first(named: "x-unknown")?.string == "tab and space")
        #expect(head.fields.known(5) == .other)
        #expect(head.first(of: .range) == nil)
    }

    static let accepted = [
        browser,
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /x HTTP/1.1\r\nhost: a\r\nContent-Length: 10\r\n\r\n0123456789",
        "POST /x HTTP/1.1\r\nhOsT: [::1]:80\r\nTransfer-Encoding: Chunked\r\nExpect: 100-Continue\r\n\r\n",
        "PURGE /%7euser/../%2e%2e/\u{E9}?\u{E9}|x HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "GET HTTP://a/x HTTP/1.1\r\nHost: A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\nX: \u{E9}\u{FC}\r\n\r\n",
    ]

    @Test(arguments: accepted)
    func `Parsing in pieces of any size gives what parsing at once gives`(_ request: String) {
        let bytes = Array(request.utf8)
        let whole = parseRequest(bytes)
        guard case .accepted = whole else {
            Issue.record("refused: \(whole)")
            return
        }
        for step in 1...bytes.count { #expect(parseRequest(bytes, step: step) == whole) }
    }

    @Test(arguments: accepted)
    func `No proper prefix of a head is a head`(_ request: String) {
        let bytes = Array(request.utf8)
        guard case .accepted(let length, _) = parseRequest(bytes) else {
            Issue.record("refused")
            return
        }
        for count in 0..<length { #expect(parseRequest(Array(bytes.prefix(count))) == .incomplete) }
    }

    @Test func `Pipelined heads are read one after the other, and bodies are not touched`() throws {
        let stream = Bytes(
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\nGET"
        )
        var parser = RequestParser()
        let first = try #require(try parser.parse(stream.view))
        #expect(parser.head.framing == .length(3))
        let rest = stream.view.dropFirst(first + 3)
        let second = try #require(try parser.parse(rest))
        #expect(parser.head.target.path.string == "/b")
        #expect(parser.head.framing == .none)
        #expect(try parser.parse(rest.dropFirst(second)) == nil)
        #expect(parser.isInsideHead)
    }

    @Test func `Views of a head outlive the bytes it was read from`() throws {
        var parser = RequestParser()
        do {
            let bytes = Bytes(Self.browser)
            #expect(try parser.parse(bytes.view) != nil)
        }
        #expect(parser.head.host.string == "tickets.example.com")
        parser.head.reset()
        #expect(parser.head.fields.count == 0)
        #expect(parser.head.host.isEmpty)
    }

    @Test func `Framing is read from the fields that declare it`() throws {
        #expect(
            try accept("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").framing
                == .length(0)
        )
        #expect(
            try accept("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t 007 \r\n\r\n").framing
                == .length(7)
        )
        #expect(
            try accept("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n").framing
                == .chunked
        )
        #expect(
            try accept("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n")
                .framing
                == .length(999_999_999_999_999_999)
        )
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Close", false),
        ("HTTP/1.1", "x, close", false), ("HTTP/1.1", "keep-alive, close", false),
        ("HTTP/1.1", "closed", true),
        ("HTTP/1.0", "", false), ("HTTP/1.0", "Keep-Alive", true),
        ("HTTP/1.0", "keep-alive, close", false),
    ])
    func `A connection stays open by version and options`(
        _ version: String,
        _ option: String,
        _ stays: Bool
    ) throws {
        let line = option.isEmpty ? "" : "Connection: \(option)\r\n"
        #expect(try accept("GET / \(version)\r\nHost: a\r\n\(line)\r\n").keepAlive == stays)
    }

    @Test func `Sixty-four options are understood`() throws {
        let options = (1...63).map { "x-\($0)" } + ["close"]
        let line = "Connection: \(options.joined(separator: ", "))"
        #expect(try !accept("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n").keepAlive)
    }

    @Test func `Fields of one connection are marked, those its Connection field lists among them`()
        throws
    {
        let head = try accept(
            """
            GET / HTTP/1.1\r\nHost: a\r\nConnection: X-One, upgrade\r\nX-ONE: 1\r\nX-Two: 2\r\nx-one: 3\r
            TE: trailers\r\nKeep-Alive: 5\r\nUpgrade: websocket\r\nProxy-Connection: x\r\nTrailer: y\r
            Connection: X-Three, TE, Keep-Alive, HTTP2-Settings, Accept\r\nX-Three: z\r\n\r\n
            """
        )
        let marked = (0..<head.fields.count).filter { head.isHopByHop($0) }.map {
            head.fields.name($0).string
        }
        #expect(
            marked == [
                "Connection", "X-ONE", "x-one", "TE", "Keep-Alive", "Upgrade", "Proxy-Connection",
                "Connection",
                "X-Three",
            ]
        )
    }

    @Test(arguments: [
        ("HTTP/1.1", "Upgrade", "websocket", "websocket"),
        ("HTTP/1.1", "keep-alive, UPGRADE", "h2c", "h2c"),
        ("HTTP/1.1", "keep-alive", "websocket", nil), ("HTTP/1.0", "upgrade", "websocket", nil),
    ])
    func `An upgrade is asked for by both fields and in HTTP 1.1 only`(
        _ version: String,
        _ option: String,
        _ name: String,
        _ wanted: String?
    ) throws {
        let head = try accept(
            "GET / \(version)\r\nHost: a\r\nConnection: \(option)\r\nUpgrade: \(name)\r\n\r\n"
        )
        #expect(head.upgrade?.string == wanted)
    }

    @Test func `Expectations count in HTTP 1.1, and older ones are not forwarded`() throws {
        #expect(
            try accept("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-CONTINUE\r\n\r\n").expectsContinue
        )
        let old = try accept(
            "PUT / HTTP/1.0\r\nHost: a\r\nExpect: other\r\nEXPECT: 100-continue\r\n\r\n"
        )
        #expect(!old.expectsContinue)
        #expect(old.isHopByHop(1))
        #expect(old.isHopByHop(2))
    }

    @Test func `Repeated fields are counted and given in order`() throws {
        let head = try accept(
            "GET / HTTP/1.1\r\nHost: a\r\nVia: 1\r\nX: y\r\nvia: 2\r\nVIA: 3\r\n\r\n"
        )
        #expect(head.count(of: .via) == 3)
        #expect(head.fields.values(of: .via).map(\.string) == ["1", "2", "3"])
        #expect(head.fields.only(.via) == nil)
        #expect(head.fields.only(.host)?.string == "a")
        #expect(head.count(of: .age) == 0)
    }
}
