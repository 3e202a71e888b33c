import Support
import Testing

extension Stories {
    /// Limits that count what the response says, wait, only watch, or are kept by several gateways.
    @Suite(.haniel)
    struct ResponseLimitTests {
        private static func gateway(
            _ keys: String,
            further: String = "",
            answers: @escaping @Sendable (WireMessage) -> (Int, [(String, String)])
        ) throws -> (GatewayProcess, TestOrigin) {
            let origin = try TestOrigin { request, connection in
                let (status, fields) = answers(request)
                try connection.respond(status, fields)
            }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n    limits: [it]\n",
                further: "rate_limits:\n  - {name: it, \(keys)}\n\(further)\n"
            )
            return (gateway, origin)
        }

        @Test func `Only wrong passwords are counted, and then the client has to wait`() throws {
            let (gateway, origin) = try Self.gateway(
                "rate: 1/m, burst: 3, statuses: [401], mitigation: 90s"
            ) { request in (request.target == "/wrong" ? 401 : 200, []) }
            for _ in 0..<8 { #expect(try gateway.get("/right").status == 200) }
            for _ in 0..<3 { #expect(try gateway.get("/wrong").status == 401) }
            let refused = try gateway.get("/right")
            #expect(refused.status == 429)
            #expect(refused["retry-after"] == "90")
            #expect(origin.requests.count == 11)
        }

        @Test func `Answers of the gateway itself count like those of servers`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: """
                      - paths: ["/internal/*"]
                        deny: 403
                        limits: [probes]
                      - proxy: origin
                        limits: [probes]

                    """,
                further: "rate_limits:\n  - {name: probes, rate: 1/h, burst: 2, statuses: [403]}\n"
            )
            for _ in 0..<2 { #expect(try gateway.get("/internal/x").status == 403) }
            #expect(try gateway.get("/").status == 429)
        }

        @Test func `What one limit refuses uses nothing of another`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: """
                      - paths: ["/both"]
                        proxy: origin
                        limits: [wide, narrow]
                      - proxy: origin
                        limits: [wide]

                    """,
                further: """
                    rate_limits:
                      - {name: wide, rate: 10/h, burst: 10}
                      - {name: narrow, rate: 1/h, burst: 1}

                    """
            )
            #expect(try gateway.get("/both").status == 200)
            for _ in 0..<3 { #expect(try gateway.get("/both").status == 429) }
            #expect(try gateway.get("/")["ratelimit"]?.hasPrefix("\"wide\";r=8;") == true)
        }

        @Test func `Who is shut out for less than the rate asks hears of the rate`() throws {
            let (gateway, _) = try Self.gateway("rate: 6/m, burst: 1, mitigation: 2s") { _ in
                (200, [])
            }
            #expect(try gateway.get("/").status == 200)
            let wait = try gateway.get("/")["retry-after"].flatMap { Int($0) }
            #expect(wait.map { (9...10).contains($0) } == true)
        }

        @Test func `What a request cost is what the backend says`() throws {
            let (gateway, _) = try Self.gateway(
                "rate: 1/h, burst: 10, cost_header: X-Cost"
            ) { request in (200, request.target == "/dear" ? [("X-Cost", "8")] : []) }
            let dear = try gateway.get("/dear")
            #expect(dear.status == 200)
            #expect(dear["ratelimit"]?.hasPrefix("\"it\";r=2;") == true)
            for _ in 0..<2 { #expect(try gateway.get("/cheap").status == 200) }
            #expect(try gateway.get("/cheap").status == 429)
        }

        @Test func `A dry run refuses nothing and is seen in the figures`() throws {
            let (gateway, _) = try Self.gateway("rate: 1/h, burst: 1, dry_run: true") { _ in
                (200, [])
            }
            for _ in 0..<5 { #expect(try gateway.get("/").status == 200) }
            let wire = try Loopback.connect(port: gateway.adminPort)
            try wire.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = try wire.receiveResponse(to: "GET").text
            #expect(
                text.contains(#"haniel_rate_limit_exceeded_total{limit="it",enforced="no"} 4"#)
            )
        }

        @Test(.enabled(if: Tool.exists("redis-server"), "redis-server is not installed"))
        func `Two gateways keep one limit together, and their parts of it without Redis`() throws {
            let redis = try RedisProcess()
            let further = "redis: {url: \"redis://127.0.0.1:\(redis.port)\"}"
            let keys = "rate: 20/h, burst: 12, gateways: 2, key: \"header:X-Key\""
            let one = try Self.gateway(keys, further: further) { _ in (200, []) }
            let other = try Self.gateway(keys, further: further) { _ in (200, []) }
            let gateways = [one, other]
            var passed = 0
            for turn in 0..<40 where try gateways[turn % 2].0.get("/").status == 200 { passed += 1 }
            // At most the burst, and a lease of one for each gateway more.
            #expect((10...14).contains(passed))
            redis.stop()
            passed = 0
            for _ in 0..<20 where try gateways[0].0.get("/", ["X-Key: b"]).status == 200 {
                passed += 1
            }
            #expect((1...7).contains(passed))
        }
    }
}
