import Testing

@testable import Ticketing

struct RetentionTests {
    @Test(arguments: Engine.tested)
    func `Messages about payments and the audit are kept for as long as was said, and no longer`(
        engine: Engine
    ) async throws {
        var settings = ShopFixture.settings
        settings.retention.audit = 30 * Span.day
        settings.retention.paymentEvents = 20 * Span.day
        let fixture = try await ShopFixture(on: engine, settings: settings)
        let now = fixture.clock.now
        try await fixture.shop.database.write { connection in
            // More than two transactions take, many of them of one moment.
            for number in 0..<450 {
                let at = now - Milliseconds(number / 3)
                try connection.run(
                    "INSERT INTO audit(id, actor, action, entity, data, at) VALUES(?, 'a', 'b', 'c', '', ?)",
                    [number, at]
                )
                try connection.run(
                    """
                    INSERT INTO payment_events(provider, event_ref, received_at, payload, outcome)
                    VALUES('p', ?, ?, '', '')
                    """,
                    ["evt_\(number)", at]
                )
            }
        }
        fixture.clock.advance(by: 20 * Span.day)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM payment_events") == 3)
        fixture.clock.advance(by: 1)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM payment_events") == 0)
        #expect(try await fixture.count("SELECT COUNT(*) FROM audit") == 450)
        fixture.clock.advance(by: 10 * Span.day)
        let before = fixture.shop.database.statistics.writeCount
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM audit") == 0)
        #expect(fixture.shop.database.statistics.writeCount - before >= 3 + 6, "not all at once")
    }

    @Test func `What is kept by default outlasts a dispute and an audit`() {
        #expect(Retention().paymentEvents > 540 * Span.day)
        #expect(Retention().audit >= 2 * 365 * Span.day)
    }

    @Test func `Everything that is forgotten by its age is found by an index`() async throws {
        let fixture = try await ShopFixture()
        for (table, column) in [
            ("idempotency", "created_at"), ("sessions", "expires_at"), ("effects", "at"),
            ("user_tokens", "expires_at"), ("payment_events", "received_at"), ("audit", "at"),
        ] {
            let plan = try await fixture.shop.database.read { connection in
                try connection.rows(
                    "EXPLAIN QUERY PLAN SELECT \(column) FROM \(table) WHERE \(column) < ? ORDER BY \(column)",
                    [1]
                ) { try $0.text(3) }
            }
            #expect(plan.contains { $0.contains("INDEX ix_\(table)") }, "\(table): \(plan)")
        }
    }
}
