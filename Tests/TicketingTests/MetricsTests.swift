import Foundation
import Support
import Testing

@testable import Ticketing

struct MetricsTests {
    private static func served() async throws -> String {
        var text = ""
        try await RunningShop.run { shop in
            _ = try await shop.client.get("/api/v1/events")
            text = try await shop.gateway.get("/metrics").body
        }
        return text
    }

    @Test func `Every metric has help and its true type`() async throws {
        let lines = try await Self.served().split(separator: "\n").map(String.init)
        let types = lines.filter { $0.hasPrefix("# TYPE ") }
        #expect(types.count > 10)
        for type in types {
            let words = type.split(separator: " ").map(String.init)
            let (name, kind) = (words[2], words[3])
            #expect((kind == "counter") == name.hasSuffix("_total"), "\(type)")
            #expect(lines.contains { $0.hasPrefix("# HELP \(name) ") && $0.hasSuffix(".") })
        }
        let gauges = types.filter { $0.hasSuffix(" gauge") }.joined()
        for name in [
            "jobs_waiting", "jobs_dead", "refunds_dead", "refunds_on_their_way", "live_viewers",
            "writes_waiting",
        ] {
            #expect(gauges.contains("bookme_\(name) "))
        }
    }

    @Test(.enabled(if: Tool.exists("promtool"), "prometheus is not installed"))
    func `Prometheus' own check finds nothing`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(try await Self.served(), to: "metrics")
        let script = "exec promtool check metrics <\(folder.file("metrics"))"
        let check = try Tool.run("sh", ["-c", script])
        #expect(check.status == 0 && check.text.isEmpty, "\(check.text)")
    }

    @Test(arguments: Engine.tested)
    func `What is to happen later does not wait, and what is due grows old`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        _ = try await JobTests.buy(fixture)
        let jobs = fixture.shop.jobs
        fixture.clock.advance(by: 90 * Span.second)
        #expect(try await jobs.depth() == .init(waiting: 1, oldestDue: 90 * Span.second))
        _ = try await jobs.work()
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox") == 1)
        #expect(try await jobs.depth() == .init())
        try await fixture.shop.database.write {
            try $0.run("UPDATE outbox SET kind = 2")
        }
        #expect(try await jobs.depth() == .init(dead: 1))
    }

    @Test(arguments: [(0, 1), (1, 0)])
    func `A job that was handed out waits until somebody begins it`(begun: Int, waiting: Int)
        async throws
    {
        let fixture = try await ShopFixture()
        _ = try await JobTests.buy(fixture)
        let lease = fixture.clock.now + 30 * Span.second
        try await fixture.shop.database.write {
            try $0.run(
                "UPDATE outbox SET kind = 1, begun = ?, due_at = ? WHERE topic = 'mail.tickets'",
                [begun, lease]
            )
        }
        #expect(try await fixture.shop.jobs.depth() == .init(waiting: waiting))
    }

    @Test(.enabled(if: MariaDBServer.isInstalled, "mariadb-server is not installed"))
    func `With the database away what it holds is absent, and that is said`() async throws {
        let fixture = try await ShopFixture(on: .mariadb)
        let before = await fixture.shop.figures()
        #expect(before.contains(Figure(name: "bookme_database_up", kind: .gauge, value: 1)))
        #expect(before.contains { $0.name == "bookme_jobs_dead" })
        try fixture.shop.database.close()
        let after = await fixture.shop.figures()
        #expect(after.contains(Figure(name: "bookme_database_up", kind: .gauge, value: 0)))
        #expect(!after.contains { $0.name.hasPrefix("bookme_jobs") })
        #expect(!after.contains { $0.name.hasPrefix("bookme_refunds") })
    }
}
