import Support
import Testing

extension Stories {
    @Suite(.haniel)
    struct CacheTests {
        private static let body = Array((0..<100).map { "line \($0)\n" }.joined().utf8)

        private static func gateway(_ fields: [(String, String)]) throws -> (
            GatewayProcess, TestOrigin
        ) {
            let origin = try TestOrigin { request, connection in
                try connection.respond(200, fields, body: body, toHead: request.method == "HEAD")
            }
            return (
                try GatewayProcess(origin: origin, routes: "  - proxy: origin\n    cache: true\n"),
                origin
            )
        }

        private static let fresh = [
            ("Cache-Control", "public, max-age=600"), ("ETag", "\"v1\""),
            ("Content-Type", "text/plain"),
            ("Last-Modified", "Sun, 01 Nov 2026 10:00:00 GMT"),
        ]

        @Test func `The second visitor is served from memory and told so`() throws {
            let (gateway, origin) = try Self.gateway(Self.fresh)
            let first = try gateway.get("/a")
            let second = try gateway.get("/a")
            #expect(first["cache-status"]?.contains("fwd=uri-miss") == true)
            #expect(second["cache-status"]?.contains("hit") == true)
            #expect(second.body == Self.body)
            #expect(second["age"].flatMap(Int.init) != nil)
            #expect(origin.requests.count == 1)
            for (name, value) in [
                ("requests_total{result=\"hit\"}", 1), ("requests_total{result=\"miss\"}", 1),
                ("responses", 1), ("stored_total", 1), ("evicted_total", 0),
            ] {
                #expect(try gateway.figure("haniel_cache_\(name)") == value, "\(name)")
            }
            #expect(try gateway.figure("haniel_cache_bytes").map { $0 > Self.body.count } == true)
        }

        @Test(arguments: [
            "If-None-Match: \"v1\"", "If-None-Match: W/\"v1\", \"v2\"", "If-None-Match: *",
            "If-Modified-Since: Sun, 01 Nov 2026 10:00:00 GMT",
        ])
        func `A visitor who has it is told that it is unchanged`(condition: String) throws {
            let (gateway, origin) = try Self.gateway(Self.fresh)
            #expect(try gateway.get("/a").status == 200)
            let answer = try gateway.get("/a", [condition])
            #expect(answer.status == 304)
            #expect(answer["etag"] == "\"v1\"")
            #expect(origin.requests.count == 1)
        }

        @Test(arguments: [
            ("bytes=0-9", 206, 0..<10), ("bytes=-5", 206, 785..<790),
            ("bytes=780-", 206, 780..<790),
        ])
        func `A part of a stored answer is served as a part`(
            range: String,
            status: Int,
            expected: Range<Int>
        ) throws {
            #expect(Self.body.count == 790)
            let (gateway, _) = try Self.gateway(Self.fresh)
            #expect(try gateway.get("/a").status == 200)
            let answer = try gateway.get("/a", ["Range: \(range)"])
            #expect(answer.status == status)
            #expect(answer.body == Array(Self.body[expected]))
            let last = expected.upperBound - 1
            #expect(
                answer["content-range"] == "bytes \(expected.lowerBound)-\(last)/\(Self.body.count)"
            )
        }

        @Test func `A part beyond the end is refused`() throws {
            let (gateway, _) = try Self.gateway(Self.fresh)
            #expect(try gateway.get("/a").status == 200)
            let answer = try gateway.get("/a", ["Range: bytes=9999-"])
            #expect(answer.status == 416)
            #expect(answer["content-range"] == "bytes */\(Self.body.count)")
            #expect(answer.values(of: "cache-control") == ["no-store"])
            #expect(answer.values(of: "date").count == 1)
            #expect(answer["etag"] == nil && answer["age"] == nil)
        }

        @Test(arguments: [
            [("Cache-Control", "no-store")], [("Cache-Control", "private, max-age=60")], [],
            [("Cache-Control", "public, max-age=600"), ("Set-Cookie", "a=b")],
            [("Cache-Control", "public, max-age=600"), ("Vary", "*")],
        ])
        func `What is not meant for everyone is never stored`(fields: [(String, String)]) throws {
            let (gateway, origin) = try Self.gateway(fields)
            for _ in 0..<3 { #expect(try gateway.get("/a").status == 200) }
            #expect(origin.requests.count == 3)
        }

        @Test func `A signed-in visitor's answer is not another's`() throws {
            let (gateway, origin) = try Self.gateway([("Cache-Control", "max-age=600")])
            #expect(try gateway.get("/a", ["Authorization: Bearer x"]).status == 200)
            #expect(try gateway.get("/a", ["Authorization: Bearer y"]).status == 200)
            #expect(origin.requests.count == 2)
        }

        @Test func `Answers that vary are kept apart`() throws {
            let (gateway, origin) = try Self.gateway(Self.fresh + [("Vary", "Accept-Language")])
            for _ in 0..<2 {
                #expect(try gateway.get("/a", ["Accept-Language: en"]).status == 200)
                #expect(try gateway.get("/a", ["Accept-Language: de"]).status == 200)
            }
            #expect(origin.requests.count == 2)
        }

        @Test func `A change through the gateway forgets the stored answer`() throws {
            let (gateway, origin) = try Self.gateway(Self.fresh)
            #expect(try gateway.get("/a").status == 200)
            #expect(
                try gateway.send(GatewayProcess.post("/a", body: "x=1"), method: "POST").status
                    == 200
            )
            #expect(try gateway.get("/a").status == 200)
            #expect(origin.requests.map(\.method) == ["GET", "POST", "GET"])
        }

        @Test func `A change by way of a route without a cache forgets the stored answer too`()
            throws
        {
            let origin = try TestOrigin { _, connection in
                try connection.respond(200, Self.fresh, body: Self.body)
            }
            let routes =
                "  - methods: [GET]\n    proxy: origin\n    cache: true\n  - proxy: origin\n"
            let gateway = try GatewayProcess(origin: origin, routes: routes)
            for _ in 0..<2 { #expect(try gateway.get("/a").status == 200) }
            let change = GatewayProcess.post("/a", body: "x=1")
            #expect(try gateway.send(change, method: "POST").status == 200)
            #expect(try gateway.get("/a").status == 200)
            #expect(origin.requests.map(\.method) == ["GET", "POST", "GET"])
        }

        @Test func `HEAD is answered from a stored GET`() throws {
            let (gateway, origin) = try Self.gateway(Self.fresh)
            #expect(try gateway.get("/a").status == 200)
            let answer = try gateway.send(
                "HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
                method: "HEAD"
            )
            #expect(answer.status == 200)
            #expect(answer["content-length"] == "\(Self.body.count)")
            #expect(origin.requests.count == 1)
        }
    }
}
