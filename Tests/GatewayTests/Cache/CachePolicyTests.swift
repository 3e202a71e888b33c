import HTTP
import Testing

@testable import Gateway

@Suite struct CachePolicyTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var request: [String] = []
        var status = 200
        let response: [String]

        var testDescription: String { "\(request) \(status) \(response)" }
    }

    private func terms(_ row: Row) throws -> CachePolicy.Terms? {
        CachePolicy.terms(
            for: try Heads.response(row.status, ["Content-Length: 3"] + row.response),
            to: try Heads.get("/a", row.request),
            requestTime: 784_111_777,
            responseTime: 784_111_777
        )
    }

    static let storable: [Row] = [
        Row(response: ["Cache-Control: max-age=60"]),
        Row(response: ["Cache-Control: s-maxage=60"]),
        Row(response: ["Cache-Control: \"x\", max-age=60"]),
        Row(response: ["Expires: Sun, 06 Nov 1994 08:50:37 GMT"]),
        Row(response: ["Cache-Control: max-age=60", "Expires: 0"]),
        Row(response: ["Cache-Control: max-age=60", "Date: not a date"]),
        Row(response: ["Cache-Control: max-age=60", "Age: 59"]),
        Row(response: ["Cache-Control: max-age=60", "Age: x"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: Accept-Encoding, Accept"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: Host, Origin, X-Tenant"]),
        Row(response: ["Cache-Control: max-age=60", "Pragma: no-cache"]),
        Row(status: 203, response: ["Cache-Control: max-age=60"]),
        Row(status: 301, response: ["Cache-Control: max-age=60"]),
        Row(status: 302, response: ["Cache-Control: max-age=60"]),
        Row(status: 404, response: ["Cache-Control: max-age=60"]),
        Row(status: 410, response: ["Cache-Control: max-age=60"]),
        Row(request: ["Cookie: a=1"], response: ["Cache-Control: public, max-age=60"]),
        Row(request: ["Cookie: a=1"], response: ["Cache-Control: s-maxage=60"]),
        Row(request: ["Authorization: Basic x"], response: ["Cache-Control: public, max-age=60"]),
        Row(request: ["Authorization: Basic x"], response: ["Cache-Control: s-maxage=60"]),
        Row(
            request: ["Authorization: Basic x"],
            response: ["Cache-Control: must-revalidate, max-age=60"]
        ),
        Row(request: ["Cache-Control: no-cache"], response: ["Cache-Control: max-age=60"]),
        Row(request: ["Range: bytes=0-1"], response: ["Cache-Control: max-age=60"]),
    ]

    @Test(arguments: storable)
    func `A shared cache may store`(row: Row) throws {
        #expect(try terms(row) != nil)
    }

    static let unstorable: [Row] = [
        Row(response: []),
        Row(response: ["Cache-Control: public"]),
        Row(response: ["Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"]),
        Row(response: ["Cache-Control: max-age=0"]),
        Row(response: ["Cache-Control: max-age=60, s-maxage=0"]),
        Row(response: ["Cache-Control: max-age=sixty"]),
        Row(response: ["Cache-Control: max-age=60", "Cache-Control: max-age=61"]),
        Row(response: ["Cache-Control: max-age=60, no-store"]),
        Row(response: ["Cache-Control: max-age=60", "Cache-Control: NO-STORE"]),
        Row(response: ["Cache-Control: max-age=60, private"]),
        Row(response: ["Cache-Control: public, s-maxage=60, private"]),
        Row(response: ["Cache-Control: max-age=60, private=\"x\""]),
        Row(response: ["Cache-Control: max-age=60, no-cache"]),
        Row(response: ["Cache-Control: max-age=60, no-cache=\"set-cookie\""]),
        Row(response: ["Cache-Control: public, max-age=60", "Set-Cookie: a=1"]),
        Row(response: ["Cache-Control: public, max-age=60", "Waiting-Room-Command: revoke"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: *"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: Accept, *"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: Cookie"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: Authorization"]),
        Row(response: ["Cache-Control: max-age=60", "Vary: a,b,c,d,e,f,g,h,i"]),
        Row(response: ["Cache-Control: max-age=60", "Age: 60"]),
        Row(response: ["Cache-Control: max-age=60", "Date: Sun, 06 Nov 1994 08:48:37 GMT"]),
        Row(response: ["Expires: 0"]),
        Row(response: [
            "Expires: Sun, 06 Nov 1994 08:50:37 GMT", "Expires: Sun, 06 Nov 1994 08:50:37 GMT",
        ]),
        Row(status: 206, response: ["Cache-Control: max-age=60", "Content-Range: bytes 0-2/9"]),
        Row(status: 304, response: ["Cache-Control: max-age=60"]),
        Row(status: 400, response: ["Cache-Control: max-age=60"]),
        Row(status: 429, response: ["Cache-Control: max-age=60"]),
        Row(status: 500, response: ["Cache-Control: max-age=60"]),
        Row(status: 503, response: ["Cache-Control: max-age=60"]),
        Row(request: ["Cookie: a=1"], response: ["Cache-Control: max-age=60"]),
        Row(request: ["Cookie: a=1"], response: ["Expires: Sun, 06 Nov 1994 08:50:37 GMT"]),
        Row(request: ["Cookie: a=1"], response: ["Cache-Control: must-revalidate, max-age=60"]),
        Row(request: ["Cookie: a=1"], response: ["Cache-Control: public, private, max-age=60"]),
        Row(request: ["Authorization: Basic x"], response: ["Cache-Control: max-age=60"]),
        Row(request: ["Cache-Control: no-store"], response: ["Cache-Control: max-age=60"]),
    ]

    @Test(arguments: [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Anything",
        "Forwarded",
        "Accept, X-Real-IP",
        "Client-Cert",
        "Client-Cert-Chain",
        "Bmh-Assertion",
        "X-Request-ID",
        "X-Waiting-Room-Session",
        "X-TLS-JA4",
        "Via",
        "TE",
        "Upgrade",
        "Proxy-Authorization",
        "Expect",
        "X_Tenant",
        "Early-Data",
    ])
    func `What varies by a field that servers do not get from the client is not stored`(
        _ name: String
    ) throws {
        #expect(try terms(Row(response: ["Cache-Control: max-age=60", "Vary: \(name)"])) == nil)
    }

    @Test(arguments: unstorable)
    func `A shared cache must not store, or does better not to`(row: Row) throws {
        #expect(try terms(row) == nil)
    }

    @Test
    func `Content that ends with the connection is not stored`() throws {
        let response = try Heads.response(200, ["Cache-Control: max-age=60"])
        #expect(response.framing == .untilClose)
        let terms = CachePolicy.terms(
            for: response,
            to: try Heads.get(),
            requestTime: 0,
            responseTime: 0
        )
        #expect(terms == nil)
    }

    static let methods: [(String, CachePolicy.RequestUse)] = [
        ("GET", .lookUp), ("HEAD", .lookUp), ("POST", .forward(.method)),
        ("PUT", .forward(.method)),
        ("DELETE", .forward(.method)), ("PATCH", .forward(.method)), ("OPTIONS", .forward(.method)),
        ("PURGE", .forward(.method)), ("get", .forward(.method)),
    ]

    @Test(arguments: methods)
    func `Only GET and HEAD are looked up`(method: String, use: CachePolicy.RequestUse) throws {
        #expect(CachePolicy.use(of: try Heads.request("\(method) /a HTTP/1.1")) == use)
        let response = try Heads.response(200, ["Content-Length: 0", "Cache-Control: max-age=60"])
        let request = try Heads.request("\(method) /a HTTP/1.1")
        let terms = CachePolicy.terms(for: response, to: request, requestTime: 0, responseTime: 0)
        #expect((terms != nil) == (method == "GET"))
    }

    static let fields: [(String, CachePolicy.RequestUse)] = [
        ("Accept: */*", .lookUp), ("Cookie: a=1", .lookUp), ("If-None-Match: \"a\"", .lookUp),
        ("Cache-Control: no-cache", .lookUp), ("Range: bytes=0-1", .lookUp),
        ("Content-Length: 0", .lookUp),
        ("If-Match: \"a\"", .forward(.bypass)),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", .forward(.bypass)),
        ("Content-Length: 3", .forward(.bypass)), ("Transfer-Encoding: chunked", .forward(.bypass)),
        ("Upgrade: websocket", .forward(.bypass)),
        ("X-HTTP-Method-Override: POST", .forward(.bypass)),
        ("X-HTTP-Method: POST", .forward(.bypass)), ("X-Method-Override: POST", .forward(.bypass)),
        ("X-Original-URL: /admin", .forward(.bypass)), ("X-Rewrite-URL: /admin", .forward(.bypass)),
    ]

    @Test(arguments: fields)
    func `A GET is looked up unless a field takes it out of the cache's hands`(
        line: String,
        use: CachePolicy.RequestUse
    ) throws {
        #expect(CachePolicy.use(of: try Heads.get("/a", [line])) == use)
    }

    @Test(arguments: [
        ("/a%00b", false), ("/../a", false), ("/a%zz", false), ("/a%2Fb", true), ("/a//b", true),
    ])
    func `A path with two readings is no key`(path: String, isLookedUp: Bool) throws {
        #expect((CachePolicy.use(of: try Heads.get(path)) == .lookUp) == isLookedUp)
    }
}
