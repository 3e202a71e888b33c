import Logging
import Transport

/// Sends metrics and traces to a collector of OpenTelemetry, or to a company that speaks its protocol, as New Relic.
///
/// What cannot be sent is lost: metrics are totals, so that the next ones make up for it, and traces are samples.
struct OTLPExporter: Sendable {
    /// Where it all goes.
    struct Collector: Sendable {
        /// Without the path, as in `https://otlp.nr-data.net`.
        let url: String
        /// A header that the collector asks for, as in `api-key: …`.
        var header: String?
        /// Certificates (PEM) that vouch for the collector, in place of the system's.
        var authorities: String?
    }

    let collector: Collector
    let desk: TransferDesk
    let metrics: Metrics
    let spans: SpanBuffer
    let clock: WallClock
    let startedAt: Milliseconds
    /// Tells processes apart that export the same metrics.
    let instance = Token.readable(12)

    /// Sends what there is now, with figures that somebody else keeps; throws if the collector did not take it.
    func export(adding figures: [Figure]) async throws {
        let resource = OTLPDocument.Resource(attributes: [
            .init("service.name", "bookme"), .init("service.version", Version.text),
            .init("service.instance.id", instance),
        ])
        let points = metrics.points(from: startedAt, to: clock.now(), adding: figures)
        if !points.isEmpty {
            try await send("/v1/metrics", OTLPDocument.metrics(points, of: resource))
        }
        let spans = spans.take()
        if !spans.isEmpty { try await send("/v1/traces", OTLPDocument.traces(spans, of: resource)) }
    }

    private func send(_ path: String, _ body: [UInt8]) async throws {
        var headers = ["Content-Type: application/json", "Expect:"]
        if let header = collector.header { headers.append(header) }
        var transfer = Transfer(
            url: collector.url + path,
            action: .request(method: "POST", headers: headers, body: body)
        )
        transfer.authorities = collector.authorities
        let answer = try await desk.perform(transfer)
        guard (200..<300).contains(answer.status) else {
            throw Transfer.Failure(description: "the collector answered \(answer.status)")
        }
    }
}
