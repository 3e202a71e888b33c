import Foundation
import Support
import Testing

extension Stories {
    /// Upgrades: a tunnel only for who asked, only when the server agrees, and for as long as both sides like.
    @Suite(.haniel) struct WebSocketTests {
        private static let accepted =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        private static let wish = [
            "Connection: keep-alive, Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        ]

        /// Agrees to a WebSocket and returns whatever comes over it.
        private static func echo() throws -> TestOrigin {
            try TestOrigin { request, connection in
                guard request["upgrade"] == "websocket" else { return try connection.respond() }
                try connection.wire.send(accepted)
                while case let piece = try connection.wire.receiveSome(), !piece.isEmpty {
                    try connection.wire.send(piece)
                }
                throw WireError.ended(received: "")
            }
        }

        /// Opens one on stream 1 by an extended CONNECT.
        private static func openWebSocket(_ client: HTTP2Wire) throws {
            #expect(try client.wait { client.settings[8] == 1 })
            let wish = [
                (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                (":path", "/chat"), (":authority", "localhost"), ("sec-websocket-version", "13"),
            ]
            try client.open(1, wish, ends: false)
            #expect(try client.wait { client.responses[1]?.status == 200 })
        }

        @Test func `Bytes pass both ways once the server has agreed, and not a word is kept back`()
            throws
        {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            let answer = try wire.receiveHead()
            #expect(answer.status == 101)
            #expect(answer["upgrade"] == "websocket")
            #expect(answer["connection"]?.lowercased() == "upgrade")
            #expect(answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            for index in 0..<50 {
                let word = "word \(index) \0\u{ff}"
                try wire.send(word)
                #expect(try wire.receive(count: word.utf8.count) == Array(word.utf8))
            }
            let much = [UInt8](repeating: 0x77, count: 300_000)
            try wire.send(much)
            #expect(try wire.receive(count: much.count) == much)
            wire.finishSending()
            #expect(try wire.isEnded())
            let request = try #require(origin.requests.first)
            #expect(request["sec-websocket-key"] == "dGhlIHNhbXBsZSBub25jZQ==")
            #expect(request.values(of: "connection") == ["Upgrade"])
            #expect(gateway.logs("access.log", #""url.path":"/chat""#, "101"))
        }

        @Test func `What was sent before the answer reaches a server that agrees`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish) + "early")
            #expect(try wire.receiveHead().status == 101)
            #expect(try wire.receive(count: 5) == Array("early".utf8))
        }

        @Test func `What was sent before a refusal reaches nobody`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(403, body: Array("no".utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            let hidden = GatewayProcess.get("/hidden")
            try wire.send(GatewayProcess.get("/chat", Self.wish) + hidden)
            #expect(try wire.receiveResponse().status == 403)
            #expect(try wire.isEnded())
            #expect(origin.requests.map(\.target) == ["/chat"])
        }

        @Test(arguments: [
            [], ["Connection: Upgrade", "Upgrade: h2c"], ["Upgrade: websocket"],
            ["Connection: Upgrade", "Upgrade: websocket"],
        ])
        func `A switch that nobody asked for is a fault of the server`(_ fields: [String]) throws {
            let origin = try TestOrigin { _, connection in try connection.wire.send(Self.accepted) }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/", fields).status == 502)
            #expect(origin.requests.allSatisfy { $0["upgrade"] == nil })
        }

        @Test(arguments: [
            "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: x\r\n\r\n",
            "HTTP/1.0 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ])
        func `A switch that is not the one asked for is a fault of the server`(_ answer: String)
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.wire.send(answer) }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/", Self.wish).status == 502)
        }

        @Test func `Over HTTP/2 an extended CONNECT opens one`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try Self.openWebSocket(client)
            #expect(client.responses[1]?["sec-websocket-accept"] == nil)
            try client.send(HTTP2Frame(.data, stream: 1, Array("hello".utf8)))
            #expect(try client.wait { client.responses[1]?.text == "hello" })
            #expect(try client.exchange(3, HTTP2Wire.get("/other")).status == 200)
            try client.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, Array("!".utf8)))
            #expect(try client.response(on: 1).text == "hello!")
            let request = try #require(origin.requests.first)
            #expect(request.startLine == "GET /chat HTTP/1.1")
            #expect(request["upgrade"] == "websocket" && request["connection"] == "Upgrade")
            #expect(request["sec-websocket-key"]?.utf8.count == 24)
        }

        @Test(arguments: [("websocket", 502), ("connect-udp", 501)])
        func `Over HTTP/2 no success but a tunnel's own answers an extended CONNECT`(
            name: String,
            status: Int
        ) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            #expect(try client.wait { client.settings[8] == 1 })
            let wish = [
                (":method", "CONNECT"), (":protocol", name), (":scheme", "http"),
                (":path", "/chat"), (":authority", "localhost"), ("sec-websocket-version", "13"),
            ]
            try client.open(1, wish, ends: false)
            #expect(try client.wait { client.responses[1]?.status == status })
        }

        @Test func `Over HTTP/2 nothing is lost of what comes at once`() throws {
            let much = [UInt8](repeating: 0x77, count: 50_000)
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(Self.accepted)
                _ = try connection.wire.receive(count: 2)
                try connection.wire.send(much)
                while case let piece = try connection.wire.receiveSome(), !piece.isEmpty {}
                throw WireError.ended(received: "")
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try Self.openWebSocket(client)
            try client.send(HTTP2Frame(.data, stream: 1, Array("go".utf8)))
            #expect(try client.wait { client.responses[1]?.text.utf8.count == much.count })
        }

        /// The server sends small pieces, each when the one before has passed, until a client that does not read takes
        /// no more.
        @Test(arguments: [false, true])
        func `Nothing is lost of what a client takes late`(overTLS: Bool) throws {
            let piece = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            let (sent, isFull) = (Count(), Signal())
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(Self.accepted)
                while !isFull.isRaised {
                    pause(.milliseconds(1))
                    let count = try connection.wire.offer(piece, for: .milliseconds(500))
                    sent.add(1)
                    guard count < piece.count else { continue }
                    isFull.raise()
                    try connection.wire.send(Array(piece[count...]))
                }
                throw WireError.ended(received: "")
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try overTLS ? TLSClient(of: gateway) : nil
            let wire = try client?.wire ?? gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try wire.receiveHead().status == 101)
            try #require(isFull.wait(within: Patience.usual))
            let all = try wire.receive(count: sent.value * piece.count)
            #expect(all.indices.allSatisfy { all[$0] == piece[$0 % piece.count] })
            #expect(try wire.isEnded())
        }

        @Test func `What a server tells the gateway is not told to clients, whatever the answer`()
            throws
        {
            // What comes with a command is for one visitor, and not stored.
            let command = "Waiting-Room-Command: leave\r\n"
            let told =
                "Waiting-Room-Inventory: remaining=5\r\nWaiting-Room: x\r\nX-WAF-Rules: 1\r\nX-Open: y\r\n"
            let origin = try TestOrigin { request, connection in
                if request["upgrade"] != nil {
                    try connection.wire.send(Self.accepted.dropLast(2) + command + told + "\r\n")
                    return _ = try connection.wire.receiveSome()
                }
                let fields =
                    "\(told)Cache-Control: public, max-age=60\r\nContent-Length: 2\r\n\r\nok"
                try connection.wire.send(
                    "HTTP/1.1 103 Early\r\n\(command)\(told)\r\nHTTP/1.1 200 OK\r\n\(fields)"
                )
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n    cache: true\n"
            )
            let secrets = [
                "waiting-room-command", "waiting-room-inventory", "waiting-room", "x-waf-rules",
            ]
            let fetch = try gateway.connect()
            try fetch.send(GatewayProcess.get("/a"))
            let early = try fetch.receiveHead()
            let first = try fetch.receiveResponse()
            try fetch.send(GatewayProcess.get("/a"))
            let stored = try fetch.receiveResponse()
            #expect([early, first, stored].map(\.status) == [103, 200, 200])
            for answer in [early, first, stored] {
                #expect(answer["x-open"] == "y")
                #expect(secrets.allSatisfy { answer[$0] == nil })
            }
            #expect(origin.requests.count == 1)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            let agreed = try wire.receiveHead()
            #expect(agreed.status == 101 && agreed["x-open"] == "y")
            #expect(secrets.allSatisfy { agreed[$0] == nil })
            let client = try gateway.connectHTTP2()
            try Self.openWebSocket(client)
            #expect(client.responses[1]?["x-open"] == "y")
            #expect(secrets.allSatisfy { client.responses[1]?[$0] == nil })
        }

        @Test(arguments: [200, 101])
        func `Whoever is still waiting for one takes a place as well`(status: Int) throws {
            let mayAnswer = Signal()
            let origin = try TestOrigin { _, connection in
                try #require(mayAnswer.wait(within: Patience.usual))
                guard status == 101 else { return try connection.respond(status) }
                try connection.wire.send(Self.accepted)
                _ = try connection.wire.receiveSome()
            }
            let gateway = try GatewayProcess(origin: origin, further: "limits:\n  websockets: 1\n")
            let first = try gateway.connect()
            try first.send(GatewayProcess.get("/chat", Self.wish))
            try #require(eventually { origin.requests.count == 1 })
            #expect(try gateway.get("/chat", Self.wish).status == 503)
            mayAnswer.raise()
            #expect(try first.receiveHead().status == status)
            let last = try gateway.connect()
            try last.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try last.receiveHead().status == (status == 101 ? 503 : status))
        }

        @Test func `It survives a reload, and its end is told to both sides`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(
                origin: origin,
                routes:
                    "  - paths: [/chat]\n    proxy: origin\n  - answer: {status: 200, body: old}\n"
            )
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try wire.receiveHead().status == 101)
            try gateway.reload { $0.replacingOccurrences(of: "body: old", with: "body: new") }
            #expect(eventually { (try? gateway.get("/page"))?.text == "new" })
            try wire.send("still here")
            #expect(try wire.receive(count: 10) == Array("still here".utf8))
            #expect(try gateway.figure("haniel_websockets") == 1)
        }

        @Test func `Nobody says a word for the idle time, and it ends`() throws {
            let gateway = try GatewayProcess(
                origin: Self.echo(),
                further: "timeouts:\n  websocket: 1s\n"
            )
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try wire.receiveHead().status == 101)
            #expect(try wire.isEnded(within: .seconds(20)))
        }

        @Test func `A server that breaks it off is told of at once`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(Self.accepted)
                _ = try connection.wire.receive(count: 3)
                connection.wire.reset()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try wire.receiveHead().status == 101)
            let client = try gateway.connectHTTP2(patience: .seconds(3))
            try Self.openWebSocket(client)
            // Far sooner than an orderly end, behind which the client has five seconds.
            try wire.send("bye")
            #expect(try wire.isEnded(within: .seconds(3)))
            try client.send(HTTP2Frame(.data, stream: 1, Array("bye".utf8)))
            #expect(try client.response(on: 1).reset != nil)
        }

        @Test func `More than may be open are told to come back`() throws {
            let gateway = try GatewayProcess(
                origin: Self.echo(),
                further: "limits:\n  websockets: 1\n"
            )
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/chat", Self.wish))
            #expect(try wire.receiveHead().status == 101)
            #expect(try gateway.get("/chat", Self.wish).status == 503)
            wire.close()
            #expect(
                try eventually {
                    let next = try gateway.connect()
                    try next.send(GatewayProcess.get("/chat", Self.wish))
                    return try next.receiveHead().status == 101
                }
            )
        }
    }

    /// Server-Sent Events: each reaches its visitor when it happens.
    @Suite(.haniel) struct EventStreamTests {
        /// Sends an event whenever the test says so, and waits longer than content may pause between them.
        private static func origin(_ signals: [Signal]) throws -> TestOrigin {
            try TestOrigin { _, connection in
                try connection.wire.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                )
                for (index, signal) in signals.enumerated() {
                    guard signal.wait(within: .seconds(20)) else { return }
                    try connection.wire.send("9\r\ndata: \(index)\n\n\r\n")
                }
                try connection.wire.send("0\r\n\r\n")
            }
        }

        @Test func `Each event comes at once over HTTP/1, through cache, rules and a reload`()
            throws
        {
            let signals = (0..<4).map { _ in Signal() }
            let origin = try Self.origin(signals)
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n    cache: true\n",
                upstream: "    timeouts:\n      body: 300ms\n"
            )
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/events", ["Accept: text/event-stream"]))
            let head = try wire.receiveHead()
            #expect(head.status == 200 && head["transfer-encoding"] == "chunked")
            for (index, signal) in signals.enumerated() {
                if index == 2 { try gateway.reload { $0 + "\n# changed\n" } }
                pause(.milliseconds(400))
                signal.raise()
                let event = try wire.receive(through: "\n\n")
                #expect(String(decoding: event, as: UTF8.self).hasSuffix("data: \(index)\n\n"))
            }
        }

        @Test func `Each event comes at once over HTTP/2`() throws {
            let signals = (0..<3).map { _ in Signal() }
            let origin = try Self.origin(signals)
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.get("/events"))
            var expected = ""
            for (index, signal) in signals.enumerated() {
                signal.raise()
                expected += "data: \(index)\n\n"
                #expect(try client.wait { client.responses[1]?.text == expected })
            }
            #expect(try client.response(on: 1).isComplete)
        }
    }
}
