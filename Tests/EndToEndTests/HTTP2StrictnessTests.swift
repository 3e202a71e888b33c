import Support
import Testing

extension Stories {
    /// What RFC 9113 and RFC 7541 forbid: the stream is reset or the connection ends, and no server sees any of it.
    @Suite(.haniel) struct HTTP2StrictnessTests {
        /// A head that makes a message malformed, so that its stream is reset and the connection goes on.
        struct Malformed: CustomTestStringConvertible {
            var testDescription: String
            var fields: [(String, String)]
            var content: String?
            var trailers: [(String, String)]?

            init(
                _ name: String,
                _ fields: [(String, String)],
                content: String? = nil,
                trailers: [(String, String)]? = nil
            ) {
                testDescription = name
                self.fields = fields
                self.content = content
                self.trailers = trailers
            }

            /// A good head with further fields.
            init(_ name: String, adding further: [(String, String)], content: String? = nil) {
                self.init(name, HTTP2Wire.request("POST", "/bad", further), content: content)
            }

            /// A good head with one field replaced, or left out.
            init(_ name: String, _ field: String, _ value: String?) {
                var fields = HTTP2Wire.get("/bad")
                fields.removeAll { $0.0 == field }
                if let value { fields.insert((field, value), at: 0) }
                self.init(name, fields)
            }
        }

        static let names = [
            Malformed("a capital in a name", adding: [("X-Bad", "1")]),
            Malformed("an empty name", adding: [("", "1")]),
            Malformed("a space in a name", adding: [("x bad", "1")]),
            Malformed("a colon in a name", adding: [("x:bad", "1")]),
            Malformed("a control byte in a name", adding: [("x\u{1}", "1")]),
            Malformed("a line break in a name", adding: [("x\r\nhost", "1")]),
            Malformed("a byte beyond ASCII in a name", adding: [("x\u{e9}", "1")]),
            Malformed("a NUL in a value", adding: [("x", "a\0b")]),
            Malformed("a CR in a value", adding: [("x", "a\rb")]),
            Malformed("a LF in a value", adding: [("x", "a\nb")]),
            Malformed("a new line in a value", adding: [("x", "a\r\nx-admin: 1")]),
            Malformed("a DEL in a value", adding: [("x", "a\u{7f}b")]),
            Malformed("a space before a value", adding: [("x", " a")]),
            Malformed("a space behind a value", adding: [("x", "a ")]),
            Malformed("a tab before a value", adding: [("x", "\ta")]),
        ]

        static let fields = [
            Malformed("connection", adding: [("connection", "close")]),
            Malformed("keep-alive", adding: [("keep-alive", "1")]),
            Malformed("proxy-connection", adding: [("proxy-connection", "x")]),
            Malformed("transfer-encoding", adding: [("transfer-encoding", "chunked")]),
            Malformed("upgrade", adding: [("upgrade", "h2c")]),
            Malformed("te other than trailers", adding: [("te", "gzip")]),
            Malformed("te with more than trailers", adding: [("te", "trailers, deflate")]),
            Malformed("another host", adding: [("host", "other")]),
            Malformed("two hosts", adding: [("host", "localhost"), ("host", "other")]),
            Malformed("a host twice", adding: [("host", "localhost"), ("host", "localhost")]),
            Malformed("two lengths", adding: [("content-length", "1"), ("content-length", "1")]),
            Malformed("a length that is none", adding: [("content-length", "1x")]),
            Malformed("a signed length", adding: [("content-length", "+1")]),
            Malformed("a list of lengths", adding: [("content-length", "1, 1")]),
        ]

        static let pseudoFields = [
            Malformed("no method", ":method", nil),
            Malformed("no scheme", ":scheme", nil),
            Malformed("no path", ":path", nil),
            Malformed("neither authority nor host", ":authority", nil),
            Malformed("an empty method", ":method", ""),
            Malformed("a method with a space", ":method", "GET /"),
            Malformed("an empty path", ":path", ""),
            Malformed("a path without a slash", ":path", "bad"),
            Malformed("an absolute path", ":path", "http://localhost/bad"),
            Malformed("a path with a space", ":path", "/bad HTTP/1.1"),
            Malformed("a path with a line break", ":path", "/bad\r\nx: y"),
            Malformed("a path with a fragment", ":path", "/bad#x"),
            Malformed("an asterisk for GET", ":path", "*"),
            Malformed("an unknown scheme", ":scheme", "ftp"),
            Malformed("a user in the authority", ":authority", "u@localhost"),
            Malformed("a path in the authority", ":authority", "localhost/x"),
            Malformed("a list of authorities", ":authority", "localhost,other"),
            Malformed("an empty authority", ":authority", ""),
            Malformed("an unknown pseudo-header", ":unknown", "1"),
            Malformed("a status in a request", ":status", "200"),
            Malformed("a method twice", HTTP2Wire.get() + [(":method", "GET")]),
            Malformed("a path twice", [(":path", "/a")] + HTTP2Wire.get()),
            Malformed("a scheme twice", [(":scheme", "http")] + HTTP2Wire.get()),
            Malformed("an authority twice", [(":authority", "localhost")] + HTTP2Wire.get()),
            Malformed(
                "a pseudo-header behind a field",
                [("x", "1")] + HTTP2Wire.get()
            ),
            Malformed("CONNECT with a path", HTTP2Wire.request("CONNECT")),
            Malformed("CONNECT without an authority", [(":method", "CONNECT")]),
            Malformed("a protocol for GET", HTTP2Wire.get() + [(":protocol", "websocket")]),
            Malformed("a protocol in front of GET", [(":protocol", "websocket")] + HTTP2Wire.get()),
        ]

        static let contents = [
            Malformed("less than the length", adding: [("content-length", "4")], content: "abc"),
            Malformed("more than the length", adding: [("content-length", "2")], content: "abc"),
            Malformed(
                "content where there is none",
                adding: [("content-length", "0")],
                content: "a"
            ),
            Malformed("no content where there is some", adding: [("content-length", "1")]),
            Malformed(
                "a pseudo-header in trailers",
                HTTP2Wire.request("POST"),
                content: "abc",
                trailers: [(":path", "/x")]
            ),
            Malformed(
                "a capital in trailers",
                HTTP2Wire.request("POST"),
                content: "abc",
                trailers: [("X-Bad", "1")]
            ),
            Malformed(
                "a length in trailers",
                HTTP2Wire.request("POST"),
                content: "abc",
                trailers: [("content-length", "3")]
            ),
        ]

        @Test func `A malformed message resets its stream and nothing else`() throws {
            let origin = try Self.answeringOrigin()
            let gateway = try GatewayProcess(origin: origin)
            for row in Self.names + Self.fields + Self.pseudoFields + Self.contents {
                let client = try gateway.connectHTTP2()
                try Self.send(row, on: client)
                let response = try client.response(on: 1)
                #expect(response.reset == 1, "\(row.testDescription): \(response)")
                let next = try client.exchange(3, HTTP2Wire.get("/good"))
                #expect(next.status == 200, "\(row.testDescription)")
                #expect(client.goAway == nil, "\(row.testDescription)")
            }
            let reached = origin.requests.filter { $0.target != "/good" }
            // Those whose content is at fault may be on their way when that shows, but are never complete.
            #expect(reached.allSatisfy { $0.body.isEmpty }, "\(reached)")
            #expect(!reached.contains { $0.target == "/bad" && $0.method == "GET" })
        }

        private static func answeringOrigin() throws -> TestOrigin {
            try TestOrigin { request, connection in
                try connection.respond(body: Array("good".utf8), toHead: request.method == "HEAD")
            }
        }

        private static func send(_ row: Malformed, on client: HTTP2Wire) throws {
            let isEnded = row.content == nil && row.trailers == nil
            try client.open(1, row.fields, ends: isEnded)
            if let content = row.content {
                let flags = row.trailers == nil ? HTTP2Frame.endStream : 0
                try client.send(HTTP2Frame(.data, flags, stream: 1, Array(content.utf8)))
            }
            if let trailers = row.trailers { try client.open(1, trailers) }
        }

        /// Frames that no peer may send, and the code with which the connection ends.
        struct Breach: CustomTestStringConvertible {
            var testDescription: String
            var codes: Set<UInt32>
            var frames: [HTTP2Frame]

            init(_ name: String, _ codes: Set<UInt32>, _ frames: HTTP2Frame...) {
                testDescription = name
                self.codes = codes
                self.frames = frames
            }
        }

        private static let head = HTTP2Wire.block(HTTP2Wire.request("POST"))
        private static let endHeaders = HTTP2Frame.endHeaders
        private static let endBoth = HTTP2Frame.endHeaders | HTTP2Frame.endStream

        static let breaches = [
            Breach("DATA on stream 0", [1], .init(.data, 0, stream: 0, [1])),
            Breach("DATA on an idle stream", [1], .init(.data, 0, stream: 1, [1])),
            Breach("HEADERS on stream 0", [1], .init(.headers, endBoth, stream: 0, head)),
            Breach("HEADERS on an even stream", [1], .init(.headers, endBoth, stream: 2, head)),
            Breach("RST_STREAM on an idle stream", [1], .init(.reset, stream: 1, [0, 0, 0, 8])),
            Breach("RST_STREAM on stream 0", [1], .init(.reset, stream: 0, [0, 0, 0, 8])),
            Breach("RST_STREAM of a wrong size", [6], .init(.reset, stream: 1, [0, 0, 0])),
            Breach("PRIORITY on stream 0", [1], .init(.priority, stream: 0, [0, 0, 0, 1, 0])),
            Breach("PRIORITY of a wrong size", [6], .init(.priority, stream: 1, [0, 0, 0, 3])),
            Breach(
                "a stream that depends on itself",
                [1],
                .init(.priority, stream: 1, [0, 0, 0, 1, 0])
            ),
            Breach("PING on a stream", [1], .init(.ping, stream: 1, .init(repeating: 0, count: 8))),
            Breach("PING of a wrong size", [6], .init(.ping, stream: 0, [0])),
            Breach("SETTINGS on a stream", [1], .init(.settings, stream: 1)),
            Breach("SETTINGS of a wrong size", [6], .init(.settings, stream: 0, [0, 1, 0])),
            Breach(
                "SETTINGS that acknowledge and say",
                [6],
                .init(.settings, 1, [0, 1, 0, 0, 0, 0])
            ),
            Breach("a push that is neither on nor off", [1], .init(.settings, [0, 2, 0, 0, 0, 2])),
            Breach("a window beyond its end", [3], .init(.settings, [0, 4, 128, 0, 0, 0])),
            Breach("a frame size below the least", [1], .init(.settings, [0, 5, 0, 0, 0, 1])),
            Breach("a frame size beyond the most", [1], .init(.settings, [0, 5, 255, 0, 0, 0])),
            Breach(
                "PUSH_PROMISE of a client",
                [1],
                .init(.pushPromise, 4, stream: 1, [0, 0, 0, 2])
            ),
            Breach(
                "GOAWAY on a stream",
                [1],
                .init(.goAway, stream: 1, .init(repeating: 0, count: 8))
            ),
            Breach("WINDOW_UPDATE of nothing", [1], .init(.windowUpdate, [0, 0, 0, 0])),
            Breach("WINDOW_UPDATE of a wrong size", [6], .init(.windowUpdate, [0, 0, 1])),
            Breach(
                "WINDOW_UPDATE on an idle stream",
                [1],
                .init(.windowUpdate, stream: 1, [0, 0, 0, 1])
            ),
            Breach(
                "a window of the connection too wide",
                [3],
                .init(.windowUpdate, [127, 255, 255, 255])
            ),
            Breach(
                "a setting that makes the window of a stream too wide",
                [3],
                .init(.headers, endHeaders, stream: 1, head),
                .init(.windowUpdate, stream: 1, [0, 0, 0, 1]),
                .init(.settings, [0, 4, 127, 255, 255, 255])
            ),
            Breach("CONTINUATION of nothing", [1], .init(.continuation, 4, stream: 1, head)),
            Breach(
                "a frame inside a header block",
                [1],
                .init(.headers, 0, stream: 1, head),
                .init(.ping, .init(repeating: 0, count: 8))
            ),
            Breach(
                "CONTINUATION on another stream",
                [1],
                .init(.headers, 0, stream: 1, head),
                .init(.continuation, 4, stream: 3, [])
            ),
            Breach(
                "padding longer than the frame",
                [1],
                .init(.headers, endBoth | 8, stream: 1, [99])
            ),
            Breach(
                "a header block that is none",
                [9],
                .init(.headers, endBoth, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF])
            ),
            Breach(
                "a table size beyond the setting",
                [9],
                .init(.headers, endBoth, stream: 1, [0x3F, 0xE1, 0xFF, 0x03])
            ),
            Breach(
                "a table size behind a field",
                [9],
                .init(.headers, endBoth, stream: 1, head + [0x20])
            ),
            Breach("an index beyond the table", [9], .init(.headers, endBoth, stream: 1, [0xFE])),
            Breach(
                "padding of zeros in a coded text",
                [9],
                .init(.headers, endBoth, stream: 1, [0, 1, 0x78, 0x81, 0])
            ),
            Breach(
                "the end symbol in a coded text",
                [9],
                .init(.headers, endBoth, stream: 1, [0, 1, 0x78, 0x84, 0xFF, 0xFF, 0xFF, 0xFF])
            ),
            Breach(
                "a text that ends too early",
                [9],
                .init(.headers, endBoth, stream: 1, [0, 1, 0x78, 9, 0x61])
            ),
            Breach("an index of zero", [9], .init(.headers, endBoth, stream: 1, [0x80])),
            Breach(
                "HEADERS behind the end of a stream",
                [5],
                .init(.headers, endBoth, stream: 1, head),
                .init(.headers, endBoth, stream: 1, head)
            ),
            Breach(
                "DATA behind the end of a stream",
                [5],
                .init(.headers, endBoth, stream: 1, head),
                .init(.data, stream: 1, [1])
            ),
            Breach(
                "DATA behind a reset",
                [5],
                .init(.headers, endHeaders, stream: 1, head),
                .init(.reset, stream: 1, [0, 0, 0, 8]),
                .init(.data, stream: 1, [1])
            ),
            Breach(
                "a stream below an earlier one",
                [1],
                .init(.headers, endBoth, stream: 5, head),
                .init(.headers, endBoth, stream: 3, head)
            ),
        ]

        @Test func `A breach of the protocol ends the connection with its code`() throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            for row in Self.breaches {
                let client = try gateway.connectHTTP2()
                try client.wire.send(row.frames.flatMap(\.bytes))
                let code = try client.end()
                let text = "\(row.testDescription): \(String(describing: code))"
                #expect(code.map(row.codes.contains) == true, "\(text)")
            }
        }

        @Test func `A frame larger than allowed ends the connection`() throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST"), ends: false)
            try client.send(HTTP2Frame(.data, stream: 1, .init(repeating: 0, count: 16_385)))
            #expect(try client.end() == 6)
        }

        @Test func `A window of a stream that is too wide resets it`() throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST"), ends: false)
            try client.send(HTTP2Frame(.windowUpdate, stream: 1, [127, 255, 255, 255]))
            let response = try client.response(on: 1)
            #expect(response.reset == 3 || client.goAway == 3)
        }

        @Test(arguments: ["PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n"])
        func `A preface that is none is no connection`(_ text: String) throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            let wire = try gateway.connect()
            try wire.send(text)
            wire.finishSending()
            let answer = String(decoding: try wire.receiveToEnd(), as: UTF8.self)
            #expect(!answer.contains("HTTP/1.1 200"))
        }

        @Test func `What is unusual and allowed is served`() throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            let client = try gateway.connectHTTP2()
            let block = HTTP2Wire.block(HTTP2Wire.get("/good"))
            // Padding, a priority, an unknown frame with unknown flags, and a block in three parts.
            let padded = [3] + [0, 0, 0, 0, 9] + block.prefix(5) + [0, 0, 0]
            try client.send(
                HTTP2Frame(.unknown, 0xFF, stream: 9, [1, 2, 3]),
                HTTP2Frame(.headers, 0x8 | 0x20 | 0x1 | 0x40, stream: 1, padded),
                HTTP2Frame(.continuation, 0, stream: 1, []),
                HTTP2Frame(.continuation, 4, stream: 1, Array(block.dropFirst(5)))
            )
            #expect(try client.response(on: 1).status == 200)
            try client.send(HTTP2Frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]))
            #expect(try client.wait { client.counts[.ping] == 1 })
            let plain: [[(String, String)]] = [
                HTTP2Wire.get("/good", [("te", "trailers"), ("host", "localhost")]),
                [
                    (":method", "GET"), (":path", "/good"), (":scheme", "http"),
                    ("host", "localhost"),
                ],
                HTTP2Wire.get("/good", [("x-empty", ""), ("x-text", "a\tb \u{e9}")]),
                HTTP2Wire.request("OPTIONS", "*"),
                HTTP2Wire.get("/good", [("content-length", "0")]),
            ]
            for (index, fields) in plain.enumerated() {
                let response = try client.exchange(UInt32(3 + 2 * index), fields)
                #expect(response.status == 200, "\(fields)")
            }
            #expect(client.goAway == nil)
        }

        @Test func `Heads and lines too large are told so`() throws {
            let gateway = try GatewayProcess(origin: Self.answeringOrigin())
            let client = try gateway.connectHTTP2()
            let long = String(repeating: "a", count: 9000)
            let rows: [([(String, String)], Int)] = [
                (HTTP2Wire.get("/\(long)"), 414),
                (HTTP2Wire.get("/", (0..<5).map { ("x-\($0)", long) }), 431),
                (HTTP2Wire.get("/", (0..<101).map { ("x-\($0)", "1") }), 431),
                (HTTP2Wire.get("/", [("expect", "miracles")]), 417),
                ([(":method", "CONNECT"), (":authority", "localhost:443")], 405),
            ]
            for (index, (fields, status)) in rows.enumerated() {
                let stream = UInt32(1 + 2 * index)
                let block = HTTP2Wire.block(fields)
                for start in stride(from: 0, to: block.count, by: 16_000) {
                    let piece = Array(block[start..<min(start + 16_000, block.count)])
                    let isLast = start + 16_000 >= block.count
                    let flags = (isLast ? HTTP2Frame.endHeaders : 0) | (start == 0 ? 1 : 0)
                    try client.send(
                        HTTP2Frame(
                            start == 0 ? .headers : .continuation,
                            flags,
                            stream: stream,
                            piece
                        )
                    )
                }
                #expect(try client.response(on: stream).status == status)
            }
        }
    }
}
