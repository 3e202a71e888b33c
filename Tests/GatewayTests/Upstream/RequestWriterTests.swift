import Foundation
import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct RequestWriterTests {
    /// The lines that a server gets for a request with these field lines.
    private static func lines(
        _ requestLine: String = "GET / HTTP/1.1",
        _ lines: [String] = [],
        body: RequestWriter.BodyPlan = .none,
        _ change: @escaping @Sendable (Exchange) -> Void = { _ in }
    ) async throws -> [String] {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(requestLine, lines, on: reactor).exchange
            change(exchange)
            let output = OutputBuffer()
            RequestWriter.appendHead(of: exchange, body: body, to: output)
            let text = output.readable.string
            #expect(text.hasSuffix("\r\n\r\n"))
            return text.dropLast(2).components(separatedBy: "\r\n")
        }
    }

    /// What every server is told of a plain request.
    private static let usual = [
        "GET / HTTP/1.1", "host: example.com", "x-forwarded-for: 192.0.2.1",
        "x-forwarded-proto: http",
        "x-forwarded-host: example.com", "x-request-id: 80000000000000008000000000000005",
        "via: 1.1 haniel",
    ]

    @Test func `A plain request is told who asks, for what and how`() async throws {
        #expect(try await Self.lines() == Self.usual)
    }

    @Test(arguments: [
        "Forwarded: for=6.6.6.6", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.test",
        "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /x", "X-Forwarded-Uri: /admin",
        "X-Real-IP: 6.6.6.6",
        "X-Original-URL: /admin", "X-Rewrite-URL: /admin", "X-Request-ID: forged",
        "Expect: 100-continue",
        "Early-Data: 1",
        "Waiting-Room: x", "Waiting-Room-Command: pass", "Waiting-Room-Ticket: x",
        "X-Waiting-Room-Session: x",
        "X-Waiting-Room-Anything: x", "Waiting-Room-Anything: x", "Bmh-Assertion: forged",
        "BMH-ASSERTION: forged", "Proxy: http://evil.test", "Waiting-Room-Inventory: remaining=0",
        "Bmh-Admission: forged",
        "X_Forwarded_For: 6.6.6.6", "Bmh_Assertion: forged", "any_thing: x", "_: x",
        "Connection: close",
        "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
        "TE: gzip",
        "Proxy-Authorization: Basic eDp5",
    ])
    func `What concerns this connection or could be forged does not pass`(_ line: String)
        async throws
    {
        let twins = line.split(separator: ":", maxSplits: 1)
        for spelling in [
            line, "\(twins[0].lowercased()):\(twins[1])", "\(twins[0].uppercased()):\(twins[1])",
        ] {
            #expect(try await Self.lines("GET / HTTP/1.1", [spelling]) == Self.usual)
        }
    }

    @Test func `What the client lists in Connection stays with the connection`() async throws {
        let lines = ["Connection: X-Private, x-other", "X-Private: 1", "X-Other: 2", "X-Public: 3"]
        let got = try await Self.lines("GET / HTTP/1.1", lines)
        #expect(got.contains { $0.lowercased() == "x-public: 3" })
        #expect(
            !got.contains {
                $0.lowercased().hasPrefix("x-private") || $0.lowercased().hasPrefix("x-other")
            }
        )
    }

    @Test(arguments: [
        "Accept: */*", "Authorization: Bearer x", "User-Agent: curl/8", "Cookie: a=b; c=d",
        "X-Custom: one two",
        "Origin: https://example.com", "Via: 1.0 other", "Content-Type: text/plain",
        "Idempotency-Key: k",
        "Traceparent: x",
        "X-Waiting-Rooms: x",
    ])
    func `Everything else passes as it came`(_ line: String) async throws {
        let got = try await Self.lines("GET / HTTP/1.1", [line])
        #expect(got.count == Self.usual.count + 1)
        #expect(got.contains { $0.caseInsensitiveCompare(line) == .orderedSame })
    }

    @Test func `The target goes out in its canonical form, the host as the client meant it`()
        async throws
    {
        #expect(
            try await Self.lines("GET /a/../%7Eb?q=%41 HTTP/1.1").first == "GET /~b?q=%41 HTTP/1.1"
        )
        let absolute = try await Self.lines("GET http://example.com/x HTTP/1.1")
        #expect(absolute[0] == "GET /x HTTP/1.1")
        #expect(absolute[1] == "host: example.com")
        let lines = try await Self.lines("GET /x HTTP/1.0")
        #expect(lines.first == "GET /x HTTP/1.1")
        #expect(lines.contains("via: 1.0 haniel"))
    }

    @Test func `The framing is ours, whatever the client's was`() async throws {
        let sized = try await Self.lines("POST / HTTP/1.1", ["Content-Length: 5"], body: .length(5))
        #expect(
            sized.filter { $0.lowercased().hasPrefix("content-length") } == ["content-length: 5"]
        )
        let chunked = try await Self.lines(
            "POST / HTTP/1.1",
            ["Transfer-Encoding: chunked"],
            body: .chunked
        )
        #expect(
            chunked.filter { $0.lowercased().hasPrefix("transfer-encoding") } == [
                "transfer-encoding: chunked"
            ]
        )
        let none = try await Self.lines("POST / HTTP/1.1", ["Content-Length: 0"], body: .none)
        #expect(
            !none.contains {
                $0.lowercased().hasPrefix("content-length") || $0.lowercased().hasPrefix("transfer")
            }
        )
    }

    @Test(
        arguments: [
            ("a=b", "a=b"), ("wr=1", nil), ("wrs=1; wr=2", nil), ("__Host-wr=1; a=b", "a=b"),
            ("a=b; wr_onsale=1; c=d", "a=b; c=d"),
            ("__Host-wrs_onsale=1;a=b", "a=b"), ("wrong=1", "wrong=1"),
            ("wr2=1; wrsx=2", "wr2=1; wrsx=2"),
            ("; ;", nil), ("", nil),
            ("wr", nil), ("a", "a"), ("x=wr=1", "x=wr=1"),
        ] as [(String, String?)]
    )
    func `Cookies of rooms stay here where a room guards the route`(
        _ cookies: String,
        _ expected: String?
    ) async throws {
        let got = try await Self.lines("GET / HTTP/1.1", ["Cookie: \(cookies)"]) {
            $0.hidesRoomCookies = true
        }
        #expect(
            got.filter { $0.lowercased().hasPrefix("cookie:") } == expected.map {
                ["cookie: \($0)"]
            } ?? []
        )
        #expect(got.count == Self.usual.count + (expected == nil ? 0 : 1))
    }

    @Test func `The stages' word on who asks is told, the client's address and scheme among it`()
        async throws
    {
        let got = try await Self.lines(
            "GET / HTTP/1.1",
            ["Bmh-Assertion: forged", "X-TLS-JA4: forged"]
        ) { exchange in
            exchange.assertion = "signed"
            exchange.roomSession = SessionID(high: 1, low: 2)
            exchange.client = IPAddress("2001:db8::9") ?? exchange.client
            exchange.isSecure = true
        }
        #expect(
            got.filter { $0.lowercased().hasPrefix("bmh-assertion") } == ["bmh-assertion: signed"]
        )
        #expect(got.contains("x-waiting-room-session: \(SessionID(high: 1, low: 2).text)"))
        #expect(got.contains("x-forwarded-for: 2001:db8::9"))
        #expect(got.contains("x-forwarded-proto: https"))
        #expect(!got.contains { $0.lowercased().hasPrefix("x-tls-ja4") })
    }
}
