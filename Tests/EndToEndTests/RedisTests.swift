import Support
import Testing

extension Stories {
    /// Two gateways that share one room through Redis.
    @Suite(.haniel, .enabled(if: Tool.exists("redis-server"), "redis-server is not installed"))
    struct RedisTests {
        private static func gateway(_ origin: TestOrigin, _ redis: RedisProcess, _ secret: String)
            throws
            -> GatewayProcess
        {
            try GatewayProcess(
                origin: origin,
                routes:
                    "  - paths: [\"/sale/*\"]\n    proxy: origin\n    room: onsale\n  - proxy: origin\n",
                further: """
                    redis: {url: "redis://127.0.0.1:\(redis.port)"}
                    signing_secret: "\(secret)"
                    rooms:
                      - {name: onsale, capacity: 2, rate: "100/s", session: 10m, store: redis}
                    """
            )
        }

        private static func place(_ answer: WireMessage) -> String {
            let pairs = answer.values(of: "set-cookie").compactMap {
                $0.split(separator: ";").first.map(String.init)
            }
            return "Cookie: \(pairs.joined(separator: "; "))"
        }

        @Test func `A session that stands in Redis is one, until it is deleted there`() throws {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let redis = try RedisProcess()
            let folder = try TemporaryFolder()
            let key = folder.file("assertion.key")
            _ = try Tool.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", key])
            let gateway = try GatewayProcess(
                origin: origin,
                routes:
                    """
                      - {paths: [/me], proxy: origin, session: user}
                      - {paths: [/sale], proxy: origin, room: onsale}
                      - {proxy: origin}

                    """,
                further: """
                    redis: {url: "redis://127.0.0.1:\(redis.port)"}
                    sessions: {store: redis, remember: 50ms, assertion_key: "\(key)"}
                    rooms: [{name: onsale, capacity: 2, rate: 100/s, session: 10m}]
                    """
            )
            // The key is the SHA-256 of `a-token`, so that whoever reads the store has no token.
            let name = "sess:1f6076e3a47ba1ded08025ffe06e57af217c14f9407f33fba50f99b1c7019387"
            let document = #"{"sub":"7","sid":"\#(name)","role":"user","exp":4102444800}"#
            let cookie = "Cookie: __Host-bmh_sid=a-token"
            #expect(try gateway.get("/me", [cookie]).status == 401)
            #expect(try redis.command("SET", name, document).contains("OK"))
            #expect(try eventually { try gateway.get("/me", [cookie]).status == 200 })
            #expect(
                try #require(origin.requests.last)["bmh-assertion"]?.split(separator: ".").count
                    == 3
            )
            #expect(try gateway.get("/me", ["Cookie: __Host-bmh_sid=another"]).status == 401)
            // Who came through a room is told of with a signature, too.
            let forged = "Bmh-Admission: forged"
            #expect(try gateway.get("/", [forged]).status == 200)
            #expect(try #require(origin.requests.last)["bmh-admission"] == nil)
            #expect(try gateway.get("/sale", [forged]).status == 200)
            #expect(
                try #require(origin.requests.last)["bmh-admission"]?.split(separator: ".").count
                    == 3
            )
            #expect(try redis.command("DEL", name).contains("1"))
            #expect(try eventually { try gateway.get("/me", [cookie]).status == 401 })
        }

        @Test func `A room for two is a room for two behind two gateways`() throws {
            let origin = try TestOrigin { request, connection in
                let isLast = request.target == "/sale/done"
                try connection.respond(200, isLast ? [("Waiting-Room-Command", "revoke")] : [])
            }
            let redis = try RedisProcess()
            let folder = try TemporaryFolder()
            let secret = try folder.write(
                String(repeating: "a secret of thirty-two bytes. ", count: 2),
                to: "secret"
            )
            let gateways = try (0..<2).map { _ in try Self.gateway(origin, redis, secret) }

            let first = try gateways[0].get("/sale/")
            #expect(first.status == 200)
            #expect(try gateways[1].get("/sale/").status == 200)
            let third = try gateways[0].get("/sale/")
            #expect(third.status == 503)
            #expect(try gateways[1].get("/sale/").status == 503)

            #expect(
                try gateways[1].get("/sale/seat", [Self.place(first)]).status == 200,
                "admitted on one, inside on both"
            )
            #expect(try gateways[1].get("/sale/done", [Self.place(first)]).status == 200)
            #expect(
                try eventually { try gateways[1].get("/sale/", [Self.place(third)]).status == 200 }
            )
            #expect(Set(origin.requests.compactMap { $0["x-waiting-room-session"] }).count == 3)
        }

        @Test func `Without its store a room admits nobody new, and those inside stay inside`()
            throws
        {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let folder = try TemporaryFolder()
            let secret = try folder.write(
                String(repeating: "a secret of thirty-two bytes. ", count: 2),
                to: "secret"
            )
            var redis: RedisProcess? = try RedisProcess()
            let gateway = try Self.gateway(origin, try #require(redis), secret)
            let inside = try gateway.get("/sale/")
            #expect(inside.status == 200)
            redis = nil
            let newcomer = try gateway.get("/sale/")
            #expect(newcomer.status == 503)
            #expect(newcomer["waiting-room"]?.contains("state=paused") == true)
            #expect(try gateway.get("/sale/seat", [Self.place(inside)]).status == 200)
            #expect(try gateway.get("/elsewhere").status == 200)
        }
    }
}
