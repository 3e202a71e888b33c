import Support
import Testing

extension Stories {
    /// Every size and every time has an end.
    @Suite(.haniel)
    struct LimitTests {
        private static func gateway(_ further: String) throws -> (GatewayProcess, TestOrigin) {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            return (try GatewayProcess(origin: origin, further: further), origin)
        }

        @Test(arguments: [
            (
                "a long target",
                "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414
            ),
            (
                "a large head",
                "GET / HTTP/1.1\r\nHost: a\r\nX-A: \(String(repeating: "a", count: 33_000))\r\n\r\n",
                431
            ),
            (
                "many fields",
                "GET / HTTP/1.1\r\nHost: a\r\n\((0..<120).map { "X-\($0): a\r\n" }.joined())\r\n",
                431
            ),
            (
                "a large body by its length",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", 413
            ),
            (
                "a large body in chunks",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
                    + String(repeating: "a", count: 2000),
                413
            ),
        ])
        func `What is too large is refused by its proper status`(
            name: String,
            request: String,
            status: Int
        ) throws {
            let (gateway, _) = try Self.gateway("limits:\n  body: 1000B\n")
            let wire = try gateway.connect()
            try wire.send(request)
            #expect(try wire.receiveResponse().status == status)
            #expect(try wire.isEnded())
        }

        @Test func `A head that never ends is refused before it fills memory`() throws {
            let (gateway, origin) = try Self.gateway("")
            let wire = try gateway.connect()
            try wire.send("GET / HTTP/1.1\r\nHost: a\r\n")
            let line = Array("X-Filler: \(String(repeating: "a", count: 1000))\r\n".utf8)
            for _ in 0..<1000 {
                guard let count = try? wire.offer(line, for: .seconds(2)), count == line.count
                else { break }
            }
            #expect(try wire.receiveResponse().status == 431)
            #expect(try wire.isEnded())
            #expect(origin.requests.isEmpty)
        }

        @Test func `A head that trickles in is cut off by the clock`() throws {
            let (gateway, _) = try Self.gateway("timeouts:\n  head: 500ms\n")
            let wire = try gateway.connect()
            let start = ContinuousClock.now
            try wire.send("GET / HT")
            #expect(try wire.receiveResponse().status == 408)
            #expect(try wire.isEnded())
            #expect(ContinuousClock.now - start < .seconds(5))
        }

        @Test func `A body that stalls is cut off by the clock`() throws {
            let (gateway, _) = try Self.gateway("timeouts:\n  body: 500ms\n")
            let wire = try gateway.connect()
            try wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(try wire.receiveResponse(to: "POST").status == 408)
            #expect(try wire.isEnded())
        }

        @Test func `An idle connection is closed without a word`() throws {
            let (gateway, _) = try Self.gateway("timeouts:\n  keep_alive: 500ms\n")
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/"))
            #expect(try wire.receiveResponse().status == 200)
            #expect(try wire.isEnded())
        }

        @Test func `A handshake that is never finished is cut off by the clock`() throws {
            let (gateway, _) = try Self.gateway("timeouts:\n  handshake: 500ms\n")
            let wire = try Loopback.connect(port: gateway.tlsPort)
            try wire.send([0x16, 0x03, 0x01])
            #expect(try wire.isEnded())
        }

        @Test func `One client may not take every connection`() throws {
            let goOn = Signal()
            let origin = try TestOrigin { request, connection in
                if request.target == "/wait" { _ = goOn.wait(within: .seconds(20)) }
                try connection.respond()
            }
            let gateway = try GatewayProcess(
                origin: origin,
                further: "limits:\n  connections_per_client: 10\n"
            )
            // The connection that found the gateway ready may still count as open for a moment.
            #expect(try eventually { try gateway.get("/").status == 200 })
            let wires = try (0..<10).map { _ in
                let wire = try gateway.connect()
                try wire.send(GatewayProcess.get("/wait"))
                return wire
            }
            #expect(eventually { origin.requests.count { $0.target == "/wait" } == 10 })
            let eleventh = try gateway.connect()
            _ = try? eleventh.send(GatewayProcess.get("/"))
            let refusal = try eleventh.receiveResponse()
            #expect(refusal.status == 503 && refusal["retry-after"] == "5")
            #expect(try eleventh.isEnded(), "all ten are being served")
            goOn.raise()
            for wire in wires { #expect(try wire.receiveResponse().status == 200) }
            #expect(eventually { (try? gateway.get("/").status) == 200 })
        }

        @Test(arguments: [
            "", "GET / HTTP/1.1\r\nHost: lo",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
        ])
        func `A client whose connections are silent is served all the same`(start: String) throws {
            let (gateway, _) = try Self.gateway("limits:\n  connections_per_client: 10\n")
            let silent = try (0..<10).map { _ in
                let wire = try gateway.connect()
                try wire.send(start)
                return wire
            }
            // Whoever has been silent for a quarter of a second makes room; nobody else is served less for it.
            #expect(eventually { (try? gateway.get("/").status) == 200 })
            #expect(silent.count == 10)
        }

        @Test func `Without descriptors connections wait, and with them service goes on`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            var setup = GatewayProcess.Setup(origins: [origin.port], keeping: [origin])
            setup.descriptorLimit = 120
            let gateway = try GatewayProcess(setup)
            var wires: [Wire] = []
            for _ in 0..<130 { wires.append(try Loopback.connect(port: gateway.adminPort)) }
            for _ in 0..<40 { wires.append(try gateway.connect()) }
            wires = []
            #expect(eventually(within: .seconds(10)) { (try? gateway.get("/").status) == 200 })
            let isHeard = eventually(within: .seconds(10)) {
                guard let admin = try? Loopback.connect(port: gateway.adminPort) else {
                    return false
                }
                try? admin.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                return (try? admin.receiveResponse().status) == 200
            }
            #expect(isHeard, "operators are heard again as well")
            #expect(!gateway.process.hasEnded)
        }

        @Test func `Content that never ends is cut off by the clock, however lively it is`() throws {
            let (gateway, _) = try Self.gateway("timeouts:\n  body_total: 700ms\n")
            let wire = try gateway.connect()
            try wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            let ended = try eventually(within: .seconds(10)) {
                _ = try? wire.send("x")
                return try wire.isEnded(within: .milliseconds(20)) || wire.hasReceived
            }
            #expect(ended)
        }

        @Test func `A connection ends in an orderly way after its last request`() throws {
            let (gateway, _) = try Self.gateway("limits:\n  requests_per_connection: 3\n")
            let wire = try gateway.connect()
            for number in 1...3 {
                try wire.send(GatewayProcess.get("/"))
                #expect(try wire.receiveResponse().announcesClose == (number == 3))
            }
            #expect(try wire.isEnded())
        }
    }
}
