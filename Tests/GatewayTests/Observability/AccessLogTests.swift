import Foundation
import HTTP
import Support
import Testing
import Transport

@testable import Gateway

@Suite struct AccessLogTests {
    /// The lines that a body writes, as objects.
    private static func lines(
        _ body: @escaping @Sendable (AccessLog, Reactor) async throws -> Void
    ) async throws -> [[String: Any]] {
        let folder = try TemporaryFolder()
        let file = try #require(LogFile(path: folder.file("access")))
        try await onReactor { reactor in
            let date = DateField()
            date.refresh(reactor.now)
            let log = AccessLog(file: file, date: date)
            try await body(log, reactor)
            log.handOver()
        }
        file.drain()
        let text = folder.read("access")
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                "\(line)"
            )
        }
    }

    @Test func `A line tells the exchange in the words of ECS`() async throws {
        let lines = try await Self.lines { log, reactor in
            let request = ["User-Agent: curl/8", "Referer: https://example.com/"]
            let scene = try await ExchangeScene.make(
                "GET /a/../b?q=1&x=%22 HTTP/1.1",
                request,
                on: reactor
            )
            let exchange = scene.exchange
            exchange.client = try #require(IPAddress("203.0.113.9"))
            exchange.session = Session(subject: "7", id: "abc", role: "user", expiresAt: 1)
            exchange.trace.server = ServerState(name: "app:8080", address: .unix(path: "/x"))
            exchange.trace.attempts = 2
            exchange.trace.sentBytes = 512
            exchange.trace.reason = "rule-1"
            exchange.trace.detail = "said \"no\"\n"
            exchange.trace.cacheStatus = "fwd=miss"
            log.write(exchange, status: 403, at: exchange.startedAt.advanced(by: .milliseconds(3)))
        }
        let line = try #require(lines.first)
        let expected: [String: AnyHashable] = [
            "ecs.version": "9.0.0", "event.dataset": "haniel.access", "event.duration": 3_000_000,
            "http.request.method": "GET", "http.version": "1.1", "url.domain": "example.com",
            "url.path": "/b",
            "url.query": "q=1&x=%22", "source.ip": "192.0.2.1", "client.ip": "203.0.113.9",
            "user_agent.original": "curl/8", "http.request.referrer": "https://example.com/",
            "http.response.status_code": 403, "http.response.body.bytes": 512,
            "server.address": "app:8080",
            "haniel.upstream.attempts": 2, "user.id": "7", "event.reason": "rule-1",
            "error.message": "said \"no\"\n", "haniel.cache.status": "fwd=miss",
            "http.request.id": "80000000000000008000000000000005",
        ]
        for (key, value) in expected { #expect(line[key] as? AnyHashable == value, "\(key)") }
        #expect(line["haniel.upstream.reused"] as? Bool == false)
        let time = try #require(line["@timestamp"] as? String)
        let parsed = try #require(
            try? Date(
                time,
                strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)
            )
        )
        #expect(abs(parsed.timeIntervalSinceNow) < 3600)
        #expect(lines.count == 1)
    }

    @Test func `What is not there is left out`() async throws {
        let lines = try await Self.lines { log, reactor in
            let exchange = try await ExchangeScene.make("GET / HTTP/1.1", on: reactor).exchange
            log.write(exchange, status: 200, at: reactor.now)
        }
        let line = try #require(lines.first)
        for key in [
            "url.query", "client.ip", "user_agent.original", "user.id", "server.address",
            "tls.version",
            "error.message",
        ] {
            #expect(line[key] == nil, "\(key)")
        }
    }

    @Test func `Hostile bytes stay inside their value`() async throws {
        let lines = try await Self.lines { log, reactor in
            let agent =
                "User-Agent: \"}\t{\"x\":\"\\ \u{E9}\u{1F3AB}"
                + String(repeating: "\"", count: 3000)
            let exchange = try await ExchangeScene.make(
                "GET /%22%0A?\"{} HTTP/1.1",
                [agent],
                on: reactor
            ).exchange
            log.write(exchange, status: 200, at: reactor.now)
        }
        #expect(lines.count == 1)
        #expect(
            (lines.first?["user_agent.original"] as? String)?.hasPrefix("\"}\t{\"x\":\"\\ ") == true
        )
    }

    @Test(arguments: [true, false])
    func `However many lines come between two ticks, each is whole`(_ isRefusal: Bool) async throws {
        let lines = try await Self.lines { log, reactor in
            let agent = "User-Agent: " + String(repeating: "\"", count: 400)
            let exchange = try await ExchangeScene.make("GET / HTTP/1.1", [agent], on: reactor)
                .exchange
            for _ in 0..<6000 {
                if isRefusal {
                    log.writeRefused(
                        exchange,
                        failure: .client(.badHead(.badHost)),
                        at: reactor.now
                    )
                } else {
                    log.write(exchange, status: 200, at: reactor.now)
                }
            }
        }
        #expect(lines.count == 6000)
        #expect(
            lines.allSatisfy { $0["http.response.status_code"] as? Int == (isRefusal ? 400 : 200) }
        )
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00"), (1_000_000_000, "2001-09-09T01:46:40"),
        (951_782_400, "2000-02-29T00:00:00"),
        (4_102_444_799, "2099-12-31T23:59:59"), (-1, "1969-12-31T23:59:59"),
    ])
    func `Times are written by RFC 3339`(_ seconds: Int, _ expected: String) {
        #expect(Timestamp.text(seconds: seconds) == expected)
    }

    @Test func `A log that was moved away is written anew when it is reopened`() throws {
        let folder = try TemporaryFolder()
        let file = try #require(LogFile(path: folder.file("log")))
        file.append(Array("one\n".utf8))
        file.drain()
        try FileManager.default.moveItem(atPath: folder.file("log"), toPath: folder.file("old"))
        file.reopen()
        file.append(Array("two\n".utf8))
        file.drain()
        #expect(folder.read("old") == "one\n")
        #expect(folder.read("log") == "two\n")
        #expect(LogFile(path: folder.file("no/such/folder")) == nil)
    }

    /// A descriptor closed while its writer is busy is soon another file's, or somebody's socket.
    @Test func `No line is lost or goes astray while logs are reopened`() throws {
        let folder = try TemporaryFolder()
        let file = try #require(LogFile(path: folder.file("log")))
        let other = try folder.write("", to: "other")
        let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: 16 << 20)
        for _ in 0..<3 { file.append(lines) }
        // The second piece is being written now, or is about to be, and the third will be.
        while Self.size(folder.file("log")) <= lines.count {}
        file.reopen()
        let handle = try FileHandle(forWritingTo: URL(filePath: other))
        #expect(eventually { Self.size(folder.file("log")) + Self.size(other) == 3 * lines.count })
        #expect(Self.size(other) == 0)
        try handle.close()
    }

    private static func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}
