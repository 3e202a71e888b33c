import Support
import Synchronization
import Testing
import Transport

@testable import Ticketing

struct PaymentTests {
    @Test(arguments: Engine.tested) func `A message delivered twenty times at once pays once`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let intent = try await fixture.startPayment(order)
        let message = fixture.message("evt_1", .succeeded, intent: intent, amount: order.total)
        let outcomes = try await withThrowingTaskGroup(of: PaymentDesk.WebhookOutcome.self) {
            group in
            for _ in 0..<20 {
                group.addTask {
                    try await fixture.shop.payments.receive(
                        message.body,
                        signature: message.signature
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .applied }.count == 1)
        #expect(outcomes.filter { $0 == .duplicate }.count == 19)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets") == 2)
        #expect(try await fixture.count("SELECT COUNT(*) FROM order_log WHERE to_state = 1") == 1)
    }

    @Test(arguments: Engine.tested) func `Messages in the wrong order come to the same end`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        let intent = try await fixture.startPayment(order)
        let steps: [(ProviderOutcome, PaymentDesk.WebhookOutcome)] = [
            (.succeeded, .applied), (.processing, .stale), (.failed, .stale), (.succeeded, .stale),
        ]
        for (number, step) in steps.enumerated() {
            let message = fixture.message(
                "evt_\(number)",
                step.0,
                intent: intent,
                amount: order.total
            )
            let outcome = try await fixture.shop.payments.receive(
                message.body,
                signature: message.signature
            )
            #expect(outcome == step.1)
        }
        #expect(try await fixture.reload(order).state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 0)
    }

    @Test(arguments: Engine.tested)
    func `Another amount or currency is kept but never taken as paid`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        let intent = try await fixture.startPayment(order)
        let less = fixture.message("evt_1", .succeeded, intent: intent, amount: order.total - 1)
        let yen = fixture.message(
            "evt_2",
            .succeeded,
            intent: intent,
            amount: order.total,
            currency: "JPY"
        )
        for message in [less, yen] {
            let outcome = try await fixture.shop.payments.receive(
                message.body,
                signature: message.signature
            )
            #expect(outcome == .mismatch)
        }
        #expect(try await fixture.reload(order).state == .pending)
        #expect(
            try await fixture.count(
                "SELECT COUNT(*) FROM payment_events WHERE outcome = 'mismatch'"
            ) == 2
        )
    }

    @Test(arguments: Engine.tested)
    func `A message about a payment that nobody started is kept and changes nothing`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let message = fixture.message("evt_1", .succeeded, intent: "pi_unknown", amount: 1)
        let outcome = try await fixture.shop.payments.receive(
            message.body,
            signature: message.signature
        )
        #expect(outcome == .unknown)
    }

    /// Headers made from a good one; each must be refused.
    enum Forgery: String, CaseIterable, Sendable {
        case missing, empty, otherKey, otherBody, oldTimestamp, futureTimestamp, noTimestamp,
            noCode, halfCode, huge
    }

    @Test(arguments: Forgery.allCases)
    func `A message that the provider did not send, or sent long ago, changes nothing`(
        forgery: Forgery
    ) async throws {
        let fixture = try await ShopFixture()
        let order = try await fixture.order(try await fixture.hold([0]))
        let intent = try await fixture.startPayment(order)
        var (body, header) = fixture.message(
            "evt_1",
            .succeeded,
            intent: intent,
            amount: order.total
        )
        let signature = WebhookSignature(key: fixture.shop.secrets.sandboxWebhook)
        var sent: String? = header
        switch forgery {
        case .missing: sent = nil
        case .empty: sent = ""
        case .otherKey:
            sent = WebhookSignature(key: HMACKey([1, 2, 3])).header(
                for: body,
                at: fixture.clock.now
            )
        case .otherBody: body.append(32)
        case .oldTimestamp:
            sent = signature.header(for: body, at: fixture.clock.now - 301 * Span.second)
        case .futureTimestamp:
            sent = signature.header(for: body, at: fixture.clock.now + 301 * Span.second)
        case .noTimestamp: sent = header.split(separator: ",").last.map(String.init)
        case .noCode: sent = header.split(separator: ",").first.map(String.init)
        case .halfCode: sent = String(header.dropLast(32))
        case .huge: header += String(repeating: ",v1=00", count: 60)
        }
        if forgery == .huge { sent = header }
        await #expect(throws: Problem.badSignature) {
            try await fixture.shop.payments.receive(body, signature: sent)
        }
        #expect(try await fixture.reload(order).state == .pending)
        #expect(try await fixture.count("SELECT COUNT(*) FROM payment_events") == 0)
    }

    @Test(arguments: Engine.tested)
    func `A card used again settles what a server that died had not told the shop`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let intent = try await fixture.startPayment(order)
        let till = fixture.shop.till
        let dying = SandboxTill(
            database: till.database,
            clock: till.clock,
            signature: till.signature
        ) { _, _ in false }
        try await dying.pay(intent, with: .accepted)
        #expect(try await fixture.reload(order).state == .pending)
        try await till.pay(intent, with: .accepted)
        #expect(try await fixture.reload(order).state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM sandbox_deliveries") == 0)
    }

    @Test(arguments: Engine.tested) func `Late money buys the same seats when they are still free`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let intent = try await fixture.startPayment(order)
        fixture.clock.advance(by: 15 * Span.minute)
        _ = try await fixture.shop.sweeper.sweep()
        let message = fixture.message("evt_1", .succeeded, intent: intent, amount: order.total)
        #expect(
            try await fixture.shop.payments.receive(message.body, signature: message.signature)
                == .applied
        )
        #expect(try await fixture.reload(order).state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE state = 2") == 2)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 2)
    }

    @Test(arguments: Engine.tested) func `Late money goes back when one of the seats has gone`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let intent = try await fixture.startPayment(order)
        fixture.clock.advance(by: 15 * Span.minute)
        _ = try await fixture.shop.sweeper.sweep()
        _ = try await fixture.hold([1], for: ShopFixture.guest("rui"))
        try await fixture.shop.till.pay(intent, with: .accepted)
        #expect(try await fixture.reload(order).state == .refundDue)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets") == 0)
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.shop.refundRunner.work() == 0)
        let refunded = try await fixture.reload(order)
        #expect(refunded.state == .refunded)
        #expect(refunded.refunded == order.total)
        #expect(try await fixture.count("SELECT refunded FROM sandbox_intents") == 9500)
    }

    /// Two processes with four writers each, so that on an engine with several writers some of the tabs always find
    /// that there is no attempt yet while another is about to write one.
    @Test(arguments: Engine.tested) func `Many tabs at once share one attempt`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        for seat in 0..<8 {
            let guest = ShopFixture.guest("\(seat)")
            let order = try await fixture.order(
                try await fixture.hold([seat], for: guest),
                for: guest,
                email: "\(seat)@example.com"
            )
            let attempts = try await withThrowingTaskGroup(of: String.self) { group in
                for tab in 0..<24 {
                    let desk = tab.isMultiple(of: 2) ? fixture.shop.payments : other.payments
                    group.addTask { try await ShopFixture.startPayment(order, desk) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(attempts.count == 1)
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM payments") == 8)
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `An order that ends while an attempt begins leaves no attempt that somebody could pay`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        for seat in 0..<8 {
            let order = try await fixture.order(try await fixture.hold([seat]))
            async let intent = try? fixture.startPayment(order)
            async let cancelled = other.orders.close(order.id, .cancelled)
            #expect(try await cancelled)
            let begun = await intent
            _ = try await fixture.shop.jobs.work()
            if let begun {
                #expect(try await fixture.shop.payments.provider.fetch(begun)?.outcome == .failed)
            }
        }
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM payments WHERE live_order > 0") == 0
        )
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM sandbox_intents WHERE state = 'waiting'")
                == 0
        )
        try other.database.close()
    }

    /// What others have written and not committed is not to be seen on an engine with several writers; what they have
    /// locked is waited for.
    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `A payment waits for whoever has the order, and begins none if they end it`() async throws {
        let fixture = try await ShopFixture(on: .mariadb)
        let other = try fixture.otherProcess()
        let order = try await fixture.order(try await fixture.hold([0]))
        let now = fixture.clock.now
        let starting = try await fixture.shop.database.write { connection in
            let ended = Atomic(false)
            let seized = try #require(try OrderRows.seize(id: order.id, connection))
            #expect(try OrderRows.advance(seized, .cancelled, at: now, connection))
            let starting = Task {
                defer { ended.store(true, ordering: .relaxed) }
                return try await ShopFixture.startPayment(order, other.payments)
            }
            let waits = eventually(within: Patience.long) {
                connection.hasWaiters || ended.load(ordering: .relaxed)
            }
            #expect(waits)
            return starting
        }
        await #expect(throws: Problem.orderClosed) { try await starting.value }
        #expect(try await fixture.count("SELECT COUNT(*) FROM payments") == 0)
        try other.database.close()
    }

    @Test(arguments: Engine.tested) func `A declined card may be followed by another`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        let first = try await fixture.startPayment(order)
        try await fixture.shop.till.pay(first, with: .declined)
        #expect(try await fixture.reload(order).state == .pending)
        let second = try await fixture.startPayment(order)
        #expect(second != first)
        try await fixture.shop.till.pay(second, with: .accepted)
        #expect(try await fixture.reload(order).state == .paid)
    }

    @Test(arguments: Engine.tested)
    func `Whoever is charged twice gets the second charge back and keeps the tickets`(
        engine: Engine
    )
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        let first = try await fixture.startPayment(order)
        let declined = fixture.message("evt_1", .failed, intent: first, amount: order.total)
        _ = try await fixture.shop.payments.receive(declined.body, signature: declined.signature)
        let second = try await fixture.startPayment(order)
        try await fixture.shop.till.pay(second, with: .accepted)
        try await fixture.shop.till.pay(first, with: .accepted)
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 1)
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.reload(order).state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets WHERE state = 0") == 1)
    }

    @Test(arguments: Engine.tested) func `A card whose message comes twice pays once`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        let card = try #require(SandboxCard(rawValue: "twice"))
        let heard = Mutex<[[UInt8]]>([])
        let till = SandboxTill(
            database: fixture.shop.database,
            clock: fixture.shop.clock,
            signature: fixture.shop.till.signature
        ) { body, signature in
            heard.withLock { $0.append(body) }
            return await fixture.shop.till.deliver(body, signature)
        }
        try await till.pay(try await fixture.startPayment(order), with: card)
        let messages = heard.withLock { $0 }
        #expect(messages.count == 2 && Set(messages).count == 1)
        #expect(try await fixture.reload(order).state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets WHERE state = 0") == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 0)
    }

    @Test(arguments: Engine.tested) func `A delayed card pays when its time has come`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .delayed)
        #expect(try await fixture.reload(order).state == .pending)
        fixture.clock.advance(by: SandboxTill.delay - 1)
        try await fixture.shop.till.work()
        #expect(try await fixture.reload(order).state == .pending)
        fixture.clock.advance(by: 1)
        try await fixture.shop.till.work()
        #expect(try await fixture.reload(order).state == .paid)
    }

    @Test(arguments: Engine.tested) func `A payment whose message never comes is found by asking`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .silent)
        #expect(try await fixture.shop.payments.reconcile() == 0)
        fixture.clock.advance(by: 2 * Span.minute)
        #expect(try await fixture.shop.payments.reconcile() == 1)
        #expect(try await fixture.reload(order).state == .paid)
    }

    @Test func `A payment that cannot be asked about keeps no other from being found`() async throws {
        let fixture = try await ShopFixture()
        var intents: [String] = []
        var orders: [Order] = []
        for seat in [0, 1] {
            orders.append(try await fixture.order(try await fixture.hold([seat])))
            intents.append(try await fixture.startPayment(try #require(orders.last)))
            try await fixture.shop.till.pay(try #require(intents.last), with: .silent)
            fixture.clock.advance(by: Span.second)
        }
        fixture.clock.advance(by: 2 * Span.minute)
        let payments = fixture.shop.payments
        // The company does not talk about this one.
        let silent = try #require(intents.first)
        let desk = PaymentDesk(
            database: fixture.shop.database,
            provider: AlteredProvider(
                company: payments.provider,
                beforeFetch: { if $0 == silent { throw Problem.busy } }
            ),
            orders: fixture.shop.orders,
            mint: fixture.shop.mint,
            clock: fixture.clock.wallClock,
            metrics: fixture.shop.metrics,
            ownClock: fixture.clock.wallClock
        )
        #expect(try await desk.reconcile() == 1)
        #expect(try await fixture.reload(orders[1]).state == .paid)
        #expect(try await payments.reconcile() == 1)
        #expect(try await fixture.reload(orders[0]).state == .paid)
    }

    @Test(arguments: Engine.tested)
    func `A message that the shop refuses is sent again later and not for ever`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let till = SandboxTill(
            database: fixture.shop.database,
            clock: fixture.clock.wallClock,
            signature: WebhookSignature(key: fixture.shop.secrets.sandboxWebhook)
        ) { _, _ in false }
        let order = try await fixture.order(try await fixture.hold([0]))
        try await till.pay(try await fixture.startPayment(order), with: .accepted)
        #expect(try await fixture.count("SELECT attempts FROM sandbox_deliveries") == 1)
        for _ in 0..<25 {
            fixture.clock.advance(by: 10 * Span.minute)
            try await till.work()
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM sandbox_deliveries") == 0)
    }

    @Test(arguments: Engine.tested)
    func `Paying and expiring at the same moment end in one of the two, never between`(
        engine: Engine
    )
        async throws
    {
        for round in 0..<20 {
            let fixture = try await ShopFixture(on: engine)
            let order = try await fixture.order(try await fixture.hold([0]))
            let intent = try await fixture.startPayment(order)
            let message = fixture.message(
                "evt_\(round)",
                .succeeded,
                intent: intent,
                amount: order.total
            )
            fixture.clock.advance(by: 15 * Span.minute)
            let fresh = WebhookSignature(key: fixture.shop.secrets.sandboxWebhook)
                .header(for: message.body, at: fixture.clock.now)
            // Whoever is told that the shop is busy comes again, as providers and the sweeper's clock do.
            async let paid = untilNotBusy {
                try await fixture.shop.payments.receive(message.body, signature: fresh)
            }
            async let swept = untilNotBusy { try await fixture.shop.sweeper.sweep() }
            _ = try await (paid, swept)
            #expect(try await fixture.reload(order).state == .paid)
            #expect(
                try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE state = 2") == 1
            )
            #expect(try await fixture.count("SELECT units FROM buyer_quota") == 1)
        }
    }
}
