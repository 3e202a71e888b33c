import Glibc
import Support
import Testing

extension Stories {
    /// Servers of HTTP/2 that fail, refuse early or fall silent, and what clients notice of it.
    @Suite(.haniel) struct HTTP2UpstreamFailureTests {
        private static func gateway(_ origin: HTTP2Origin, _ upstream: String = "") throws
            -> GatewayProcess
        {
            try GatewayProcess(
                .init(origins: [origin.port], upstream: "    protocol: h2\n\(upstream)")
            )
        }

        /// Waits for the head of the first request, whether or not more of it is to come.
        private static func firstHead(on connection: HTTP2Wire) throws {
            _ = try connection.wait { connection.responses[1] != nil }
        }

        // MARK: While content is under way

        @Test(arguments: [false, true])
        func `A server that fails while the client has more to say is told of at once`(
            closes: Bool
        ) throws {
            let origin = try HTTP2Origin { connection, _ in
                try Self.firstHead(on: connection)
                if closes { return }
                try connection.send(HTTP2Frame(.reset, stream: 1, [0, 0, 0, 8]))
                while try connection.receive() != nil {}
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST", "/call"), ends: false)
            try client.send(HTTP2Frame(.data, stream: 1, Array("hello".utf8)))
            #expect(try client.response(on: 1).status == 502)
            #expect(gateway.logs("access.log", "502", "127.0.0.1:\(origin.port)"))
            let failures =
                "haniel_upstream_failures_total{pool=\"origin\",server=\"127.0.0.1:\(origin.port)\"}"
            #expect(try gateway.figure(failures) == 1)
        }

        @Test func `A refusal reaches a client of HTTP/1 before it has sent all`() throws {
            let origin = try HTTP2Origin { connection, _ in
                try Self.firstHead(on: connection)
                try connection.open(1, [(":status", "413"), ("content-length", "3")], ends: false)
                let body = Array("big".utf8)
                try connection.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, body))
                while try connection.receive() != nil {}
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connect()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nmore")
            let answer = try client.receiveResponse()
            #expect(answer.status == 413 && answer.text == "big")
        }

        @Test func `A server that begins its answer early still gets all of the content`() throws {
            let origin = try HTTP2Origin { connection, _ in
                try Self.firstHead(on: connection)
                try connection.open(1, [(":status", "200")], ends: false)
                _ = try connection.wait { connection.responses[1]?.isComplete == true }
                let count = Array("\(connection.responses[1]?.body.count ?? 0)".utf8)
                try connection.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, count))
                while try connection.receive() != nil {}
            }
            let gateway = try Self.gateway(origin)
            let body = String(repeating: "u", count: 300_000)
            let answer = try gateway.send(GatewayProcess.post("/up", body: body), method: "POST")
            #expect(answer.text == "300000")
        }

        @Test func `A server that takes no more of a request gives 504`() throws {
            let origin = try HTTP2Origin { connection, _ in
                connection.widensWindows = false
                while try connection.receive() != nil {}
            }
            let gateway = try Self.gateway(origin, "    timeouts: {send: 300ms}\n")
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST", "/call"), ends: false)
            for _ in 0..<4 {
                let piece = [UInt8](repeating: 0x75, count: 16_000)
                try client.send(HTTP2Frame(.data, stream: 1, piece))
            }
            #expect(try client.wait { client.counts[.windowUpdate] ?? 0 > 1 })
            try client.send(HTTP2Frame(.data, stream: 1, [UInt8](repeating: 0x75, count: 16_000)))
            #expect(try client.response(on: 1).status == 504)
        }

        // MARK: Interim heads

        @Test func `Interim heads pass to clients of both versions, in their order`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                for index in 1...3 {
                    let fields = [(":status", "103"), ("link", "<\(index)>")]
                    try connection.open(stream, fields, ends: false)
                }
                try connection.open(stream, [(":status", "200")])
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get()).status == 200)
            #expect(client.counts[.headers] == 4)
            let old = try gateway.connect()
            try old.send(GatewayProcess.get("/"))
            for index in 1...3 {
                let head = try old.receive(through: "\r\n\r\n")
                let text = String(decoding: head, as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.1 103") && text.contains("<\(index)>"))
            }
            #expect(try old.receiveResponse().status == 200)
        }

        @Test func `A server that says that it is at work is waited for anew`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                for _ in 0..<4 {
                    try connection.open(stream, [(":status", "102")], ends: false)
                    pause(.milliseconds(600))
                }
                try connection.open(stream, [(":status", "200")])
            }
            let gateway = try Self.gateway(origin, "    timeouts: {response: 1500ms}\n")
            #expect(try gateway.connectHTTP2().exchange(1, HTTP2Wire.get()).status == 200)
        }

        @Test func `A client of HTTP/1 that is gone frees the server from its work`() throws {
            let (isAsked, isFree) = (Signal(), Signal())
            let origin = try HTTP2Origin { connection, _ in
                try Self.firstHead(on: connection)
                isAsked.raise()
                _ = try connection.wait { connection.responses[1]?.reset != nil }
                isFree.raise()
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connect()
            try client.send(GatewayProcess.get("/slow"))
            try #require(isAsked.wait(within: .seconds(10)))
            client.reset()
            #expect(isFree.wait(within: .seconds(10)))
        }

        // MARK: Header blocks

        @Test(arguments: [(20, 200), (600, 502)])
        func `A header block may come in many frames, not in any number`(count: Int, status: Int)
            throws
        {
            let code = Count()
            let origin = try HTTP2Origin { connection, _ in
                try Self.firstHead(on: connection)
                let block = HTTP2Wire.block([(":status", "200"), ("x-long", "value")])
                var frames = HTTP2Frame(.headers, HTTP2Frame.endStream, stream: 1, []).bytes
                for index in 0..<count {
                    let piece = index < block.count ? [block[index]] : []
                    frames += HTTP2Frame(.continuation, stream: 1, piece).bytes
                }
                let rest = Array(block.dropFirst(count))
                frames += HTTP2Frame(.continuation, HTTP2Frame.endHeaders, stream: 1, rest).bytes
                try connection.wire.send(frames)
                code.add(Int(try connection.end() ?? 0))
            }
            let gateway = try Self.gateway(origin)
            #expect(try gateway.get("/").status == status)
            if status == 502 { #expect(eventually { code.value == 11 }) }
        }

        @Test func `More interim heads than anybody needs become 502`() throws {
            let origin = try HTTP2Origin { _, stream, connection in
                for _ in 0..<17 {
                    try connection.open(stream, [(":status", "103")], ends: false)
                }
                try connection.open(stream, [(":status", "200")])
            }
            let gateway = try Self.gateway(origin)
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get()).status == 502)
        }

        // MARK: Connections

        @Test func `Requests for a server that cannot be reached wait for one connection together`()
            throws
        {
            // With a queue of one that is full the kernel answers no further connection.
            let port = try Loopback.freePort()
            let listener = try Loopback.listen(port: port, backlog: 0)
            defer { Glibc.close(listener) }
            let first = try Loopback.connect(port: port)
            defer { first.close() }
            let upstream = "    protocol: h2\n    timeouts: {connect: 1s}\n"
            let gateway = try GatewayProcess(.init(origins: [port], upstream: upstream))
            let client = try gateway.connectHTTP2()
            let streams = (0..<6).map { UInt32(2 * $0 + 1) }
            for stream in streams { try client.open(stream, HTTP2Wire.get()) }
            for stream in streams { #expect(try client.response(on: stream).status == 504) }
            let failures =
                "haniel_upstream_failures_total{pool=\"origin\",server=\"127.0.0.1:\(port)\"}"
            #expect(try gateway.figure(failures) == 1)
        }

        @Test func `A connection that answers no more is not used again`() throws {
            let origin = try HTTP2Origin { connection, number in
                var answered: UInt32 = 0
                while try connection.receive() != nil {
                    let next = answered == 0 ? 1 : answered + 2
                    guard connection.responses[next]?.isComplete == true else { continue }
                    answered = next
                    if number == 1, next > 1 { continue }
                    try connection.open(next, [(":status", "200"), ("x-from", "\(number)")])
                }
            }
            let gateway = try Self.gateway(origin, "    timeouts: {response: 300ms}\n")
            #expect(try gateway.get("/first")["x-from"] == "1")
            #expect(try gateway.get("/silence").status == 504)
            #expect(try gateway.get("/again")["x-from"] == "2")
        }

        @Test(arguments: [false, true])
        func `Connections that take no more requests leave room for others`(saysGoodbye: Bool)
            throws
        {
            let origin = try HTTP2Origin { _, stream, connection in
                if saysGoodbye {
                    let last = HTTP2Frame.word(stream)
                    try connection.send(HTTP2Frame(.goAway, last + [0, 0, 0, 0]))
                }
                try connection.open(stream, [(":status", "200")])
            }
            let limit = saysGoodbye ? "" : "    max_requests: 1\n"
            let gateway = try Self.gateway(origin, "    max_connections: 1\n\(limit)")
            for _ in 0..<8 { #expect(try gateway.get("/").status == 200) }
            #expect(origin.connectionCount == 8)
        }
    }
}
