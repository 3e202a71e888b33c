import Support
import Testing

extension Stories {
    /// What reaches the origin, and what never does.
    @Suite(.haniel)
    struct FieldTests {
        private static func seen(_ fields: [String], further: String = "") throws -> WireMessage {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin, further: further)
            #expect(try gateway.get("/", fields).status == 200)
            return try #require(origin.requests.first)
        }

        @Test(arguments: [
            "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded",
            "Bmh-Assertion",
            "X-Waiting-Room-Session", "Waiting-Room-Ticket",
        ])
        func `A forged field that the origin would trust never arrives`(name: String) throws {
            for spelling in [name, name.lowercased(), name.uppercased()] {
                let request = try Self.seen(["\(spelling): for=6.6.6.6"])
                #expect(!request.values(of: name).contains { $0.contains("6.6.6.6") })
            }
        }

        @Test func `The origin learns who the client is`() throws {
            let request = try Self.seen(["X-Forwarded-For: 6.6.6.6, 7.7.7.7"])
            #expect(request.values(of: "x-forwarded-for") == ["127.0.0.1"])
            #expect(request.values(of: "x-forwarded-proto") == ["http"])
            #expect(request.values(of: "host") == ["localhost"])
        }

        @Test func `A trusted proxy is believed, the nearest untrusted address counts`() throws {
            let further = "client_address:\n  trusted: [\"127.0.0.0/8\", \"10.0.0.0/8\"]\n"
            let request = try Self.seen(
                ["X-Forwarded-For: 6.6.6.6, 198.51.100.7, 10.1.1.1"],
                further: further
            )
            let told = request.values(of: "x-forwarded-for").joined(separator: ", ")
            #expect(told.contains("198.51.100.7"))
            #expect(!told.contains("6.6.6.6"))
        }

        @Test func `Fields of the connection stay on the connection`() throws {
            let request = try Self.seen([
                "Connection: keep-alive, X-Mine", "X-Mine: a", "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "TE: trailers", "X-Kept: b",
            ])
            for name in ["x-mine", "keep-alive", "proxy-connection", "te"] {
                #expect(request[name] == nil, "\(name)")
            }
            #expect(request["x-kept"] == "b")
        }

        @Test func `An OPTIONS that may go no further is answered here`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let wire = try gateway.connect()
            for (method, target, forwards, status) in [
                ("OPTIONS", "/x", "0", 204), ("OPTIONS", "*", "00", 204),
                ("OPTIONS", "/x", "none", 200), ("OPTIONS", "/x", "1", 200),
                ("GET", "/x", "0", 200),
            ] {
                let before = origin.requests.count
                try wire.send(
                    "\(method) \(target) HTTP/1.1\r\nHost: a\r\nMax-Forwards: \(forwards)\r\n\r\n"
                )
                #expect(try wire.receiveResponse(to: method).status == status)
                #expect(origin.requests.count == (status == 204 ? before : before + 1))
            }
        }

        @Test func `Fields that the gateway adds cannot be taken away through Connection`() throws {
            let request = try Self.seen(["Connection: X-Forwarded-For, X-Forwarded-Proto"])
            #expect(request["x-forwarded-for"] == "127.0.0.1")
            #expect(request["x-forwarded-proto"] == "http")
        }

        @Test(arguments: ["Host", "Content-Length"])
        func `Fields that say what a request means are not taken away through Connection`(
            name: String
        ) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let fields = ["Content-Length: 0", "Connection: \(name)"]
            guard try gateway.get("/", fields).status == 200 else {
                #expect(origin.requests.isEmpty, "refusing is as good")
                return
            }
            #expect(origin.requests.first?[name] != nil)
        }

        @Test func `An origin's fields of the connection stay there too`() throws {
            let origin = try TestOrigin { _, connection in
                try connection.respond(
                    200,
                    [
                        ("Connection", "X-Inner"), ("X-Inner", "a"), ("Keep-Alive", "timeout=5"),
                        ("X-Outer", "b"),
                    ]
                )
            }
            let answer = try GatewayProcess(origin: origin).get("/")
            #expect(answer["x-inner"] == nil)
            #expect(answer["keep-alive"] == nil)
            #expect(answer["x-outer"] == "b")
        }

        @Test(arguments: [
            ("/a/../b", "/b"), ("/a/%2e%2e/b", "/b"), ("/%61", "/a"), ("/a%2fb", "/a%2Fb"),
            ("/./a", "/a"),
            ("/a?x=../b", "/a?x=../b"),
        ])
        func `Routes and origin see one form of a target`(sent: String, expected: String) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(origin: origin)
            let answer = try gateway.get(sent)
            guard answer.status == 200 else {
                // An encoded separator may be refused outright; passing it on unchanged is the only other choice.
                #expect(answer.status == 400 && sent.contains("%2f"))
                return
            }
            #expect(try #require(origin.requests.first).target == expected)
        }

        @Test(arguments: [
            "/internal/x", "/internal/../internal/x", "/%69nternal/x", "/a/%2e%2e/internal/x",
            "//internal/x",
        ])
        func `A denied path is denied in all its spellings`(target: String) throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - paths: [\"/internal/*\"]\n    deny: 404\n  - proxy: origin\n"
            )
            let status = try gateway.get(target).status
            if target.hasPrefix("//") {
                #expect(!origin.requests.contains { $0.target.hasPrefix("/internal") })
            } else {
                #expect(status == 404)
                #expect(origin.requests.isEmpty)
            }
        }
    }
}
