import Support
import Testing

extension Stories {
    /// Ways past the gateway, or into somebody else's answer, that were open once.
    @Suite(.haniel)
    struct ReviewTests {
        @Test(arguments: [
            "/inside", "/inside/", "//inside", "/./inside", "/x/../inside", "/%69nside",
            "/inside%2F",
            "/inside%5C", "/x/..//inside", "//", "/inside//",
        ])
        func `No spelling of a path slips past the route that guards it`(target: String) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let routes = "  - paths: [/inside, /inside/*]\n    deny: 404\n  - proxy: origin\n"
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(origins: [origin.port], keeping: [origin], routes: routes)
            )
            #expect(try [400, 404].contains(gateway.get(target).status))
            #expect(origin.requests.isEmpty)
        }

        @Test func `A made-up session cookie is no key of its own`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                GatewayProcess.Setup(
                    origins: [origin.port],
                    keeping: [origin],
                    routes: "  - proxy: origin\n    limits: [visits]\n",
                    further: "rate_limits:\n  - name: visits\n    rate: 2/m\n    key: session\n"
                        + "sessions:\n  store: upstream\n  upstream: origin\n"
                )
            )
            let statuses = try (0..<5).map { number in
                try gateway.get("/", ["Cookie: __Host-bmh_sid=token\(number)"]).status
            }
            #expect(statuses == [200, 200, 429, 429, 429])
        }

        @Test func `Bytes that nobody asked for answer nobody`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(body: Array("asked".utf8))
                pause(.milliseconds(50))
                try connection.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked")
            }
            let gateway = try GatewayProcess(origin: origin)
            for _ in 0..<5 {
                #expect(try gateway.get("/").text == "asked")
                pause(.milliseconds(120))
            }
        }

        @Test(arguments: [false, true])
        func `Content that the rules have read arrives whole, however large`(isChunked: Bool) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let folder = try TemporaryFolder()
            let rules = try folder.write(
                "SecRuleEngine On\nSecRequestBodyAccess On\nSecRequestBodyLimit 13107200\n",
                to: "large.conf"
            )
            let gateway = try GatewayProcess(
                origin: origin,
                further: "rules:\n  files: [\"\(rules)\"]\n"
            )
            let content = [UInt8](repeating: UInt8(ascii: "x"), count: 5_000_000)
            let wire = try gateway.connect(patience: .seconds(20))
            let framing =
                isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(content.count)"
            try wire.send("POST / HTTP/1.1\r\nHost: localhost\r\n\(framing)\r\n\r\n")
            if isChunked { try wire.send("4c4b40\r\n") }
            try wire.send(content)
            if isChunked { try wire.send("\r\n0\r\n\r\n") }
            #expect(try wire.receiveResponse().status == 200)
            #expect(origin.requests.first?.body.count == content.count)
        }

        @Test func `Trailers carry nobody's identity`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            try wire.send("1\r\nx\r\n0\r\nBmh-Assertion: forged\r\nX-Forwarded-User: admin\r\n")
            try wire.send("bmh_assertion: forged\r\nChecksum: 7\r\n\r\n")
            #expect(try wire.receiveResponse().status == 200)
            let request = try #require(origin.requests.first)
            #expect(request.trailers.map { $0.name.lowercased() } == ["checksum"])
        }

        @Test(.enabled(if: Tool.exists("python3"), "python3 is not installed"))
        func `A part of a TLS record keeps nobody else waiting`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(body: Array("whole".utf8))
            }
            let gateway = try GatewayProcess(origin: origin)
            let output = try Tool.run("python3", ["-c", Self.partialRecord, "\(gateway.tlsPort)"])
            #expect(output.text == "whole whole\n")
        }

        /// Sends a request whose TLS record comes byte by byte; after the third byte another client asks as well.
        private static let partialRecord = """
            import socket, ssl, sys
            address = ("127.0.0.1", int(sys.argv[1]))
            context = ssl._create_unverified_context()
            request = b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n"
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
            slow = socket.create_connection(address, 5)
            slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            def step(action):
                while True:
                    try:
                        return action()
                    except ssl.SSLWantReadError:
                        if outgoing.pending: slow.sendall(outgoing.read())
                        data = slow.recv(65536)
                        if not data: incoming.write_eof()
                        incoming.write(data)
            step(tls.do_handshake)
            if outgoing.pending: slow.sendall(outgoing.read())
            tls.write(request)
            record = outgoing.read()
            slow.sendall(record[:3])
            with context.wrap_socket(socket.create_connection(address, 5), server_hostname="localhost") as quick:
                quick.settimeout(5)
                quick.sendall(request)
                first = b"".join(iter(lambda: quick.recv(65536), b""))
            for byte in record[3:]: slow.sendall(bytes([byte]))
            slow.settimeout(5)
            second = b""
            while b"whole" not in second: second += step(lambda: tls.read(65536))
            print(first.split(b"\\r\\n\\r\\n")[1].decode(), second.split(b"\\r\\n\\r\\n")[1].decode())
            """
    }
}
