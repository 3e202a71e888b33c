import Foundation
import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct PageTests {
    private static func answer(
        _ lines: [String],
        _ body: @escaping @Sendable (Exchange) throws -> Void
    ) async throws {
        try await onReactor { reactor in
            try body(try await ExchangeScene.make("GET / HTTP/1.1", lines, on: reactor).exchange)
        }
    }

    @Test func `The policy of a page allows its own style and nothing else`() async throws {
        try await Self.answer(["Accept: text/html"]) { exchange in
            let response = Page.answer(status: 403, reason: "route", text: "No.", for: exchange)
            let page = response.text
            let start = try #require(page.range(of: "<style>"))
            let end = try #require(page.range(of: "</style>"))
            let hash = Digest.sha256(Array(page[start.upperBound..<end.lowerBound].utf8))
            let source = "'sha256-\(Data(hash).base64EncodedString())'"
            #expect(
                response.contentFields["content-security-policy"]
                    == "default-src 'none'; style-src \(source)"
            )
            #expect(!page.contains("style=\"") && !page.contains("<script"))
        }
    }

    @Test(arguments: [
        ("GET", 502, true), ("GET", 503, true), ("GET", 504, true), ("GET", 404, false),
        ("POST", 502, false),
    ])
    func `A fault that may pass offers another try, where that does nothing twice`(
        method: String,
        status: Int,
        isOffered: Bool
    ) async throws {
        try await onReactor { reactor in
            let lines = ["Accept: text/html", "Content-Length: 0"]
            let scene = try await ExchangeScene.make(
                "\(method) /a?b=%22 HTTP/1.1",
                lines,
                on: reactor
            )
            let page = Page.answer(status: status, reason: "x", text: "No.", for: scene.exchange)
                .text
            #expect(page.contains(#"<a href="">Try again</a>"#) == isOffered)
        }
    }

    @Test func `A page names its status, its sentence and the reference of the request`()
        async throws
    {
        try await Self.answer(["Accept: text/html"]) { exchange in
            let response = Page.answer(
                status: 404,
                reason: "no-route",
                text: "Nothing here.",
                for: exchange
            )
            #expect(response.status == 404)
            #expect(response.reason == "no-route")
            #expect(response.text.contains("404 Not Found"))
            #expect(response.text.contains("Nothing here."))
            #expect(response.text.contains("<code>\(exchange.requestID)</code>"))
            #expect(response.contentFields["cache-control"] == "no-store")
            #expect(response.contentFields["content-type"] == "text/html; charset=utf-8")
        }
    }

    @Test(arguments: [
        ["Accept: application/json"], ["Accept: application/json, text/html;q=0.5"],
    ])
    func `A program gets a problem document`(_ lines: [String]) async throws {
        try await Self.answer(lines) { exchange in
            let response = Page.answer(
                status: 503,
                reason: "resources",
                text: "Try again.",
                for: exchange
            )
            #expect(response.contentFields["content-type"] == "application/problem+json")
            let json = try JSONSerialization.jsonObject(with: Data(response.text.utf8))
            let problem = try #require(json as? [String: Any])
            #expect(problem["status"] as? Int == 503)
            #expect(problem["title"] as? String == "Service Unavailable")
            #expect(problem["detail"] as? String == "Try again.")
            #expect(problem["type"] as? String == "about:blank#resources")
            #expect(problem["instance"] as? String == "urn:request:\(exchange.requestID)")
        }
    }

    @Test func `Request ids have 32 digits and do not repeat`() {
        var first = RequestIDSource()
        var second = RequestIDSource()
        var seen: Set<String> = []
        for _ in 0..<2000 {
            for text in [first.next().text, second.next().text] {
                #expect(text.count == 32 && text.allSatisfy(\.isHexDigit))
                seen.insert(text)
            }
        }
        #expect(seen.count == 4000)
    }

    @Test func `An id is appended as it is printed`() {
        let output = OutputBuffer()
        let id = RequestID(high: 1 << 63 | 0xABC, low: .max)
        id.append(to: output)
        #expect(output.readable.string == id.text)
    }
}
