import Support
import Testing

extension Stories {
    @Suite(.haniel)
    struct FirstLightTests {
        private static func hello() throws -> TestOrigin {
            try TestOrigin { request, connection in
                let body = Array("hello from \(request.target)\n".utf8)
                try connection.respond(
                    200,
                    [("X-Origin", "yes")],
                    body: body,
                    toHead: request.method == "HEAD"
                )
            }
        }

        @Test func `A page comes through TLS with a certificate that verifies`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let output = try gateway.curl("/front?x=1", "-i")
            #expect(output.status == 0)
            #expect(output.text.hasPrefix("HTTP/2 200"))
            #expect(output.text.hasSuffix("hello from /front?x=1\n"))
        }

        @Test(arguments: ["--tlsv1.3", "--tls-max 1.2"])
        func `Both current versions of TLS are spoken`(option: String) throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let words = option.split(separator: " ").map(String.init)
            let output = try gateway.curl("/", words[0], words.count > 1 ? words[1] : "-4")
            #expect(output.text == "hello from /\n")
        }

        @Test(arguments: ["-tls1_1", "-tls1"])
        func `Versions of TLS that are broken are refused`(version: String) throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let arguments = [
                "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect",
                "127.0.0.1:\(gateway.tlsPort)",
            ]
            let output = try Tool.run("openssl", arguments)
            #expect(output.status != 0)
            #expect(
                output.text.contains("Cipher is (NONE)")
                    || output.text.contains("alert protocol version")
            )
        }

        @Test func `HEAD has the fields of GET and no body, and the connection goes on`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let head = try wire.receiveResponse(to: "HEAD")
            #expect(head.status == 200)
            #expect(head["content-length"] == "14")
            try wire.send(GatewayProcess.get("/b"))
            #expect(try wire.receiveResponse().text == "hello from /b\n")
        }

        @Test func `A client of HTTP 1.0 gets its answer and the end of the connection`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respondChunked([Array("ab".utf8), Array("c".utf8)])
            }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send("GET / HTTP/1.0\r\n\r\n")
            let head = try wire.receiveHead()
            #expect(head.status == 200)
            #expect(head["transfer-encoding"] == nil, "a client of HTTP/1.0 cannot read chunks")
            #expect(try String(decoding: wire.receiveToEnd(), as: UTF8.self) == "abc")
        }

        @Test func `Pipelined requests are answered in their order`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send((0..<50).map { GatewayProcess.get("/\($0)") }.joined())
            for index in 0..<50 {
                #expect(try wire.receiveResponse().text == "hello from /\(index)\n")
            }
        }

        @Test func `A request that comes byte by byte is one request`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            for byte in GatewayProcess.get("/slow").utf8 {
                try wire.send([byte])
            }
            #expect(try wire.receiveResponse().text == "hello from /slow\n")
            #expect(origin.requests.count == 1)
        }

        @Test func `Many requests share few connections to the origin`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            for _ in 0..<100 {
                try wire.send(GatewayProcess.get("/"))
                #expect(try wire.receiveResponse().status == 200)
            }
            #expect(origin.connectionCount == 1)
        }

        @Test func `A client that asks for the end of the connection gets it`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            try wire.send(GatewayProcess.get("/", ["Connection: close"]))
            #expect(try wire.receiveResponse().announcesClose)
            #expect(try wire.isEnded())
        }

        @Test func `Each request has a line of JSON in the access log`() throws {
            let origin = try Self.hello()
            let gateway = try GatewayProcess(origin: origin)
            #expect(try gateway.get("/logged").status == 200)
            #expect(gateway.logs("access.log", "/logged", "200"))
        }
    }
}
