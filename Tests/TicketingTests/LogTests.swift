import Foundation
import Support
import Testing

@testable import Ticketing

struct LogTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    private static func line(
        of headers: [String: String],
        collecting: Bool = false
    ) async throws -> [String: Any] {
        let lines = LogLines()
        var settings = ShopFixture.settings
        if collecting { settings.collector = OTLPExporter.Collector(url: "http://127.0.0.1:1") }
        var spans: [TraceSpan] = []
        try await RunningShop.run(settings: settings, logger: lines.logger) { shop in
            _ = try await shop.client.get("/api/v1/events", headers)
            spans = shop.fixture.shop.exporter?.spans.take() ?? []
        }
        let line = try #require(try lines.documents("request").first)
        // What is exported is found by what is logged.
        for span in spans {
            #expect(span.id == line["span.id"] as? String)
            #expect(span.trace == line["trace.id"] as? String)
        }
        return line
    }

    @Test func `Each line about a request has the gateway's name for it and its trace`()
        async throws
    {
        for flags in ["01", "00"] {
            let line = try await Self.line(
                of: [
                    "X-Request-Id": "8f3-ab.C_1",
                    "traceparent": "00-\(Self.trace)-b7ad6b7169203331-\(flags)",
                ],
                collecting: true
            )
            #expect(line["http.request.id"] as? String == "8f3-ab.C_1")
            #expect(line["trace.id"] as? String == Self.trace)
            let span = try #require(line["span.id"] as? String)
            #expect(span.utf8.count == 16 && span != "b7ad6b7169203331")
            #expect(line["hb.request.id"] == nil)
        }
    }

    @Test(arguments: ["", "a b", "a\"b", "é", String(repeating: "a", count: 129)])
    func `A name that may not stand in a log is not taken`(id: String) async throws {
        let line = try await Self.line(of: ["X-Request-Id": id, "traceparent": "00-1-2-01"])
        let own = try #require(line["http.request.id"] as? String)
        // Hummingbird's own, hexadecimal digits without leading zeros.
        #expect(own != id && (1...32).contains(own.count) && own.allSatisfy(\.isHexDigit))
        #expect(line["trace.id"] == nil && line["span.id"] == nil)
    }

    @Test func `Lines are of the schema's version and dataset, with numbers as numbers`()
        async throws
    {
        let line = try await Self.line(of: [:])
        #expect(line["ecs.version"] as? String == "9.0.0")
        #expect(line["event.dataset"] as? String == "bookme.log")
        #expect(line["http.response.status_code"] as? Int == 200)
        #expect(line["event.duration"] as? Int != nil)
    }

    @Test func `A request that fails is logged with its name`() async throws {
        let lines = LogLines()
        try await RunningShop.run(logger: lines.logger) { shop in
            try await shop.fixture.shop.database.write {
                try $0.run("ALTER TABLE users RENAME TO users_gone")
            }
            let json = #"{"email":"ana@example.com","password":"\#(ShopFixture.password)"}"#
            let headers = ["X-Request-Id": "one"]
            let answer = try await shop.client.post("/api/v1/sessions", json: json, headers)
            #expect(answer.status == 500)
        }
        let line = try #require(try lines.documents("a request failed").first)
        #expect(line["http.request.id"] as? String == "one")
    }
}
