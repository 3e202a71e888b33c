import Foundation
import Support
import Testing

extension GatewayProcess {
    /// A connection of HTTP/2 with prior knowledge.
    func connectHTTP2(
        settings: [(UInt16, UInt32)] = [],
        patience: Duration = .seconds(10)
    ) throws -> HTTP2Wire {
        try HTTP2Wire(connect(patience: patience), settings: settings)
    }
}

extension Stories {
    @Suite(.haniel) struct HTTP2Stories {
        private static func echo() throws -> TestOrigin {
            try TestOrigin { request, connection in
                let body = request.body.isEmpty ? Array("none".utf8) : request.body
                try connection.respond(
                    200,
                    [("X-Method", request.method), ("X-Target", request.target)],
                    body: body,
                    toHead: request.method == "HEAD"
                )
            }
        }

        @Test func `A request on a stream is to the server what it is in HTTP/1`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(
                1,
                HTTP2Wire.get("/a/./b?c=d", [("cookie", "a=1"), ("cookie", "b=2"), ("x-y", "z")])
            )
            #expect(response.status == 200)
            #expect(response.text == "none")
            #expect(response["x-target"] == "/a/b?c=d")
            #expect(response["content-length"] == "4")
            #expect(response["connection"] == nil && response["transfer-encoding"] == nil)
            let request = try #require(origin.requests.first)
            #expect(request.startLine == "GET /a/b?c=d HTTP/1.1")
            #expect(request.values(of: "host") == ["localhost"])
            #expect(request.values(of: "cookie") == ["a=1; b=2"])
            #expect(request["x-y"] == "z")
            #expect(request["via"] == "2 haniel")
            #expect(request["content-length"] == nil && request["transfer-encoding"] == nil)
        }

        @Test func `Many streams share a connection, and each gets its own answer`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let client = try gateway.connectHTTP2()
            let streams = stride(from: UInt32(1), to: 101, by: 2)
            for stream in streams { try client.open(stream, HTTP2Wire.get("/\(stream)")) }
            for stream in streams {
                let response = try client.response(on: stream)
                #expect(response.status == 200 && response["x-target"] == "/\(stream)")
            }
            #expect(gateway.logs("access.log", #""http.version":"2""#, #""url.path":"/99""#))
        }

        @Test(arguments: [("HEAD", 200, "4"), ("GET", 304, nil), ("GET", 204, nil)])
        func `An answer without content ends with its head`(
            _ method: String,
            _ status: Int,
            _ length: String?
        ) throws {
            let origin = try TestOrigin { request, connection in
                let body = status == 200 ? "full" : ""
                try connection.respond(status, body: Array(body.utf8), toHead: true)
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let response = try client.exchange(1, HTTP2Wire.request(method))
            #expect(response.status == status && response.isComplete)
            #expect(response["content-length"] == length)
            #expect(client.counts[.data] == nil)
        }

        @Test func `Content goes up in frames and comes back, with and without its length`() throws {
            let origin = try Self.echo()
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let piece = [UInt8](repeating: 0x61, count: 16_000)
            for (stream, fields) in [(UInt32(1), [("content-length", "48000")]), (3, [])] {
                try client.open(stream, HTTP2Wire.request("POST", "/", fields), ends: false)
                for index in 0..<3 {
                    let flags = index == 2 ? HTTP2Frame.endStream : 0
                    try client.send(HTTP2Frame(.data, flags, stream: stream, piece))
                }
                let response = try client.response(on: stream)
                #expect(response.status == 200 && response.body.count == 48_000)
            }
            #expect(origin.requests.map(\.isChunked) == [false, true])
        }

        @Test func `Trailers pass both ways`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respondChunked([Array("x".utf8)], trailers: [("X-Sum", "42")])
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST"), ends: false)
            try client.send(HTTP2Frame(.data, 0, stream: 1, Array("abc".utf8)))
            try client.open(1, [("x-check", "7")])
            let response = try client.response(on: 1)
            #expect(response.text == "x")
            #expect(response.trailers.map(\.name) == ["x-sum"])
            #expect(response.trailers.map(\.value) == ["42"])
            let request = try #require(origin.requests.first)
            #expect(request.trailers.map(\.name) == ["x-check"])
        }

        @Test func `Trailers that mean something in a head stay behind`() throws {
            let meaningful = [
                ("Set-Cookie", "a=b"), ("Content-Type", "text/html"), ("Location", "/elsewhere"),
                ("Cache-Control", "public"),
            ]
            let origin = try TestOrigin { request, connection in
                let others = request.target == "/some" ? [("X-Sum", "42"), ("ETag", "1")] : []
                try connection.respondChunked([Array("x".utf8)], trailers: meaningful + others)
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            let some = try client.exchange(1, HTTP2Wire.get("/some"))
            #expect(some.text == "x")
            #expect(some.trailers.map(\.name) == ["x-sum", "etag"])
            let none = try client.exchange(3, HTTP2Wire.get("/none"))
            #expect(none.text == "x" && none.trailers.isEmpty)
        }

        @Test(arguments: [65_535, 1_000])
        func `Little content comes in the parts in which the server sends it`(window: Int) throws {
            let goOn = Signal()
            let origin = try TestOrigin { _, connection in
                try connection.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                try connection.wire.send([UInt8](repeating: 0x61, count: 20_000))
                guard goOn.wait(within: .seconds(20)) else { return }
                try connection.wire.send([UInt8](repeating: 0x62, count: 40_000))
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2(settings: [(4, UInt32(window))])
            client.widensWindows = false
            try client.open(1, HTTP2Wire.get())
            let first = min(window, 20_000)
            #expect(try client.wait { client.responses[1]?.body.count == first })
            goOn.raise()
            client.widensWindows = true
            try client.widen(1, first)
            let answer = try client.response(on: 1)
            let expected =
                [UInt8](repeating: 0x61, count: 20_000) + [UInt8](repeating: 0x62, count: 40_000)
            #expect(answer.isComplete && answer.body == expected)
        }

        @Test func `A client that reads slowly slows down the server, not the other streams`()
            throws
        {
            let size = 4 << 20
            let origin = try TestOrigin { request, connection in
                let count = request.target == "/large" ? size : 5
                try connection.respond(body: [UInt8](repeating: 0x62, count: count))
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            client.widensWindows = false
            try client.open(1, HTTP2Wire.get("/large"))
            // The connection's window is the larger one, so that only the stream is stopped.
            try client.send(HTTP2Frame(.windowUpdate, stream: 0, HTTP2Frame.word(1 << 20)))
            #expect(try client.wait { (client.responses[1]?.body.count ?? 0) == 65_535 })
            let other = try client.exchange(3, HTTP2Wire.get("/small"))
            #expect(other.text == "bbbbb")
            #expect(client.responses[1]?.body.count == 65_535)
            client.widensWindows = true
            try client.widen(1, 65_535)
            #expect(try client.response(on: 1).body.count == size)
        }

        @Test func `Content that nobody takes stops at the window, and goes on when somebody does`()
            throws
        {
            let origin = try TestOrigin(readsBodies: false) { request, connection in
                var request = request
                guard request.target == "/slow" else { return try connection.respond() }

                try connection.wire.receiveBody(of: &request, isResponse: false)
                try connection.respond(body: Array("\(request.body.count)".utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("PUT", "/slow"), ends: false)
            var sent = 0
            var window = 65_535
            let size = 1 << 20
            while sent < size {
                let count = min(16_000, window, size - sent)
                if count == 0 {
                    guard let frame = try client.receive() else { break }
                    if frame.kind == .windowUpdate, frame.stream == 1 {
                        window += frame.payload.reduce(0) { $0 << 8 | Int($1) }
                    }
                    continue
                }
                window -= count
                sent += count
                let flags = sent == size ? HTTP2Frame.endStream : 0
                try client.send(
                    HTTP2Frame(.data, flags, stream: 1, [UInt8](repeating: 1, count: count))
                )
            }
            #expect(try client.response(on: 1).text == "\(size)")
        }

        @Test func `An expectation is met with an interim response`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let client = try gateway.connectHTTP2()
            let fields = [("expect", "100-continue"), ("content-length", "3")]
            try client.open(1, HTTP2Wire.request("POST", "/", fields), ends: false)
            #expect(try client.wait { client.responses[1]?.status == 100 })
            try client.send(HTTP2Frame(.data, HTTP2Frame.endStream, stream: 1, Array("yes".utf8)))
            let response = try client.response(on: 1)
            #expect(response.status == 200 && response.text == "yes")
        }

        @Test func `An answer that comes before the content's end asks for no more of it`() throws {
            let gateway = try GatewayProcess(origin: Self.echo(), routes: "  - deny: 403\n")
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.request("POST"), ends: false)
            let response = try client.response(on: 1)
            #expect(response.status == 403)
            #expect(try client.wait { client.responses[1]?.reset != nil })
            #expect(client.responses[1]?.reset == 0)
            #expect(try client.exchange(3, HTTP2Wire.get()).status == 403)
        }

        @Test func `curl speaks HTTP/2 by TLS without being told to`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let output = try gateway.curl("/tls", "-w", "%{http_version} %{http_code}")
            #expect(output.text == "none2 200")
            let content = String(repeating: "c", count: 300_000)
            let path = try gateway.folder.write(content, to: "content")
            let upload = try gateway.curl("/up", "--data-binary", "@\(path)")
            #expect(upload.text == content)
            let old = try gateway.curl("/old", "--http1.1", "-w", "%{http_version}")
            #expect(old.text == "none1.1")
        }

        @Test
        func `A connection that has been silent for a while still serves`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let client = try gateway.connectHTTP2()
            for stream in [1, 3] as [UInt32] {
                #expect(try client.exchange(stream, HTTP2Wire.get("/\(stream)")).status == 200)
                #expect(try eventually { try gateway.figure("haniel_connections_asleep") == 1 })
            }
            try client.send(HTTP2Frame(.ping, 0, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]))
            #expect(try client.wait { client.counts[.ping] == 1 })
            // It may sleep again at once, since a ping is no request; it counts once, however often it has woken.
            #expect(try eventually { try gateway.figure("haniel_connections_asleep") == 1 })
        }

        @Test func `A connection that has been silent for too long is told of its end`() throws {
            let gateway = try GatewayProcess(
                origin: Self.echo(),
                further: "timeouts:\n  keep_alive: 1500ms\n"
            )
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get()).status == 200)
            #expect(try client.end() == 0)
        }

        @Test func `A stop says goodbye, serves what has come and ends the connection`() throws {
            let mayAnswer = Signal()
            let origin = try TestOrigin { _, connection in
                _ = mayAnswer.wait(within: .seconds(20))
                try connection.respond(body: Array("late".utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let client = try gateway.connectHTTP2()
            try client.open(1, HTTP2Wire.get())
            #expect(eventually { !origin.requests.isEmpty })
            gateway.process.send(SIGTERM)
            #expect(try client.wait { client.counts[.goAway] == 2 })
            mayAnswer.raise()
            let response = try client.response(on: 1)
            #expect(response.text == "late")
            #expect(try client.end() == 0)
        }

        @Test func `A stop says goodbye to a connection that has been silent for a while`() throws {
            let gateway = try GatewayProcess(origin: Self.echo())
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get()).status == 200)
            #expect(try eventually { try gateway.figure("haniel_connections_asleep") == 1 })
            gateway.process.send(SIGTERM)
            #expect(try client.wait { client.counts[.goAway] == 2 })
            #expect(try client.end() == 0)
        }

        @Test func `A reload leaves connections and streams alone, and the next request sees it`()
            throws
        {
            let gateway = try GatewayProcess(
                origin: Self.echo(),
                routes: "  - answer: {status: 200, body: before}\n"
            )
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get()).text == "before")
            try gateway.reload { $0.replacingOccurrences(of: "before", with: "after") }
            var stream: UInt32 = 3
            #expect(
                eventually {
                    defer { stream += 2 }
                    return (try? client.exchange(stream, HTTP2Wire.get()))?.text == "after"
                }
            )
            #expect(client.goAway == nil)
        }
    }
}
