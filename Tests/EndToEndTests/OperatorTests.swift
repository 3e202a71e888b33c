import Foundation
import Support
import Testing

extension Stories {
    /// What whoever runs a gateway reads and asks.
    @Suite(.haniel)
    struct OperatorTests {
        private static func gateway(_ further: String = "") throws -> GatewayProcess {
            let origin = try TestOrigin { _, connection in try connection.respond() }
            return try GatewayProcess(
                origin: origin,
                routes: "  - proxy: origin\n",
                further: further
            )
        }

        @Test func `What is wrong with a reload is told in lines of the log, and nothing changes`()
            throws
        {
            let gateway = try Self.gateway()
            try gateway.reload { $0.replacing("routes:", with: "rotues: 1\nroutes:") }
            #expect(gateway.logs("output", "\"reload refused", "haniel.yaml:", "rotues", "HN0101"))
            #expect(gateway.logs("output", "\"reload refused", "did you mean `routes`?"))
            let lines = gateway.folder.read("output").split(separator: "\n")
                .drop { !$0.contains("\"ready\"") }
            #expect(lines.count >= 2 && lines.allSatisfy { $0.hasPrefix("{") })
            #expect(try gateway.get("/").status == 200)
            #expect(try gateway.figure("haniel_config_last_reload_success") == 0)
        }

        @Test func `Certificates in force say when they expire`() throws {
            let gateway = try Self.gateway()
            let name = "haniel_tls_certificate_not_after_timestamp_seconds"
            let label = "{certificate=\"\(gateway.folder.file("server.pem"))\"}"
            let expiry = try #require(try gateway.figure(name + label))
            let now = Int(Date().timeIntervalSince1970)
            #expect((now..<now + 100 * 366 * 86_400).contains(expiry))
            let text = try Tool.run(
                "openssl",
                [
                    "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in",
                    gateway.folder.file("server.pem"),
                ]
            ).text
            let end = Date(timeIntervalSince1970: TimeInterval(expiry)).formatted(.iso8601)
            #expect(text.contains(end.replacing("T", with: " ")))
        }

        @Test
        func `Rooms are changed by tools, and by pages of this machine and of listed origins`()
            throws
        {
            let gateway = try Self.gateway(
                "\nrooms:\n  - {name: onsale, paths: [\"/sale/*\"], capacity: 1}\n"
            )
            func change(_ origin: String?) throws -> Int {
                let wire = try Loopback.connect(port: gateway.adminPort)
                let field = origin.map { "Origin: \($0)\r\n" } ?? ""
                try wire.send(
                    "POST /rooms/onsale?capacity=2 HTTP/1.1\r\nHost: a\r\n\(field)"
                        + "X-Haniel-Operator: tests\r\nContent-Length: 0\r\n\r\n"
                )
                return try wire.receiveResponse().status
            }
            let own = [
                "http://127.0.0.1:9900", "http://[::1]:9900", "http://[::1]",
                "http://localhost:9900",
            ]
            for origin in [nil] + own { #expect(try change(origin) == 200, "\(origin ?? "none")") }
            let desk = "https://desk.example"
            let foreign = [
                desk, "http://localhost.example", "http://evil.example:9900", "null", "http://",
            ]
            for origin in foreign { #expect(try change(origin) == 403, "\(origin)") }
            try gateway.reload {
                $0.replacing("admin:\n", with: "admin:\n  origins: [\"\(desk)\"]\n")
            }
            #expect(try eventually { try change(desk) == 200 })
            #expect(try change("http://evil.example:9900") == 403)
        }

        @Test func `The log names the trace of a request that has one`() throws {
            let gateway = try Self.gateway()
            let id = "4bf92f3577b34da6a3ce929d0e0e4736"
            _ = try gateway.get("/with", ["traceparent: 00-\(id)-00f067aa0ba902b7-01"])
            _ = try gateway.get(
                "/wrong",
                ["traceparent: 00-\(id.uppercased())-00f067aa0ba902b7-01"]
            )
            _ = try gateway.get("/without")
            #expect(gateway.logs("access.log", "/with\"", "\"trace.id\":\"\(id)\""))
            #expect(gateway.logs("access.log", "/without\""))
            let count = gateway.folder.read("access.log").components(separatedBy: "trace.id").count
            #expect(count == 2)
        }
    }
}
