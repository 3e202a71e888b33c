import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct LocalStageTests {
    private static func answer(
        _ action: Configuration.RouteAction,
        _ line: String = "GET /x HTTP/1.1",
        _ check: @escaping @Sendable (Response?) throws -> Void
    ) async throws {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(line, on: reactor).exchange
            try check(
                LocalStage().answer(exchange, Route(.init(action: action), in: RouteContext()))
            )
        }
    }

    @Test func `A route answers, refuses or sends elsewhere by itself`() async throws {
        try await Self.answer(.answer(.init(status: 410, body: "gone"))) { response in
            #expect(response?.status == 410)
            #expect(response?.text == "gone")
            #expect(response?.reason == nil)
        }
        try await Self.answer(.deny(403)) { response in
            #expect(response?.status == 403)
            #expect(response?.reason == "route")
        }
        try await Self.answer(.redirect(.init(to: "/y", status: 301))) { response in
            #expect(response?.status == 301)
            #expect(response?.fields.first?.value == "/y")
        }
    }

    @Test func `Files are for GET and HEAD, and what is not there is not found`() async throws {
        let files = Configuration.RouteAction.files(.init(root: "/nowhere"))
        try await Self.answer(files) { #expect($0?.status == 404) }
        try await Self.answer(files, "HEAD /x HTTP/1.1") { #expect($0?.status == 404) }
        try await Self.answer(files, "POST /x HTTP/1.1") { #expect($0?.status == 405) }
    }

    @Test(
        arguments: [
            ("GET /a?b=c HTTP/1.1", "example.com", 443, "https://example.com/a?b=c"),
            ("GET / HTTP/1.1", "example.com:8080", 8443, "https://example.com:8443/"),
            ("GET / HTTP/1.1", "[::1]:8080", 8443, "https://[::1]:8443/"),
            ("GET //evil.test/ HTTP/1.1", "example.com", 443, "https://example.com//evil.test/"),
            ("GET http://example.com/a HTTP/1.1", "example.com", 443, "https://example.com/a"),
            (
                "GET /%0d%0aSet-Cookie:x HTTP/1.1", "example.com", 443,
                "https://example.com/%0D%0ASet-Cookie:x"
            ),
            ("GET /?%0d%0a HTTP/1.1", "example.com", 443, "https://example.com/?%0d%0a"),
        ] as [(String, String, UInt16, String)]
    )
    func `A visitor without TLS is sent to the same address with it`(
        _ line: String,
        _ host: String,
        _ port: UInt16,
        _ expected: String
    ) async throws {
        try await onReactor { reactor in
            let exchange = try await ExchangeScene.make(line, host: host, on: reactor).exchange
            let response = LocalStage.redirectToTLS(exchange, port: port)
            #expect(response.status == 308)
            #expect(response.fields.map(\.value) == [expected])
        }
    }
}
