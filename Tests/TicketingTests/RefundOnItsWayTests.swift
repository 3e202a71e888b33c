import Testing

@testable import Ticketing

/// Money that a bank has in hand.
struct RefundOnItsWayTests {
    @Test(arguments: Engine.tested)
    func `Money that is on its way keeps none waiting that is still to be sent, and is counted`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await RefundTests.paidOrder(fixture, [0])
        let payment = Int64(try await fixture.count("SELECT id FROM payments"))
        try await fixture.shop.database.write { connection in
            for number in 0..<80 {
                try connection.run(
                    """
                    INSERT INTO refunds(id, payment_id, order_id, amount, reason, state, provider_ref, due_at,
                      created_at) VALUES(?, ?, ?, 1, ?, 3, 're_bank', 0, 0)
                    """,
                    [number, payment, order.id, "by hand \(number)"]
                )
            }
        }
        try await fixture.giveBack(of: order, key: "all")
        let runner = fixture.shop.refundRunner
        #expect(try await runner.depth() == (1, 80, 0))
        let listing = try await fixture.listing()
        let figures = try await SalesBoard(shop: fixture.shop).figures(of: listing)
        #expect(figures.refundsOpen == order.total + 80)
        #expect(try await runner.work() == 1)
        #expect(try await runner.depth().waiting == 0)
    }

    @Test(arguments: Engine.tested)
    func `Money that is on its way for weeks waits for people, and may still arrive`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await RefundTests.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        let runner = RefundTests.runner(fixture, SaidOfRefunds(.onItsWay))
        #expect(try await runner.work() == 0)
        let database = fixture.shop.database
        try await database.write {
            try $0.run("UPDATE refunds SET attempts = \(RefundRunner.attemptLimit - 1)")
        }
        for count in [0, 1] {
            #expect(try await runner.dead().isEmpty, "\(count)")
            fixture.clock.advance(by: Span.hour)
            #expect(try await runner.work() == 0)
        }
        let dead = try #require(try await runner.dead().first)
        #expect(dead.error?.contains("too long") == true)
        let name = try await database.read {
            try $0.first("SELECT provider_ref FROM refunds") { try $0.text(0) }
        }
        let arrived = ProviderRefund(name: try #require(name), status: .returned)
        let (book, now) = (RefundBook(mint: fixture.shop.mint), fixture.clock.now)
        let heard = try await database.write {
            try book.hear(arrived, from: "sandbox", at: now, $0)
        }
        #expect(heard == .applied)
        #expect(try await fixture.reload(order).state == .refunded)
    }

    @Test(arguments: Engine.tested, [false, true])
    func `Money given up while it was on its way may arrive or fail, and what failed stays so`(
        engine: Engine,
        arrives: Bool
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await RefundTests.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        #expect(try await RefundTests.runner(fixture, SaidOfRefunds(.onItsWay)).work() == 0)
        let database = fixture.shop.database
        try await database.write { try $0.run("UPDATE refunds SET provider_ref = 'nobody'") }
        fixture.clock.advance(by: Span.hour)
        let runner = fixture.shop.refundRunner
        #expect(try await runner.work() == 0)
        #expect(try await runner.dead().map(\.attempts) == [RefundRunner.overdueMark])
        let (book, now) = (RefundBook(mint: fixture.shop.mint), fixture.clock.now)
        var told: [ProviderRefund.Status] = [.failed, .failed, .returned]
        var expected: [PaymentDesk.WebhookOutcome] = [.applied, .stale, .stale]
        if arrives {
            told.insert(.returned, at: 0)
            expected.insert(.applied, at: 0)
        }
        for (status, outcome) in zip(told, expected) {
            let said = ProviderRefund(name: "nobody", status: status)
            let heard = try await database.write {
                try book.hear(said, from: "sandbox", at: now, $0)
            }
            #expect(heard == outcome)
        }
    }

    @Test func `A provider that cannot be asked makes no money too old`() async throws {
        struct Away: Error {}
        let fixture = try await ShopFixture()
        let order = try await RefundTests.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        #expect(try await RefundTests.runner(fixture, SaidOfRefunds(.onItsWay)).work() == 0)
        try await fixture.shop.database.write {
            try $0.run("UPDATE refunds SET attempts = \(RefundRunner.attemptLimit)")
        }
        let runner = RefundRunner(
            database: fixture.shop.database,
            provider: AlteredProvider(
                company: fixture.shop.refundRunner.provider,
                beforeFetch: { _ in throw Away() }
            ),
            mint: fixture.shop.mint,
            clock: fixture.clock.wallClock,
            metrics: fixture.shop.metrics
        )
        for _ in 0..<2 {
            fixture.clock.advance(by: Span.hour)
            #expect(try await runner.work() == 0)
        }
        #expect(try await runner.depth() == (0, 1, 0))
        let attempts = try await fixture.count("SELECT attempts FROM refunds")
        #expect(attempts == RefundRunner.attemptLimit)
    }
}
