import Support
import Testing

@testable import Ticketing

/// An event that will not take place.
struct CancellationTests {
    /// What a shop has sold when its event is cancelled.
    private struct Scene {
        let fixture: ShopFixture
        let paid: [Order]

        init(on engine: Engine, paid count: Int = 3) async throws {
            fixture = try await ShopFixture(on: engine)
            var paid: [Order] = []
            for number in 0..<count {
                let guest = ShopFixture.guest("guest \(number)")
                let hold = try await fixture.hold([2 * number, 2 * number + 1], for: guest)
                let order = try await fixture.order(
                    hold,
                    for: guest,
                    email: "guest\(number)@example.com"
                )
                try await fixture.shop.till.pay(
                    try await fixture.startPayment(order),
                    with: .accepted
                )
                paid.append(order)
            }
            self.paid = paid
            // The mails that bring the tickets.
            _ = try await fixture.shop.jobs.work()
        }

        func cancel() async throws {
            let event = try await fixture.listing().event
            try await fixture.shop.setStatus(.cancelled, of: event, by: "test")
            fixture.clock.advance(by: 2 * Span.second)
        }

        func board() async throws -> CancellationBoard? {
            try await SalesBoard(shop: fixture.shop).figures(of: try await fixture.listing())
                .cancellation
        }

        /// Does all jobs that are due, and those that come of them.
        func drain(_ shop: Shop? = nil) async throws {
            while try await (shop ?? fixture.shop).jobs.work() > 0 {}
        }

        /// What must be true once all work is done, whoever did it.
        func expectEverythingBack(late lateCount: Int = 0) async throws {
            for order in paid {
                let now = try await fixture.reload(order)
                #expect(now.state == .refunded)
                #expect(now.refunded == order.total)
            }
            let back = "SELECT COUNT(*) FROM sandbox_intents WHERE refunded = amount"
            #expect(try await fixture.count(back) == paid.count + lateCount)
            #expect(
                try await fixture.count(
                    "SELECT COUNT(*) FROM order_log WHERE cause = 'refund requested'"
                ) == paid.count
            )
            #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 0)
            #expect(try await fixture.count("SELECT COUNT(*) FROM tickets WHERE state = 0") == 0)
        }

        func mails(_ name: String) throws -> Int {
            try fixture.mails().filter { $0.contains("Message-ID: <\(name)-") }.count
        }
    }

    @Test(arguments: Engine.tested)
    func `Holds and unpaid orders end, every paid order goes back once, and every buyer is told`(
        engine: Engine
    ) async throws {
        let scene = try await Scene(on: engine)
        let fixture = scene.fixture
        let used = try await fixture.shop.database.read {
            try OrderRows.tickets(of: scene.paid[0].id, $0)
        }
        let scan = DoorDesk.Scan(qr: try #require(used.first).code, gate: "A", event: nil, at: nil)
        let listings = try await fixture.shop.door.listings(of: [scan])
        let admitted = try await fixture.shop.database.write {
            try fixture.shop.door.admit(scan, listings, $0)
        }
        #expect(admitted.result == "ok")
        let part = try await fixture.shop.database.read {
            try OrderRows.tickets(of: scene.paid[1].id, $0)
        }
        try await fixture.giveBack(.serials([try #require(part.first).serial]), of: scene.paid[1])
        let bea = ShopFixture.guest("bea")
        let held = try await fixture.hold([10], for: bea)
        let eve = ShopFixture.guest("eve")
        let pending = try await fixture.order(try await fixture.hold([11], for: eve), for: eve)
        let intent = try await fixture.startPayment(pending)
        try await fixture.shop.till.pay(intent, with: .silent)
        try await scene.cancel()
        #expect(try await scene.board()?.orders == 3)
        #expect(try await scene.board()?.refunded == 0)
        try await scene.drain()
        // Its money was on its way, and is found when the payment is called off.
        #expect(try await fixture.reload(pending).state == .refundDue)
        await #expect(throws: Problem.holdExpired) { try await fixture.order(held, for: bea) }
        let message = fixture.message("evt_late", .succeeded, intent: intent, amount: pending.total)
        let payments = fixture.shop.payments
        let heard = try await payments.receive(message.body, signature: message.signature)
        #expect(heard == .stale)
        while try await fixture.shop.refundRunner.work() > 0 {}
        try await scene.drain()
        try await scene.expectEverythingBack(late: 1)
        #expect(try scene.mails("cancelled") == 3)
        #expect(try scene.mails("refund") >= 3)
        #expect(try await scene.board()?.refunded == 4)
        #expect(try await scene.board()?.orders == 4)
        await #expect(throws: Problem.saleClosed(.cancelled)) {
            try await fixture.hold([1], for: bea)
        }
    }

    @Test(arguments: Engine.tested)
    func `An order that was being made meanwhile is found by the second look`(engine: Engine)
        async throws
    {
        let scene = try await Scene(on: engine, paid: 1)
        let fixture = scene.fixture
        let guest = ShopFixture.guest("late")
        let hold = try await fixture.hold([10], for: guest)
        try await scene.cancel()
        try await scene.drain()
        // As if its transaction had begun before the holds were ended.
        let late = ShopFixture.guest("later")
        try await fixture.shop.database.write { connection in
            try connection.run("UPDATE events SET status = 0 WHERE id = 1")
            try connection.run("UPDATE holds SET state = 0 WHERE id = ?", [hold])
            _ = try HoldRows.claim(
                [10],
                event: 1,
                hold: hold,
                until: fixture.clock.now + Span.hour,
                connection
            )
        }
        fixture.clock.advance(by: 2 * Span.second)
        let order = try await fixture.order(hold, for: guest, email: "late@example.com")
        try await fixture.shop.database.write {
            try $0.run("UPDATE events SET status = 2 WHERE id = 1")
        }
        try await scene.drain()
        #expect(try await fixture.reload(order).state == .pending)
        fixture.clock.advance(by: Span.minute)
        try await scene.drain()
        #expect(try await fixture.reload(order).state == .cancelled)
        await #expect(throws: Problem.self) { try await fixture.hold([1], for: late) }
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM outbox WHERE topic = 'event.cancel'") == 0
        )
    }

    @Test(arguments: Engine.tested)
    func `Who dies over it leaves the rest to another process, and no order goes back twice`(
        engine: Engine
    ) async throws {
        let scene = try await Scene(on: engine, paid: 6)
        let fixture = scene.fixture
        try await scene.cancel()
        // The search had committed and its process died before the job was struck off; two orders were done, a third
        // had been taken.
        let event = try await fixture.listing().event
        let cancellation = fixture.shop.jobs.handler.cancellation
        try await cancellation.findOrders(of: event.id, EventCancellation.Pass())
        for order in scene.paid.prefix(2) { try await cancellation.end(code: order.code) }
        let lease = fixture.clock.now + 30 * Span.second
        try await fixture.shop.database.write {
            try $0.run(
                "UPDATE outbox SET kind = 1, due_at = ? WHERE topic IN ('order.cancel', 'event.cancel')",
                [lease]
            )
        }
        let other = try fixture.otherProcess()
        try await scene.drain(other)
        #expect(try await fixture.reload(scene.paid[2]).state == .paid)
        fixture.clock.advance(by: 30 * Span.second)
        // Two go on at once, and somebody cancels again.
        try await scene.cancel()
        async let here = fixture.shop.jobs.work()
        async let there = other.jobs.work()
        _ = try await (here, there)
        async let mine = fixture.shop.refundRunner.work()
        async let theirs = other.refundRunner.work()
        _ = try await (mine, theirs)
        fixture.clock.advance(by: 2 * Span.minute)
        try await scene.drain(other)
        _ = try await other.refundRunner.work()
        try await scene.expectEverythingBack()
        #expect(try await fixture.count("SELECT COUNT(*) FROM refunds") == 6)
        #expect(try scene.mails("cancelled") == 6)
        try other.database.close()
    }

    @Test func `More orders than one look takes are found by the next ones`() async throws {
        let fixture = try await ShopFixture()
        let now = fixture.clock.now
        try await fixture.shop.database.write { connection in
            for number in 1...450 {
                try connection.run(
                    """
                    INSERT INTO orders(id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder,
                      state, units, currency, subtotal, fees, total, created_at)
                    VALUES(?, ?, 1, NULL, 's', ?, 'a@b.pt', 'a@b.pt', 'Ana', ?, 1, 'EUR', 0, 0, 0, ?)
                    """,
                    [number, "C\(number)", number, number.isMultiple(of: 3) ? 3 : 1, now]
                )
            }
        }
        let cancellation = fixture.shop.jobs.handler.cancellation
        var pass = EventCancellation.Pass()
        for (after, found) in [(Int64(0), 200), (299, 300)] {
            #expect(pass.after == after)
            try await cancellation.findOrders(of: 1, pass)
            let jobs = "SELECT COUNT(*) FROM outbox WHERE topic = 'order.cancel'"
            #expect(try await fixture.count(jobs) == found)
            let payload = try await fixture.shop.database.read { connection in
                try connection.first(
                    "SELECT payload FROM outbox WHERE topic = 'event.cancel' ORDER BY id DESC"
                ) { try $0.text(0) }
            }
            pass = EventCancellation.Pass(payload: try #require(payload))
        }
        #expect(pass == EventCancellation.Pass(payload: "last 0"))
        #expect(pass.isLast)
    }

    @Test(arguments: Engine.tested)
    func `Money that the provider does not return is on the board until it is tried again`(
        engine: Engine
    ) async throws {
        let scene = try await Scene(on: engine, paid: 2)
        let fixture = scene.fixture
        try await scene.cancel()
        try await scene.drain()
        try await fixture.shop.database.write {
            try $0.run("UPDATE sandbox_intents SET state = 'lost' WHERE label <> ''")
        }
        for _ in 0..<9 {
            #expect(try await fixture.shop.refundRunner.work() == 0)
            fixture.clock.advance(by: 10 * Span.minute)
        }
        _ = try await fixture.shop.refundRunner.work()
        let board = try #require(try await scene.board())
        #expect(board.refunded == 0)
        #expect(Set(board.refunds.map(\.order)) == Set(scene.paid.map(\.code)))
        #expect(board.refunds.allSatisfy { $0.attempts == 10 && $0.amount == 9500 })
        try await fixture.shop.database.write {
            try $0.run("UPDATE sandbox_intents SET state = 'succeeded'")
        }
        #expect(try await fixture.shop.refundRunner.work() == 0)
        for refund in board.refunds {
            #expect(try await fixture.shop.refundRunner.retry(try #require(Int64(refund.id))))
        }
        #expect(try await fixture.shop.refundRunner.work() == 2)
        #expect(try await scene.board()?.refunds.isEmpty == true)
        try await scene.expectEverythingBack()
    }

    private static func wait(for condition: () async throws -> Bool) async throws {
        let deadline = Deadline(within: Patience.long)
        while try await !condition(), !deadline.hasPassed { await Task.yield() }
    }

    @Test func `The house cancels on its page, when it is sure, and sees how far the refunds are`()
        async throws
    {
        try await RunningShop.run { shop in
            let fixture = shop.fixture
            let order = try await fixture.order(try await fixture.hold([0, 1]))
            try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let page = "/admin/events/evening"
            // In vain at first, so that there is something to see.
            try await fixture.shop.database.write {
                try $0.run("UPDATE sandbox_intents SET state = 'lost'")
            }
            let unsure = try await shop.client.post("\(page)/status", form: "status=cancel", admin)
            #expect(unsure.status == 400)
            let sure = "status=cancel&sure=yes"
            #expect(try await shop.client.post("\(page)/status", form: sure, admin).status == 303)
            fixture.clock.advance(by: 2 * Span.second)
            // The shop does its work by itself.
            try await Self.wait {
                try await shop.client.get(page, admin).body.contains("Not returned after")
            }
            let failing = try await shop.client.get(page, admin).body
            #expect(failing.contains("0 of 1 orders refunded"))
            #expect(failing.contains("<h3>\(order.code): "))
            let action = try #require(
                failing.split(separator: "action=\"/admin/refunds/").dropFirst().first
            )
            try await fixture.shop.database.write {
                try $0.run("UPDATE sandbox_intents SET state = 'succeeded'")
            }
            let id = action.prefix { $0 != "/" }
            let path = "/admin/refunds/\(id)/retry"
            #expect(try await shop.client.post(path, form: "event=evening", admin).status == 303)
            try await Self.wait { try await fixture.reload(order).state == .refunded }
            let done = try await shop.client.get(page, admin).body
            #expect(done.contains("1 of 1 orders refunded"))
            #expect(!done.contains("Cancel the event"))
            let stats = try await shop.client.get("/api/v1\(page)/stats", admin).body
            #expect(
                stats.contains(#""cancellation":{"jobs":[],"orders":1,"refunded":1,"refunds":[]}"#)
            )
            let shown = try await shop.client.get("/e/evening").body
            #expect(shown.contains("This event will not take place."))
            #expect(!shown.contains("Tickets cannot be bought"))
        }
    }
}
