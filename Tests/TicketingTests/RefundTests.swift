import Testing

@testable import Ticketing

struct RefundTests {
    private static func notice(_ order: Order, _ fixture: ShopFixture, isCancelled: Bool = false)
        async throws -> String
    {
        let listing = try await fixture.listing()
        let document = try await fixture.shop.database.read {
            try OrderDocument.read(order.id, in: listing, $0)
        }
        let model = OrderPageModel(
            order: try await fixture.reload(order),
            document: document,
            timeZone: "UTC",
            isEventCancelled: isCancelled
        )
        return model.values["notice"] as? String ?? ""
    }

    @Test func `The page of an order says why its money goes back`() async throws {
        let fixture = try await ShopFixture()
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order)
        #expect(
            try await Self.notice(order, fixture)
                == "The tickets were given back. The money is on its way back."
        )
        #expect(
            try await Self.notice(order, fixture, isCancelled: true)
                == "The event does not take place. The money is on its way back."
        )
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(
            try await Self.notice(order, fixture)
                == "The tickets were given back. The money went back."
        )
        let late = try await fixture.order(try await fixture.hold([1]))
        let intent = try await fixture.startPayment(late)
        fixture.clock.advance(by: 15 * Span.minute)
        _ = try await fixture.shop.sweeper.sweep()
        _ = try await fixture.hold([1], for: ShopFixture.guest("rui"))
        try await fixture.shop.till.pay(intent, with: .accepted)
        #expect(
            try await Self.notice(late, fixture)
                == "Your payment came after the event had begun, or the seats or your voucher had gone. "
                + "The money is on its way back."
        )
    }

    static func paidOrder(_ fixture: ShopFixture, _ seats: [Int]) async throws -> Order {
        let order = try await fixture.order(try await fixture.hold(seats))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        return try await fixture.reload(order)
    }

    @Test(arguments: Engine.tested)
    func `A ticket given back frees its seat at once, and its money follows once`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.paidOrder(fixture, [4, 5])
        let tickets = try await fixture.shop.database.read {
            try OrderRows.tickets(of: order.id, $0)
        }
        let one = RefundDesk.Selection.serials([try #require(tickets.first).serial])
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<5 {
                group.addTask { try await fixture.giveBack(one, of: order, key: "part") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(try await fixture.reload(order).state == .partiallyRefunded)
        _ = try await fixture.hold([4], for: ShopFixture.guest("bea"))
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.reload(order).refunded == 4750)
        try await fixture.giveBack(of: order, key: "rest")
        #expect(try await fixture.shop.refundRunner.work() == 1)
        let refunded = try await fixture.reload(order)
        #expect(refunded.state == .refunded)
        #expect(refunded.refunded == 9500)
        #expect(try await fixture.count("SELECT refunded FROM sandbox_intents") == 9500)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 0)
    }

    @Test(arguments: Engine.tested)
    func
        `All tickets given back one by one at the same moment, by two processes, give all the money back`(
            engine: Engine
        ) async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let listing = try await fixture.listing()
        let order = try await Self.paidOrder(fixture, [0, 1, 2, 3])
        let tickets = try await fixture.shop.database.read {
            try OrderRows.tickets(of: order.id, $0)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, ticket) in tickets.enumerated() {
                let desk = number.isMultiple(of: 2) ? fixture.shop.refunds : other.refunds
                group.addTask {
                    _ = try await desk.request(
                        .serials([ticket.serial]),
                        of: order,
                        in: listing,
                        byBuyer: true,
                        key: nil
                    )
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 4)
        async let mine = fixture.shop.refundRunner.work()
        async let theirs = other.refundRunner.work()
        #expect(try await mine + theirs >= 4)
        let refunded = try await fixture.reload(order)
        #expect(refunded.state == .refunded)
        #expect(refunded.refunded == order.total)
        #expect(try await fixture.count("SELECT SUM(refunded) FROM sandbox_intents") == 19000)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 0)
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `Money that was paid twice goes back beside what tickets cost, and never for it`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        let first = try await fixture.startPayment(order)
        let declined = fixture.message("evt_1", .failed, intent: first, amount: order.total)
        _ = try await fixture.shop.payments.receive(declined.body, signature: declined.signature)
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        try await fixture.shop.till.pay(first, with: .accepted)
        let tickets = try await fixture.shop.database.read {
            try OrderRows.tickets(of: order.id, $0)
        }
        let one = RefundDesk.Selection.serials([try #require(tickets.first).serial])
        try await fixture.giveBack(one, of: order, key: "part")
        #expect(try await fixture.shop.refundRunner.work() == 2)
        let half = try await fixture.reload(order)
        #expect(half.state == .partiallyRefunded)
        #expect(half.refunded == 4750, "not what was paid twice")
        try await fixture.giveBack(of: order, key: "rest")
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.reload(order).state == .refunded)
        #expect(try await fixture.count("SELECT SUM(refunded) FROM sandbox_intents") == 19_000)
    }

    @Test(arguments: Engine.tested)
    func `An order is not refunded before its money is, though what goes back last be free`(
        engine: Engine
    ) async throws {
        let blocks = [
            VenuePlan.Block(code: "ST", name: "Stalls", rowCount: 1, seatsPerRow: 10, tier: 1),
            VenuePlan.Block(code: "CH", name: "Children", rowCount: 1, seatsPerRow: 10, tier: 2),
        ]
        let house = ShopFixture.house
        let fixture = try await ShopFixture(
            on: engine,
            venue: VenuePlan(
                id: house.id,
                slug: house.slug,
                name: house.name,
                city: house.city,
                timeZone: house.timeZone,
                blocks: blocks
            ),
            tiers: ShopFixture.tiers + [
                Tier(number: 2, name: "Child", amount: 0, fee: 0, color: "#b8456b")
            ]
        )
        let order = try await Self.paidOrder(fixture, [0, 10])
        let tickets = try await fixture.shop.database.read {
            try OrderRows.tickets(of: order.id, $0)
        }
        let dear = try #require(tickets.first { $0.amount > 0 })
        try await fixture.giveBack(.serials([dear.serial]), of: order, key: "dear")
        try await fixture.giveBack(of: order, key: "free")
        let due = try await fixture.reload(order)
        #expect(due.state == .refundDue)
        #expect(due.refunded == 0)
        #expect(try await fixture.shop.refundRunner.work() == 1)
        let refunded = try await fixture.reload(order)
        #expect(refunded.state == .refunded)
        #expect(refunded.refunded == order.total)
    }

    /// The shop's runner with a company that says of refunds what a test wants.
    static func runner(_ fixture: ShopFixture, _ status: SaidOfRefunds)
        -> RefundRunner
    {
        RefundRunner(
            database: fixture.shop.database,
            provider: AlteredProvider(
                company: fixture.shop.refundRunner.provider,
                refundStatus: { status.value(of: $0) }
            ),
            mint: fixture.shop.mint,
            clock: fixture.clock.wallClock,
            metrics: fixture.shop.metrics
        )
    }

    @Test(arguments: Engine.tested)
    func `Money that is on its way is asked about until it is back, and sent once`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        let status = SaidOfRefunds(.onItsWay)
        let runner = Self.runner(fixture, status)
        for _ in 0..<30 {
            #expect(try await runner.work() == 0)
            fixture.clock.advance(by: Span.hour)
        }
        #expect(try await fixture.reload(order).state == .refundDue)
        #expect(try await fixture.reload(order).refunded == 0)
        #expect(try await runner.dead().isEmpty)
        #expect(try await runner.work() == 0)
        let id = Int64(try await fixture.count("SELECT id FROM refunds WHERE state = 3"))
        #expect(try await runner.retry(id), "which asks at once")
        status.value = .returned
        #expect(try await runner.work() == 1)
        #expect(try await fixture.reload(order).state == .refunded)
        #expect(try await fixture.count("SELECT COUNT(*) FROM sandbox_refunds") == 1)
    }

    @Test(arguments: Engine.tested)
    func
        `Money that a bank did not take waits for people and is sent anew, also weeks after it was back`(
            engine: Engine
        ) async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        let status = SaidOfRefunds(.onItsWay)
        let runner = Self.runner(fixture, status)
        #expect(try await runner.work() == 0)
        fixture.clock.advance(by: Span.hour)
        status.value = .failed
        #expect(try await runner.work() == 0)
        var dead = try #require(try await runner.dead().first)
        #expect(dead.error?.hasSuffix("failed") == true)
        #expect(try await fixture.reload(order).state == .refundDue)
        // It came back to the company, too.
        let database = fixture.shop.database
        try await database.write { try $0.run("UPDATE sandbox_intents SET refunded = 0") }
        status.value = .returned
        #expect(try await runner.retry(try #require(Int64(dead.id))))
        #expect(try await runner.work() == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM sandbox_refunds") == 2)
        #expect(try await fixture.reload(order).state == .refunded)

        let name = try #require(
            try await database.read {
                try $0.first("SELECT provider_ref FROM refunds") { try $0.text(0) }
            }
        )
        let book = RefundBook(mint: fixture.shop.mint)
        let now = fixture.clock.now
        let messages: [(ProviderRefund.Status, PaymentDesk.WebhookOutcome)] = [
            (.failed, .applied), (.failed, .stale), (.returned, .stale),
        ]
        for (said, outcome) in messages {
            let refund = ProviderRefund(name: name, status: said)
            let heard = try await database.write {
                try book.hear(refund, from: "sandbox", at: now, $0)
            }
            #expect(heard == outcome)
            let due = try await fixture.reload(order)
            #expect(due.state == .refundDue)
            #expect(due.refunded == 0)
        }
        dead = try #require(try await runner.dead().first)
        #expect(try await runner.settle(try #require(Int64(dead.id))))
        #expect(try await fixture.reload(order).state == .refunded)
    }

    @Test(
        arguments: [
            (10_000_000_000, 20_000_000_000, 20_000_000_000, 10_000_000_000), (1, 3, 100, 33),
            (4750, 9500, 0, 0), (5, 0, 100, 0), (7, 5, 100, 0), (-1, 5, 100, 0),
            (Int64.max, Int64.max, Int64.max, Int64.max),
        ] as [(Int64, Int64, Int64, Int64)]
    )
    func `A part of a price is worked out however large it is`(
        share: Int64,
        gross: Int64,
        total: Int64,
        part: Int64
    ) {
        #expect(RefundDesk.part(share, of: gross, in: total) == part)
    }

    @Test func `Buyers of a cancelled event may always give their tickets back`() async throws {
        let fixture = try await ShopFixture()
        let order = try await Self.paidOrder(fixture, [0])
        fixture.clock.advance(by: 29 * Span.day)
        await #expect(throws: Problem.refundClosed) {
            try await fixture.giveBack(of: order, key: "late")
        }
        try await fixture.shop.database.write { try EventRows.setStatus(.cancelled, of: 1, $0) }
        fixture.clock.advance(by: 2 * Span.second)
        #expect(try await fixture.giveBack(of: order, key: "late").status == 201)
    }

    @Test(arguments: Engine.tested)
    func
        `Money that the provider will never return waits for people, who try again or say that it is back`(
            engine: Engine
        ) async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let orders = [
            try await Self.paidOrder(fixture, [0]), try await Self.paidOrder(fixture, [1]),
        ]
        let runner = fixture.shop.refundRunner
        fixture.clock.advance(by: fixture.shop.settings.retention.paymentEvents + 1)
        try await fixture.shop.purge.run()
        for order in orders {
            try await fixture.giveBack(of: order, byBuyer: false)
        }
        #expect(try await runner.work() == 0)
        let dead = try await runner.dead()
        #expect(dead.map(\.order) == orders.map(\.code))
        #expect(
            dead.allSatisfy { $0.attempts == 1 && $0.error?.contains("knows no payment") == true }
        )
        fixture.clock.advance(by: Span.day)
        #expect(try await runner.work() == 0)
        #expect(try await runner.dead().map(\.attempts) == [1, 1], "not by itself")
        let first = try #require(dead.first.flatMap { Int64($0.id) })
        let second = try #require(dead.last.flatMap { Int64($0.id) })
        #expect(try await runner.retry(first))
        #expect(try await runner.settle(first) == false, "it is being tried")
        #expect(try await runner.work() == 0)
        #expect(try await runner.dead().count == 2)
        #expect(try await runner.settle(second))
        #expect(try await runner.settle(second) == false)
        #expect(try await runner.retry(second) == false)
        #expect(try await fixture.reload(orders[0]).state == .refundDue)
        let settled = try await fixture.reload(orders[1])
        #expect(settled.state == .refunded)
        #expect(settled.refunded == settled.total)
    }

    @Test(arguments: Engine.tested)
    func
        `Money that went back while another worker gave it up is back, and is not returned by hand`(
            engine: Engine
        ) async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        let database = fixture.shop.database
        let runner = RefundRunner(
            database: database,
            provider: AlteredProvider(
                company: fixture.shop.refundRunner.provider,
                afterRefund: {
                    _ = try await database.write { try $0.run("UPDATE refunds SET state = 2") }
                }
            ),
            mint: fixture.shop.mint,
            clock: fixture.clock.wallClock,
            metrics: fixture.shop.metrics
        )
        #expect(try await runner.work() == 1)
        #expect(try await runner.dead().isEmpty)
        #expect(try await fixture.reload(order).state == .refunded)
    }

    @Test func `The house sees on its page what did not go back, and says when it has`()
        async throws
    {
        try await RunningShop.run { shop in
            let fixture = shop.fixture
            let order = try await Self.paidOrder(fixture, [0])
            let admin = try await shop.signIn("root@example.com", role: .admin)
            // First, so that the shop, which does its work by itself, returns nothing.
            try await fixture.shop.database.write { try $0.run("DELETE FROM sandbox_intents") }
            try await fixture.giveBack(of: order, key: "all")
            try await fixture.shop.database.write {
                try $0.run("UPDATE refunds SET state = 2, attempts = 7, last_error = '<lost>'")
            }
            let page = try await shop.client.get("/admin", admin).body
            #expect(page.contains("<h3>\(order.code): 47.50 €</h3>"))
            #expect(page.contains("Given up after 7 attempts: &lt;lost&gt;"))
            let dead = try await shop.client.get("/api/v1/admin/refunds/dead", admin).body
            #expect(dead.contains(#""order":"\#(order.code)""#))
            let action = try #require(page.split(separator: "/admin/refunds/").dropFirst().first)
            let path = "/admin/refunds/\(action.prefix { $0 != "/" })/settle"
            #expect(try await shop.client.post(path, form: "", admin).status == 303)
            #expect(try await fixture.reload(order).state == .refunded)
            let notes = "SELECT COUNT(*) FROM audit WHERE action = 'settle'"
            #expect(try await fixture.count(notes) == 1)
            #expect(try await shop.client.post("/api/v1\(path)", json: "{}", admin).status == 404)
            #expect(try await shop.client.get("/api/v1/admin/refunds/dead", admin).body == "[]")
        }
    }

    @Test func `Money that does not come back for days waits for people, too`() async throws {
        let fixture = try await ShopFixture()
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "all")
        try await fixture.shop.database.write { connection in
            try connection.run("UPDATE sandbox_intents SET state = 'lost'")
            let attempts = RefundRunner.attemptLimit - 2
            try connection.run("UPDATE refunds SET attempts = ?", [attempts])
        }
        #expect(try await fixture.shop.refundRunner.work() == 0)
        #expect(try await fixture.shop.refundRunner.dead().isEmpty)
        fixture.clock.advance(by: 10 * Span.minute)
        #expect(try await fixture.shop.refundRunner.work() == 0)
        let dead = try await fixture.shop.refundRunner.dead()
        #expect(dead.map(\.attempts) == [RefundRunner.attemptLimit])
        try await fixture.shop.database.write {
            try $0.run("UPDATE sandbox_intents SET state = 'succeeded'")
        }
        #expect(try await fixture.shop.refundRunner.work() == 0)
        let id = try #require(dead.first.flatMap { Int64($0.id) })
        #expect(try await fixture.shop.refundRunner.retry(id))
        #expect(try await fixture.shop.refundRunner.work() == 1)
        #expect(try await fixture.reload(order).state == .refunded)
    }

    @Test func `A second request for the same tickets is refused`() async throws {
        let fixture = try await ShopFixture()
        let order = try await Self.paidOrder(fixture, [0])
        try await fixture.giveBack(of: order, key: "one")
        await #expect(throws: Problem.orderClosed) {
            try await fixture.giveBack(of: order, key: "two")
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 1)
    }

    @Test func `In the last week before the event only the house gives money back`() async throws {
        let fixture = try await ShopFixture()
        let order = try await Self.paidOrder(fixture, [0])
        fixture.clock.advance(by: 25 * Span.day)
        await #expect(throws: Problem.refundClosed) {
            try await fixture.giveBack(of: order, key: "late")
        }
        let answer = try await fixture.giveBack(of: order, byBuyer: false)
        #expect(answer.status == 201)
    }
}
