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

    @Test(arguments: Engine.tested)
    func `Jobs that were given up are kept for as long as was said, those that wait for ever`(
        engine: Engine
    ) async throws {
        var settings = ShopFixture.settings
        settings.retention.deadJobs = 5 * Span.day
        let fixture = try await ShopFixture(on: engine, settings: settings)
        let now = fixture.clock.now
        try await fixture.shop.database.write { connection in
            for kind in 0...2 {
                try Outbox.add(.mailReset, "a@b.pt", id: Int64(kind), dueAt: now, at: 0, connection)
            }
        }
        try await fixture.shop.database.write { try $0.run("UPDATE outbox SET kind = id") }
        fixture.clock.advance(by: 5 * Span.day)
        try await fixture.shop.purge.run()
        #expect(try await fixture.shop.jobs.dead().map(\.id) == [2])
        fixture.clock.advance(by: 1)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox") == 2)
        #expect(try await fixture.shop.jobs.dead().isEmpty)
    }

    @Test(arguments: Engine.tested)
    func `What the sandbox knows is kept for as long as its messages are`(engine: Engine)
        async throws
    {
        var settings = ShopFixture.settings
        settings.retention.paymentEvents = 20 * Span.day
        let fixture = try await ShopFixture(on: engine, settings: settings)
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        let open = try await fixture.order(try await fixture.hold([1]))
        _ = try await fixture.startPayment(open)
        try await fixture.giveBack(of: order, byBuyer: false)
        #expect(try await fixture.shop.refundRunner.work() == 1)
        let rows = """
            SELECT (SELECT COUNT(*) FROM sandbox_intents) + (SELECT COUNT(*) FROM sandbox_refunds)
            """
        fixture.clock.advance(by: 20 * Span.day)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count(rows) == 3)
        fixture.clock.advance(by: 1)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count(rows) == 0)
        #expect(try await fixture.reload(order).state == .refunded)
    }

    @Test(arguments: Engine.tested)
    func `Accounts that nobody confirmed are forgotten, unless they ordered or are signed in`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let shop = fixture.shop
        var accounts: [Account] = []
        for name in ["ana", "bea", "cleo", "dora"] {
            let email = try #require(EmailAddress("\(name)@example.com"))
            try await shop.accounts.register(
                Applicant(email: email, name: name, password: ShopFixture.password)
            )
            accounts.append(
                try await shop.accounts.authenticate(email, password: ShopFixture.password)
            )
        }
        let (confirmed, buyer, user) = (accounts[1].id, accounts[2].id, accounts[3])
        try await shop.database.write {
            try $0.run("UPDATE users SET verified_at = 1 WHERE id = ?", [confirmed])
        }
        let session = Identity(userId: buyer, sessionId: Token.hash("cleo"), role: .user)
        let visitor = Visitor(identity: session)
        _ = try await fixture.order(try await fixture.hold([0], for: visitor), for: visitor)
        fixture.clock.advance(by: 8 * Span.day)
        _ = try await shop.sessions.begin(user)
        try await shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM users") == 4)
        fixture.clock.advance(by: 1)
        try await shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM user_tokens") == 0)
        #expect(try await fixture.count("SELECT COUNT(*) FROM users") == 3)
        let forgotten = try await shop.accounts.account(id: accounts[0].id)
        #expect(forgotten?.id == nil)
    }

    @Test func `What is kept by default outlasts a dispute and an audit`() {
        #expect(Retention().paymentEvents > 540 * Span.day)
        #expect(Retention().audit >= 2 * 365 * Span.day)
        #expect(Retention().deadJobs >= 30 * Span.day)
    }

    @Test func `Everything that is forgotten by its age is found by an index`() async throws {
        let fixture = try await ShopFixture()
        for (table, column) in [
            ("idempotency", "created_at"), ("sessions", "expires_at"), ("effects", "at"),
            ("user_tokens", "expires_at"), ("payment_events", "received_at"), ("audit", "at"),
            ("sandbox_intents", "created_at"), ("sandbox_refunds", "created_at"),
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
