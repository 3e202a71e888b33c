import Support
import Testing

@testable import Gateway

@Suite struct MetricsTests {
    @Test func `Names, labels and values stand in Prometheus' text format`() {
        var text = MetricsText()
        text.counter("a_total", "What it counts.", 3)
        text.gauge("b", "A level.", 0.25)
        text.head("c", "gauge", "With labels.")
        text.sample("c", [("pool", "x"), ("server", "quote \" backslash \\ line\nend")], -1)
        #expect(
            text.lines == """
                # HELP a_total What it counts.
                # TYPE a_total counter
                a_total 3
                # HELP b A level.
                # TYPE b gauge
                b 0.25
                # HELP c With labels.
                # TYPE c gauge
                c{pool="x",server="quote \\" backslash \\\\ line\\nend"} -1

                """
        )
    }

    @Test func `A duration is counted in the first bucket whose bound it does not pass`() {
        let histogram = DurationHistogram()
        for nanoseconds in [
            0, 5_000_000, 5_000_001, 10_000_000_000, 10_000_000_001, UInt64.max / 4,
        ] {
            histogram.record(nanoseconds)
        }
        let counts = (0...DurationHistogram.bounds.count).map(histogram.count)
        #expect(counts == [2, 1] + Array(repeating: 0, count: 11) + [1, 2])
    }

    @Test(arguments: [(200, 2), (100, 1), (599, 5), (0, 1), (-7, 1), (1000, 5), (499, 4)])
    func `A status is counted in its class`(_ status: Int, _ hundreds: Int) {
        let counters = WorkerCounters()
        counters.countRequest(status: status, nanoseconds: 1)
        #expect((1...5).map(counters.requests(hundreds:)) == (1...5).map { $0 == hundreds ? 1 : 0 })
    }

    @Test func `All figures of a gateway are there, each with its help and type`() throws {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let scene = try GatewayScene { $0.proxyEverything(to: origin) }
        let wire = try scene.connect()
        try wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try wire.receiveResponse()
        // The response leaves before it is counted.
        #expect(eventually { scene.shared.counters[0].requests(hundreds: 2) == 1 })
        let text = Metrics(shared: scene.shared).text
        #expect(text.contains("haniel_http_requests_total{code=\"2xx\"} 1\n"))
        #expect(
            text.contains(
                "haniel_upstream_requests_total{pool=\"origin\",server=\"127.0.0.1:\(origin.port)\"} 1\n"
            )
        )
        #expect(text.contains("haniel_http_request_duration_seconds_bucket{le=\"+Inf\"} 1\n"))
        var described: Set<Substring> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                #expect(described.insert(line.split(separator: " ")[2]).inserted, "\(line)")
            } else if !line.hasPrefix("#") {
                var name = line.prefix { $0 != "{" && $0 != " " }
                for ending in ["_bucket", "_sum", "_count"]
                where name.hasPrefix("haniel_http_request_duration") {
                    if name.hasSuffix(ending) { name = name.dropLast(ending.count) }
                }
                #expect(described.contains(name), "\(line)")
                #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
            }
        }
    }

    @Test(.enabled(if: Tool.exists("promtool"), "promtool is not installed (Debian: prometheus)"))
    func `Prometheus' own checker accepts the figures`() throws {
        let origin = try TestOrigin { _, connection in try connection.respond() }
        let scene = try GatewayScene { $0.proxyEverything(to: origin) }
        let folder = try TemporaryFolder()
        let path = try folder.write(Metrics(shared: scene.shared).text, to: "metrics")
        let output = try Tool.run("sh", ["-c", "promtool check metrics < \(path)"])
        #expect(output.status == 0, "\(output.text)")
    }
}
