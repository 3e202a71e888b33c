import Synchronization
import Testing

@testable import Ticketing

/// Money of which nobody tells the shop, and money that comes too late.
struct LostMoneyTests {
    @Test(arguments: Engine.tested)
    func `Money whose message is lost is found though its order ended, before or after it came`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let shop = fixture.shop
        let before = try await fixture.order(try await fixture.hold([0]))
        try await shop.till.pay(try await fixture.startPayment(before), with: .silent)
        #expect(try await shop.orders.close(before.id, .cancelled))
        _ = try await shop.jobs.work()
        #expect(try await fixture.reload(before).state == .paid)

        let after = try await fixture.order(try await fixture.hold([1]))
        let intent = try await fixture.startPayment(after)
        #expect(try await shop.orders.close(after.id, .cancelled))
        _ = try await shop.jobs.work()
        fixture.clock.advance(by: Span.hour)
        #expect(try await shop.payments.reconcile() == 0)
        #expect(try await fixture.reload(after).state == .cancelled)
        try await shop.database.write {
            try $0.run("UPDATE sandbox_intents SET state = 'succeeded' WHERE ref = ?", [intent])
        }
        #expect(try await shop.payments.reconcile() == 0, "it was asked about just now")
        fixture.clock.advance(by: Span.hour)
        #expect(try await shop.payments.reconcile() == 1)
        #expect(try await fixture.reload(after).state == .paid)
    }

    /// A payment that was called off is asked about again after five minutes, then after twice as long, and so on; one
    /// of which the provider has said its last word once.
    @Test(arguments: Engine.tested, [(false, 7), (true, 1)])
    func `A payment that ended is asked about more and more seldom, and after a week no more`(
        engine: Engine,
        told: (isFinal: Bool, count: Int)
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        _ = try await fixture.startPayment(order)
        #expect(try await fixture.shop.orders.close(order.id, .cancelled))
        let count = Mutex(0)
        let desk = PaymentDesk(
            database: fixture.shop.database,
            provider: AlteredProvider(
                company: fixture.shop.payments.provider,
                beforeFetch: { _ in count.withLock { $0 += 1 } },
                isFinal: told.isFinal
            ),
            orders: fixture.shop.orders,
            mint: fixture.shop.mint,
            clock: fixture.clock.wallClock,
            metrics: fixture.shop.metrics,
            ownClock: fixture.clock.wallClock
        )
        for _ in 0..<96 {
            fixture.clock.advance(by: 5 * Span.minute)
            _ = try await desk.reconcile()
        }
        #expect(count.withLock { $0 } == told.count, "after 5, 10, 20, 40, 80, 160, 320 minutes")
        fixture.clock.advance(by: 7 * Span.day)
        _ = try await desk.reconcile()
        #expect(count.withLock { $0 } == told.count)
    }

    @Test(arguments: Engine.tested)
    func `A lost message is found also behind hundreds of payments that are still at their page`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await fixture.shop.database.write { connection in
            for number in 0..<250 {
                try connection.run(
                    """
                    INSERT INTO payments(id, order_id, provider, intent_ref, state, amount, currency, live_order,
                      created_at) VALUES(?, ?, 'sandbox', ?, 1, 100, 'EUR', NULL, 1)
                    """,
                    [number + 1, number + 1, "pi_\(number)"]
                )
            }
        }
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .silent)
        fixture.clock.advance(by: 2 * Span.minute)
        var moved: [Int] = []
        for _ in 0..<3 {
            moved.append(try await fixture.shop.payments.reconcile())
            fixture.clock.advance(by: 5 * Span.second)
        }
        #expect(moved == [0, 0, 1])
        #expect(try await fixture.reload(order).state == .paid)
    }

    @Test(arguments: Engine.tested)
    func `Late money for an event that has begun goes back, though its seats be free`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let intent = try await fixture.startPayment(order)
        #expect(try await fixture.shop.orders.close(order.id, .cancelled))
        fixture.clock.advance(by: 32 * Span.day)
        try await fixture.shop.till.pay(intent, with: .accepted)
        #expect(try await fixture.reload(order).state == .refundDue)
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.reload(order).state == .refunded)
    }
}
