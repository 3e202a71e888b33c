import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct RouterTests {
    private static func head(_ line: String, host: String = "example.com") throws -> RequestHead {
        var parser = RequestParser()
        let text = Array("\(line) HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)
        let length = unsafe try text.withUnsafeBytes { try unsafe parser.parse(ByteView($0)) }
        try #require(length == text.count)
        return parser.head
    }

    private static func route(
        hosts: [String] = [],
        paths: [String] = [],
        methods: [String] = [],
        session: Configuration.SessionRequirement = .none,
        room: String? = nil
    ) throws -> Route {
        var configuration = Configuration.Route(action: .answer(.init()))
        configuration.hosts = try hosts.map { try HostPattern(text: $0) }
        configuration.paths = try paths.map { try PathPattern(text: $0) }
        configuration.methods = methods
        configuration.session = session
        configuration.room = room
        return Route(configuration, in: RouteContext(rooms: ["onsale": 0]))
    }

    @Test(arguments: [
        ("example.com", "example.com", true), ("example.com", "EXAMPLE.com", true),
        ("example.com", "example.com:8443", true),
        ("example.com", "www.example.com", false), ("example.com", "example.co", false),
        ("example.com", "xexample.com", false),
        ("*.example.com", "www.example.com", true), ("*.example.com", "a.b.EXAMPLE.com:1", true),
        ("*.example.com", "example.com", false), ("*.example.com", "xexample.com", false),
        ("example.com", "example.com.", true), ("*.example.com", "a.example.com.:80", true),
        ("[::1]", "[::1]:8080", true), ("[::1]", "[::2]", false),
        ("127.0.0.1", "127.0.0.1:80", true),
    ])
    func `A host pattern means names, without case and port`(
        _ pattern: String,
        _ host: String,
        _ expected: Bool
    ) throws {
        let router = Router([try Self.route(hosts: [pattern])])
        #expect((router.route(for: try Self.head("GET /", host: host)) != nil) == expected)
    }

    @Test(arguments: [
        ("/shop", "/shop", true), ("/shop", "/shop?a=b", true), ("/shop", "/shop/", true),
        ("/shop", "/shop//", false),
        ("/shop", "/Shop", false),
        ("/shop", "/sho%70", true), ("/shop", "/./x/../shop", true), ("/shop", "/shopping", false),
        ("/assets/*", "/assets/", true), ("/assets/*", "/assets/a/b", true),
        ("/assets/*", "/assets", false),
        ("/assets/*", "/assets/../secret", false), ("/assets/*", "/assets/%2e%2e/secret", false),
        ("/assets/*", "//assets/a", false), ("/*", "/anything", true), ("/*", "/", true),
        ("/shop", "http://example.com/shop", true),
    ])
    func `A path pattern means canonical paths`(
        _ pattern: String,
        _ target: String,
        _ expected: Bool
    ) throws {
        let router = Router([try Self.route(paths: [pattern])])
        #expect((router.route(for: try Self.head("GET \(target)")) != nil) == expected)
    }

    @Test(
        arguments: [
            (["GET"], "GET", true), (["GET"], "HEAD", true), (["GET"], "POST", false),
            (["HEAD"], "HEAD", true),
            (["HEAD"], "GET", false), (["POST", "PUT"], "PUT", true), (["PURGE"], "PURGE", true),
            (["PURGE"], "purge", false),
            ([], "ANYTHING", true),
        ] as [([String], String, Bool)]
    )
    func `GET includes HEAD, and methods know case`(
        _ methods: [String],
        _ method: String,
        _ expected: Bool
    ) throws {
        let router = Router([try Self.route(methods: methods)])
        #expect((router.route(for: try Self.head("\(method) /")) != nil) == expected)
    }

    @Test func `The first route that matches decides, and all its conditions count`() throws {
        let admin = try Self.route(
            hosts: ["admin.example.com"],
            paths: ["/shop"],
            methods: ["POST"]
        )
        let shop = try Self.route(paths: ["/shop", "/shop/*"])
        let rest = try Self.route()
        let router = Router([admin, shop, rest])
        #expect(router.route(for: try Self.head("POST /shop", host: "admin.example.com")) === admin)
        #expect(router.route(for: try Self.head("GET /shop", host: "admin.example.com")) === shop)
        #expect(router.route(for: try Self.head("POST /shop")) === shop)
        #expect(
            router.route(for: try Self.head("POST /shop/x", host: "admin.example.com")) === shop
        )
        #expect(router.route(for: try Self.head("GET /")) === rest)
        #expect(Router([admin]).route(for: try Self.head("GET /")) == nil)
    }

    @Test(
        arguments: [
            ("GET /plain", nil, nil), ("GET /a%2Fb", nil, "ambiguous-target"),
            ("GET /a%5Cb", nil, "ambiguous-target"),
            ("GET /a\\b", "ambiguous-target", "ambiguous-target"),
            ("GET /a/..%2Fb", "ambiguous-target", "ambiguous-target"),
            ("GET /a/..;b/c", "ambiguous-target", "ambiguous-target"),
            ("GET /\u{E9}", "ambiguous-target", "ambiguous-target"),
            ("GET /<a>", "ambiguous-target", "ambiguous-target"),
            ("GET /a|b", nil, nil),
            ("GET /a%00b", "ambiguous-target", "ambiguous-target"),
            ("GET /a%zz", "ambiguous-target", "ambiguous-target"),
            ("GET /a%", "ambiguous-target", "ambiguous-target"),
            ("GET /a%0Ab", nil, "ambiguous-target"), ("GET /../a", nil, "ambiguous-target"),
            ("GET /%2e%2e/a", nil, "ambiguous-target"), ("GET /a//b", nil, "ambiguous-target"),
            ("GET /a;b", nil, nil),
            ("GET /a?q=%00", nil, nil),
            ("CONNECT example.com:443", "connect-refused", "connect-refused"),
            ("TRACE /", "connect-refused", "connect-refused"),
        ] as [(String, String?, String?)]
    )
    func `What two readers could read in two ways is refused, the more where something is guarded`(
        _ line: String,
        _ open: String?,
        _ guarded: String?
    ) throws {
        let head = try Self.head(
            line,
            host: line.hasPrefix("CONNECT") ? "example.com:443" : "example.com"
        )
        #expect(Self.refusal(head, try Self.route()) == open)
        #expect(Self.refusal(head, try Self.route(session: .user)) == guarded)
        #expect(Self.refusal(head, try Self.route(session: .role("admin"))) == guarded)
        #expect(Self.refusal(head, try Self.route(room: "onsale")) == guarded)
    }

    private static func refusal(_ head: RequestHead, _ route: Route) -> String? {
        let failure = Router([route]).refusal(of: head)
        #expect(failure?.party ?? .client == .client)
        return failure?.reason
    }

    /// Servlet containers cut parameters off before they look where a request goes.
    @Test(arguments: [
        ("/onsale;a=b/x", true), ("/onsale%3Ba/x", true), ("/;a/onsale/x", true),
        ("/;a/;b/onsale/x", true), ("/onsale/x;a=b", false), ("/onsale/;a/x", false),
        ("/shop;a=b/x", false), ("/shop/x;a=b", false),
    ])
    func `A parameter in a path may not lead past the route that guards`(
        target: String,
        isRefused: Bool
    ) throws {
        let router = Router([
            try Self.route(paths: ["/onsale/*"], session: .user), try Self.route(),
        ])
        let failure = router.refusal(of: try Self.head("GET \(target)"))
        #expect(failure?.reason == (isRefused ? "ambiguous-target" : nil))
    }

    @Test func `A route without a path pattern is called by what it takes`() throws {
        #expect(try Self.route().label == "/*")
        #expect(try Self.route(paths: ["/a", "/b/*"]).label == "/a")
        #expect(try Self.route(paths: ["/b/*"]).label == "/b/*")
    }
}
