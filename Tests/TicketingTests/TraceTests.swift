import Foundation
import Support
import Testing

@testable import Ticketing

struct TraceTests {
    @Test(arguments: [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true, true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true, false),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false, true),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false, true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false, true),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, true),
        ("", false, true), ("00---", false, true),
    ])
    func `A request joins the trace of a well-formed header and no other`(
        header: String,
        joins: Bool,
        isSampled: Bool
    ) {
        let parent = TraceParent(header)
        #expect((parent.parent == "b7ad6b7169203331") == joins)
        #expect((parent.trace == "0af7651916cd43dd8448eb211c80319c") == joins)
        #expect(parent.trace.utf8.count == 32)
        #expect(parent.isSampled == isSampled)
    }

    @Test func `A collector gets counters, durations and spans, and its key with them`()
        async throws
    {
        let collector = try TestOrigin { _, connection in
            try connection.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        }
        var settings = ShopFixture.settings
        settings.collector = OTLPExporter.Collector(
            url: "http://127.0.0.1:\(collector.port)",
            header: "api-key: secret"
        )
        try await RunningShop.run(settings: settings) { shop in
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let path = "/api/v1/events/evening"
            _ = try await shop.client.get(path, ["traceparent": parent])
            try await shop.fixture.shop.exporter?.export(
                adding: await shop.fixture.shop.figures()
            )
        }
        let requests = collector.requests.filter { $0.target.hasPrefix("/v1/") }
        let metrics = try #require(requests.last { $0.target == "/v1/metrics" })
        #expect(metrics["api-key"] == "secret")
        #expect(metrics["content-type"] == "application/json")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(metrics.body)) as? [String: Any]
        )
        #expect(body["resourceMetrics"] != nil)
        let text = String(decoding: metrics.body, as: UTF8.self)
        #expect(text.contains(#""name":"bookme_http_requests_total""#))
        #expect(text.contains(#""explicitBounds":[0.001,"#))
        for name in ["jobs_waiting", "jobs_dead", "refunds_dead", "live_viewers", "database_up"] {
            let parts = text.split(separator: #""name":"bookme_\#(name)""#)
            #expect(parts.count == 2 && parts[0].hasSuffix("}]},"), "\(name)")
            #expect(parts[0].split(separator: #""gauge":{"dataPoints":["#).count > 1)
        }
        #expect(text.contains(/"name":"bookme_commits_total","sum":/))
        let traces = try #require(requests.last { $0.target == "/v1/traces" })
        let spans = String(decoding: traces.body, as: UTF8.self)
        #expect(spans.contains(#""traceId":"0af7651916cd43dd8448eb211c80319c""#))
        #expect(spans.contains(#""parentSpanId":"b7ad6b7169203331""#))
        #expect(spans.contains("GET /api/v1/events/"))
        let status = #"{"key":"http.response.status_code","value":{"intValue":"200"}}"#
        #expect(spans.contains(status))
    }
}
