import Testing

@testable import Ticketing

struct CheckoutTests {
    private static let ana = ShopFixture.guest("ana")

    @Test(arguments: Engine.tested)
    func `Held seats become an order, money makes them tickets, and every row agrees`(
        engine: Engine
    )
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([4, 5]))
        #expect(order.state == .pending)
        #expect(order.total == 9500)
        let intent = try await fixture.startPayment(order)
        try await fixture.shop.till.pay(intent, with: .accepted)
        #expect(try await fixture.reload(order).state == .paid)
        #expect(
            try await fixture.count(
                "SELECT COUNT(*) FROM seat_claims WHERE state = 2 AND order_id IS NOT NULL"
            ) == 2
        )
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM tickets WHERE live_seat = seat_no") == 2
        )
        #expect(
            try await fixture.count(
                "SELECT COUNT(*) FROM payments WHERE state = 3 AND live_order IS NULL"
            ) == 1
        )
        #expect(try await fixture.count("SELECT COUNT(*) FROM order_log") == 2)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 2)
    }

    @Test(arguments: Engine.tested)
    func `Of two who read an order alike one moves it on, though its state be the same`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([4, 5]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        let steps = { (read: Order) in
            try await fixture.shop.database.write { connection in
                try (0..<2).map { _ in
                    try OrderRows.advance(read, .refundedInPart, at: 1, connection)
                }
            }
        }
        #expect(try await steps(try await fixture.reload(order)) == [true, false])
        #expect(try await steps(try await fixture.reload(order)) == [true, false])
        #expect(try await fixture.count("SELECT COUNT(*) FROM order_log") == 4)
    }

    @Test(arguments: Engine.tested)
    func `An order repeated under its key is one order and one answer`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        let intake = OrderIntake(shop: fixture.shop)
        let key = try ShopFixture.key("once", body: "a")
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await intake.create(
                        hold: hold,
                        email: "a@b.pt",
                        names: OrderIntake.Names(holder: "A"),
                        for: Self.ana,
                        key: key
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(answers.filter { !$0.isReplay }.count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM orders") == 1)
        let later = try fixture.otherProcess()
        let replay = try await OrderIntake(shop: later).create(
            hold: hold,
            email: "a@b.pt",
            names: OrderIntake.Names(holder: "A"),
            for: Self.ana,
            key: key
        )
        #expect(replay.isReplay)
        #expect(replay.body == answers.first?.body)
        try later.database.close()
    }

    @Test(arguments: Engine.tested)
    func `A key used for another request is refused and changes nothing`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let intake = OrderIntake(shop: fixture.shop)
        let hold = try await fixture.hold([0])
        let other = try await fixture.hold([1])
        let first = try ShopFixture.key("once", body: "a")
        _ = try await intake.create(
            hold: hold,
            email: "a@b.pt",
            names: OrderIntake.Names(holder: "A"),
            for: Self.ana,
            key: first
        )
        await #expect(throws: Problem.idempotencyMismatch) {
            let key = try ShopFixture.key("once", body: "b")
            return try await intake.create(
                hold: other,
                email: "a@b.pt",
                names: OrderIntake.Names(holder: "A"),
                for: Self.ana,
                key: key
            )
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM orders") == 1)
    }

    @Test(arguments: Engine.tested)
    func `A key in use is refused until its request is answered, abandoned or long dead`(
        engine: Engine
    )
        async throws
    {
        let database = try await ShopFixture(on: engine)
        let key = try ShopFixture.key("slow")
        func begin() async throws -> Answer? {
            let now = database.clock.now
            return try await database.shop.database.write {
                try Idempotency.begin(key, at: now, $0)
            }
        }
        #expect(try await begin() == nil)
        await #expect(throws: Problem.idempotencyInProgress) { try await begin() }
        database.clock.advance(by: 30 * Span.second)
        #expect(try await begin() == nil)
        try await database.shop.database.write { try Idempotency.abandon(key, $0) }
        #expect(try await begin() == nil)
        try await database.shop.database.write {
            try Idempotency.finish(key, with: Answer(status: 201, "done"), $0)
        }
        #expect(try await begin()?.isReplay == true)
        database.clock.advance(by: Idempotency.lifetime + 1)
        try await database.shop.purge.run()
        #expect(try await begin() == nil)
    }

    @Test(arguments: Engine.tested) func `One hold cannot become two orders`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        _ = try await fixture.order(hold)
        await #expect(throws: Problem.holdExpired) {
            try await OrderIntake(shop: fixture.shop).create(
                hold: hold,
                email: "a@b.pt",
                names: OrderIntake.Names(holder: "A"),
                for: Self.ana,
                key: try ShopFixture.key("second")
            )
        }
    }

    @Test(arguments: Engine.tested)
    func `Fifty parallel orders of one buyer never exceed the buyer's limit`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        var holds: [Int64] = []
        for seat in 0..<20 {
            holds.append(try await fixture.hold([seat], for: ShopFixture.guest("\(seat)")))
        }
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for (number, hold) in holds.enumerated() {
                group.addTask {
                    let visitor = ShopFixture.guest("\(number)")
                    let email = number.isMultiple(of: 2) ? "One@Buyer.pt" : "one@buyer.pt"
                    return (try? await fixture.order(hold, for: visitor, email: email)) != nil
                }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(accepted == 8)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 8)
        #expect(try await fixture.count("SELECT COUNT(*) FROM orders") == 8)
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds WHERE state = 0") == 12)
    }

    @Test(arguments: Engine.tested) func `A price that changed since the hold is not charged`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        try await fixture.shop.database.write { try $0.run("UPDATE tiers SET amount = amount + 1") }
        await #expect(throws: Problem.priceChanged) { try await fixture.order(hold) }
        #expect(try await fixture.shop.holds.hold(id: hold, for: Self.ana).state == .active)
    }

    @Test(arguments: Engine.tested)
    func `A hold that keeps other seats since it was read is ordered as it is`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let id = try await fixture.hold([0])
        let read = try await fixture.shop.holds.hold(id: id, for: Self.ana)
        _ = try await fixture.shop.holds.change(
            id: id,
            to: .seats([1, 2]),
            in: listing,
            for: Self.ana,
            key: nil
        )
        let email = try #require(EmailAddress("ana@example.com"))
        _ = try await fixture.shop.orders.create(
            OrderDesk.Request(hold: read, email: email, holder: "Ana"),
            in: listing,
            for: Self.ana,
            key: nil
        )
        #expect(try await fixture.count("SELECT units FROM orders") == 2)
        #expect(try await fixture.count("SELECT total FROM orders") == 2 * 4750)
    }

    @Test(arguments: Engine.tested)
    func `An answer is kept once, and what would be a second effect is undone`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let key = try ShopFixture.key("kept")
        let keep = { (number: Int64) in
            try await fixture.shop.database.write { connection in
                try connection.run("INSERT INTO visitor_turns(turn) VALUES(?)", [number])
                try Idempotency.keep(
                    Answer(status: 201, "first"),
                    under: key,
                    at: number,
                    connection
                )
            }
        }
        try await keep(1)
        await #expect(throws: SQLError.self) { try await keep(2) }
        #expect(try await fixture.count("SELECT COUNT(*) FROM visitor_turns") == 1)
    }

    @Test(arguments: Engine.tested) func `Free seats need no payment`(engine: Engine) async throws {
        let free = [Tier(number: 1, name: "Free", amount: 0, fee: 0, color: "#ffffff")]
        let fixture = try await ShopFixture(on: engine, tiers: free)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        #expect(order.state == .paid)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets") == 2)
    }

    @Test(arguments: Engine.tested) func `An order that nobody pays gives everything back`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0, 1]))
        _ = try await fixture.startPayment(order)
        fixture.clock.advance(by: 15 * Span.minute - 1)
        #expect(try await fixture.shop.sweeper.sweep().orders == 0)
        fixture.clock.advance(by: 1)
        #expect(try await fixture.shop.sweeper.sweep().orders == 1)
        #expect(try await fixture.reload(order).state == .expired)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 0)
        #expect(try await fixture.count("SELECT units FROM buyer_quota") == 0)
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM payments WHERE live_order IS NOT NULL")
                == 0
        )
        await #expect(throws: Problem.orderClosed) { try await fixture.startPayment(order) }
    }

    @Test(arguments: Engine.tested)
    func `Cancelling twice is cancelling once, and a paid order stays paid`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        for _ in 0..<2 { try await fixture.shop.orders.cancel(code: order.code, for: Self.ana) }
        #expect(try await fixture.reload(order).state == .cancelled)
        let paid = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.till.pay(try await fixture.startPayment(paid), with: .accepted)
        await #expect(throws: Problem.orderClosed) {
            try await fixture.shop.orders.cancel(code: paid.code, for: Self.ana)
        }
        #expect(try await fixture.reload(paid).state == .paid)
    }

    @Test(arguments: Engine.tested)
    func `Another visitor's order does not exist, but the house sees it`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let order = try await fixture.order(try await fixture.hold([0]))
        for stranger in [ShopFixture.guest("rui"), .anonymous] {
            await #expect(throws: Problem.notFound) {
                try await fixture.shop.orders.order(code: order.code, for: stranger)
            }
        }
        let admin = Visitor(identity: Identity(userId: 1, sessionId: Token.hash("x"), role: .admin))
        #expect(
            try await fixture.shop.orders.order(code: order.code.lowercased(), for: admin).id
                == order.id
        )
    }
}
