import Foundation
import Support
import Testing

extension Stories {
    @Suite(.haniel)
    struct RateLimitTests {
        private static func gateway(rate: String, burst: Int, key: String = "client") throws -> (
            GatewayProcess, TestOrigin
        ) {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes:
                    "  - paths: [\"/login\"]\n    proxy: origin\n    limits: [login]\n  - proxy: origin\n",
                further:
                    "rate_limits:\n  - {name: login, rate: \"\(rate)\", burst: \(burst), key: \"\(key)\"}\n"
            )
            return (gateway, origin)
        }

        @Test func `Beyond the burst the answer is 429 and the origin sees nothing`() throws {
            let (gateway, origin) = try Self.gateway(rate: "2/m", burst: 3)
            for _ in 0..<3 { #expect(try gateway.get("/login").status == 200) }
            let refused = try gateway.get("/login")
            #expect(refused.status == 429)
            #expect(refused["ratelimit"]?.contains("r=0") == true)
            #expect(refused["ratelimit-policy"]?.contains("\"login\"") == true)
            #expect(origin.requests.count == 3)
            #expect(try gateway.get("/elsewhere").status == 200, "other routes are not limited")
        }

        @Test func `Retry-After is true: the first retry after it is accepted`() throws {
            let (gateway, _) = try Self.gateway(rate: "30/m", burst: 1)
            #expect(try gateway.get("/login").status == 200)
            let refused = try gateway.get("/login")
            #expect(refused.status == 429)
            let seconds = try #require(refused["retry-after"].flatMap(Int.init))
            #expect((1...2).contains(seconds))
            pause(.seconds(seconds))
            #expect(try gateway.get("/login").status == 200)
        }

        @Test func `Each value of a header has its own limit`() throws {
            let (gateway, _) = try Self.gateway(rate: "1/m", burst: 1, key: "header:X-Api-Key")
            #expect(try gateway.get("/login", ["X-Api-Key: a"]).status == 200)
            #expect(try gateway.get("/login", ["X-Api-Key: a"]).status == 429)
            #expect(try gateway.get("/login", ["X-Api-Key: b"]).status == 200)
        }

        @Test func `Each country has a limit of its own`() throws {
            let folder = try TemporaryFolder()
            var places = LocationFile()
            places.add([192, 0, 2, 0], length: 24, country: "AT")
            places.add([198, 51, 100, 0], length: 24, country: "CH")
            try Data(places.bytes).write(to: URL(filePath: folder.file("places.mmdb")))
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let gateway = try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n    limits: [country]\n",
                further: """
                    client_address: {trusted: [127.0.0.1]}
                    geoip: {database: "\(folder.file("places.mmdb"))"}
                    rate_limits:
                      - {name: country, rate: 1/m, burst: 1, key: country}

                    """
            )
            func status(_ client: String) throws -> Int? {
                try gateway.get("/", ["X-Forwarded-For: \(client)"]).status
            }
            #expect(try status("192.0.2.1") == 200)
            #expect(try status("192.0.2.99") == 429, "another client of the same country")
            #expect(try status("198.51.100.7") == 200)
            #expect(try status("203.0.113.1") == 200, "no country: counted by its client")
            #expect(try status("203.0.113.2") == 200)
            #expect(try status("203.0.113.2") == 429)
        }

        @Test func `Another spelling of a path has the same limit`() throws {
            let (gateway, _) = try Self.gateway(rate: "1/m", burst: 1)
            #expect(try gateway.get("/login").status == 200)
            #expect(try gateway.get("/%6Cogin").status == 429)
            #expect(try gateway.get("/a/../login").status == 429)
        }
    }
}
