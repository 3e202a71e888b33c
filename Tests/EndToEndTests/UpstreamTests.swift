import Support
import Testing

extension Stories {
    /// Servers that fail, and what the client notices of it.
    @Suite(.haniel)
    struct UpstreamTests {
        private static func healthy(_ name: String = "healthy") throws -> TestOrigin {
            try TestOrigin { _, connection in try connection.respond(body: Array(name.utf8)) }
        }

        private static let breaking: TestOrigin.Script = { _, connection in connection.wire.reset()
        }

        @Test func `A server that refuses connections gives 502, and the log names it`() throws {
            let port = try Loopback.freePort()
            let gateway = try GatewayProcess(GatewayProcess.Setup(origins: [port]))
            #expect(try gateway.get("/").status == 502)
            #expect(gateway.logs("access.log", "502", "127.0.0.1:\(port)"))
        }

        @Test(arguments: [
            "not HTTP at all\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        ])
        func `A server that speaks nonsense gives 502`(answer: String) throws {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send(answer)
                connection.wire.close()
            }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/").status == 502)
            #expect(gateway.logs("access.log", "502", "127.0.0.1:\(origin.port)"))
        }

        @Test func `A server whose head never ends gives 502`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.wire.send("HTTP/1.1 200 OK\r\n")
                for _ in 0..<2000 {
                    try connection.wire.send("X-Filler: \(String(repeating: "a", count: 1000))\r\n")
                }
            }
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/").status == 502)
        }

        @Test func `A server that does not answer in time gives 504, and the log names it`() throws {
            let origin = try TestOrigin { _, connection in
                _ = try connection.wire.isEnded(within: .seconds(20))
            }
            let gateway = try GatewayProcess(
                origin: origin,
                upstream: "    timeouts:\n      response: 500ms\n"
            )
            let start = ContinuousClock.now
            #expect(try gateway.get("/").status == 504)
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(gateway.logs("access.log", "504", "127.0.0.1:\(origin.port)"))
        }

        @Test func `A server that says that it is at work is waited for anew`() throws {
            let origin = try TestOrigin { _, connection in
                for _ in 0..<4 {
                    try connection.wire.send("HTTP/1.1 102 Processing\r\n\r\n")
                    pause(.milliseconds(600))
                }
                try connection.respond()
            }
            let gateway = try GatewayProcess(
                origin: origin,
                upstream: "    timeouts:\n      response: 1500ms\n"
            )
            let client = try gateway.connectHTTP2()
            #expect(try client.exchange(1, HTTP2Wire.get("/")).status == 200)
        }

        /// A server's thread blocks until its connection ends.
        @Test
        func `A client that is gone frees the server from its work, one that listens does not`()
            throws
        {
            let gone = Signal()
            let origin = try TestOrigin { request, connection in
                guard request.target == "/slow" else { return try connection.respond() }
                _ = try? connection.wire.receiveSome()
                gone.raise()
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/slow"))
            #expect(eventually { !origin.requests.isEmpty })
            wire.reset()
            #expect(gone.wait(within: .seconds(10)))
            #expect(gateway.logs("access.log", #""url.path":"/slow""#, "499"))
            let listener = try gateway.connect()
            try listener.send(GatewayProcess.get("/next"))
            listener.finishSending()
            #expect(try listener.receiveResponse().status == 200)
        }

        @Test func `Without a healthy server the answer is 503 and says when to come back`() throws {
            let port = try Loopback.freePort()
            let health =
                "    health: {path: /health, interval: 100ms, timeout: 50ms, fall: 1, rise: 1}\n"
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(origins: [port], upstream: health)
            )
            #expect(try eventually { try gateway.get("/").status == 503 })
            #expect(try gateway.get("/")["retry-after"].flatMap(Int.init) ?? 0 > 0)
        }

        @Test func `A dead server beside a living one is never noticed by GETs`() throws {
            let living = try Self.healthy()
            let dead = try Loopback.freePort()
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(origins: [dead, living.port], keeping: [living])
            )
            for _ in 0..<30 { #expect(try gateway.get("/").text == "healthy") }
        }

        @Test func `A server that breaks connections is never noticed by GETs`() throws {
            let breaking = try TestOrigin(Self.breaking)
            let living = try Self.healthy()
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [breaking.port, living.port],
                    keeping: [breaking, living]
                )
            )
            for _ in 0..<30 { #expect(try gateway.get("/").text == "healthy") }
        }

        @Test func `A kept connection that the server has closed is replaced in silence`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond()
                connection.wire.close()
            }
            let gateway = try GatewayProcess(origin: origin, upstream: "    retries: 0\n")
            let wire = try gateway.connect()
            for _ in 0..<20 {
                try wire.send(GatewayProcess.get("/"))
                #expect(try wire.receiveResponse().status == 200)
            }
        }

        @Test func `A POST that a server may have acted on is not sent again`() throws {
            let breaking = try TestOrigin(Self.breaking)
            let second = try TestOrigin(Self.breaking)
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [breaking.port, second.port],
                    keeping: [breaking, second]
                )
            )
            #expect(
                try gateway.send(GatewayProcess.post("/order", body: "seat=1"), method: "POST")
                    .status == 502
            )
            #expect(breaking.requests.count + second.requests.count == 1)
        }

        @Test func `A server that keeps failing is left alone for a while`() throws {
            let breaking = try TestOrigin(Self.breaking)
            let living = try Self.healthy()
            let ejection = "    ejection: {failures: 3, duration: 1m}\n"
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [breaking.port, living.port],
                    keeping: [breaking, living],
                    upstream: ejection
                )
            )
            for _ in 0..<40 { #expect(try gateway.get("/").status == 200) }
            #expect(breaking.requests.count == 3)
        }

        @Test func `A server that says it is unwell gets no requests until it is well again`()
            throws
        {
            let isWell = Signal()
            let unwell = try TestOrigin { request, connection in
                let status = request.target == "/health" && !isWell.isRaised ? 500 : 200
                try connection.respond(status, body: Array("late".utf8))
            }
            let living = try Self.healthy()
            let health =
                "    health: {path: /health, interval: 100ms, timeout: 50ms, fall: 1, rise: 1}\n"
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [unwell.port, living.port],
                    keeping: [unwell, living],
                    upstream: health
                )
            )
            #expect(eventually { unwell.requests.contains { $0.target == "/health" } })
            #expect(
                try eventually {
                    try (0..<4).allSatisfy { _ in try gateway.get("/").text == "healthy" }
                }
            )
            isWell.raise()
            #expect(try eventually { try gateway.get("/").text == "late" })
        }

        @Test func `Requests are spread over the servers`() throws {
            let origins = try (0..<3).map { try Self.healthy("\($0)") }
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(origins: origins.map(\.port), keeping: origins)
            )
            for _ in 0..<30 { #expect(try gateway.get("/").status == 200) }
            #expect(origins.map(\.requests.count) == [10, 10, 10])
        }
    }
}
