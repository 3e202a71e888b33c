import Support
import Testing

extension Stories {
    /// Forwarders before the gateway and behind it that say by the PROXY protocol who the client is.
    @Suite(.haniel)
    struct ForwarderTests {
        private static let v2: [UInt8] = [
            13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x11, 0, 12,
            203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0x1F, 0x90,
        ]

        /// A gateway whose further listener at the port expects the header.
        private static func gateway(_ origin: TestOrigin, port: UInt16, trusted: String)
            throws -> GatewayProcess
        {
            let gateway = try GatewayProcess(
                origin: origin,
                further: "client_address:\n  trusted: [\(trusted)]\n",
                listeners: "  - {address: \"127.0.0.1:\(port)\", proxy_protocol: true}\n"
            )
            try #require(eventually { Loopback.isListening(port: port) })
            return gateway
        }

        @Test(arguments: [Array("PROXY TCP4 203.0.113.7 127.0.0.1 4660 8080\r\n".utf8), v2])
        func `A trusted forwarder names the client`(header: [UInt8]) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let port = try Loopback.freePort()
            let gateway = try Self.gateway(origin, port: port, trusted: "127.0.0.0/8")
            let wire = try Loopback.connect(port: port)
            try wire.send(
                header + Array(GatewayProcess.get("/", ["X-Forwarded-For: 6.6.6.6"]).utf8)
            )
            #expect(try wire.receiveResponse().status == 200)
            #expect(origin.requests.last?["x-forwarded-for"] == "203.0.113.7")
            #expect(gateway.logs("access.log", "203.0.113.7"))
        }

        @Test(arguments: [
            GatewayProcess.get("/"), "PROXY TCP4 nonsense\r\n", "PROXY UNKNOWN\n\r\n", "",
        ])
        func `Who does not begin with the header is not heard`(start: String) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let port = try Loopback.freePort()
            let gateway = try Self.gateway(origin, port: port, trusted: "127.0.0.0/8")
            let wire = try Loopback.connect(port: port)
            try wire.send(start)
            wire.finishSending()
            #expect(try wire.receiveToEnd().isEmpty)
            #expect(origin.requests.isEmpty)
            #expect(try gateway.get("/").status == 200)
        }

        @Test func `Logs may tell networks instead of clients`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let further = "client_address:\n  trusted: [127.0.0.0/8]\n"
            let gateway = try GatewayProcess(origin: origin, further: further)
            try gateway.reload { text in
                text.replacing("log:\n", with: "log:\n  addresses: prefix\n")
            }
            #expect(gateway.logs("output", "reloaded"))
            for client in ["203.0.113.77", "2001:db8:1:2::3"] {
                #expect(try gateway.get("/", ["X-Forwarded-For: \(client)"]).status == 200)
                #expect(
                    origin.requests.last?["x-forwarded-for"] == client,
                    "servers learn it whole"
                )
            }
            #expect(gateway.logs("access.log", "\"client.ip\":\"203.0.113.0\""))
            #expect(gateway.logs("access.log", "\"client.ip\":\"2001:db8:1::\""))
            #expect(!gateway.folder.read("access.log").contains("203.0.113.77"))
        }

        @Test func `A stranger's word does not count`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let port = try Loopback.freePort()
            let gateway = try Self.gateway(origin, port: port, trusted: "192.0.2.0/24")
            let wire = try Loopback.connect(port: port)
            try wire.send(Self.v2 + Array(GatewayProcess.get("/").utf8))
            #expect(try wire.receiveToEnd().isEmpty)
            #expect(try gateway.get("/").status == 200)
        }

        @Test(arguments: ["v1", "v2"])
        func `A server is told who the client is, on a connection for each request`(version: String)
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let port = try Loopback.freePort()
            let inner = try Self.gateway(origin, port: port, trusted: "127.0.0.0/8")
            let outer = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [port],
                    upstream: "    proxy_protocol: \(version)\n",
                    further: "client_address:\n  trusted: [127.0.0.0/8]\n"
                )
            )
            for client in ["203.0.113.9", "203.0.113.10"] {
                #expect(try outer.get("/", ["X-Forwarded-For: \(client)"]).status == 200)
                #expect(origin.requests.last?["x-forwarded-for"] == client)
            }
            #expect(try inner.get("/").status == 200)
        }
    }
}
