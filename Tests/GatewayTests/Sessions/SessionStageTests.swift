import Support
import Testing

@testable import Gateway

@Suite struct SessionStageTests {
    /// An origin that knows the token `good` (a user) and `boss` (an admin), and that answers everything else itself.
    private static func origin() throws -> TestOrigin {
        try TestOrigin { request, connection in
            guard request.target == "/internal/session" else { return try connection.respond() }
            let token = request["cookie"] ?? ""
            switch token {
            case "sid=good": try connection.respond(body: document(role: "user"))
            case "sid=boss": try connection.respond(body: document(role: "admin"))
            case "sid=late": try connection.respond(body: document(role: "user", expiresAt: 1))
            case "sid=odd": try connection.respond(body: Array("<html>".utf8))
            case "sid=sick": try connection.respond(500)
            default: try connection.respond(404)
            }
        }
    }

    private static func document(role: String, expiresAt: Int = 4_000_000_000) -> [UInt8] {
        Array(#"{"sub":"7","sid":"abc","role":"\#(role)","exp":\#(expiresAt)}"#.utf8)
    }

    private static func scene(_ origin: TestOrigin) throws -> GatewayScene {
        try GatewayScene { configuration in
            configuration.proxyEverything(to: origin)
            configuration.sessions.store = .upstream
            configuration.sessions.upstream = "origin"
            configuration.sessions.cookie = "sid"
            var account = Configuration.Route(action: .proxy("origin"))
            account.paths = [.prefix("/account/")]
            account.session = .user
            var office = account
            office.paths = [.prefix("/office/")]
            office.session = .role("admin")
            configuration.routes = [account, office] + configuration.routes
        }
    }

    @Test(arguments: [
        ("", 200, 401, 401), ("sid=good", 200, 200, 403), ("sid=boss", 200, 200, 200),
        ("sid=bad", 200, 401, 401),
        ("sid=", 200, 401, 401), ("sid=late", 200, 401, 401), ("other=good", 200, 401, 401),
        ("SID=good", 200, 401, 401),
        ("sid=" + String(repeating: "x", count: 300), 200, 401, 401),
        ("a=b; sid=good", 200, 200, 403),
        ("sid=odd", 200, 503, 503), ("sid=sick", 200, 503, 503),
    ])
    func `A route lets in who may come; if the store does not answer, only what is open stays open`(
        _ cookie: String,
        _ open: Int,
        _ account: Int,
        _ office: Int
    ) throws {
        let origin = try Self.origin()
        let scene = try Self.scene(origin)
        for (target, expected) in [("/", open), ("/account/x", account), ("/office/x", office)] {
            let wire = try scene.connect()
            try wire.send("GET \(target) HTTP/1.1\r\nHost: x\r\nCookie: \(cookie)\r\n\r\n")
            #expect(try wire.receiveResponse().status == expected, "\(target)")
        }
    }

    @Test func `An answer of the store is remembered, a failure is not`() throws {
        let origin = try Self.origin()
        let scene = try Self.scene(origin)
        for token in ["good", "good", "bad", "bad", "sick", "sick"] {
            let wire = try scene.connect()
            try wire.send("GET /account/x HTTP/1.1\r\nHost: x\r\nCookie: sid=\(token)\r\n\r\n")
            _ = try wire.receiveResponse()
        }
        let asked = origin.requests.filter { $0.target == "/internal/session" }.compactMap {
            $0["cookie"]
        }
        #expect(asked == ["sid=good", "sid=bad", "sid=sick", "sid=sick"])
    }
}
