import Support
import Testing

@testable import Ticketing

struct HoldLimitTests {
    @Test(arguments: Engine.tested)
    func `Parallel holds of one visitor at two processes never exceed the limit`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let listing = try await fixture.listing()
        for round in 0..<10 {
            let visitor = ShopFixture.guest("round \(round)")
            let held = await withTaskGroup(of: Int.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        let shop = number.isMultiple(of: 2) ? other : fixture.shop
                        let answer = try? await untilNotBusy {
                            try await shop.holds.place(
                                .seats([2 * number, 2 * number + 1]),
                                in: listing,
                                for: visitor,
                                key: nil
                            )
                        }
                        return answer == nil ? 0 : 2
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(held == listing.event.maxPerOrder)
            #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == held)
            fixture.clock.advance(by: Span.hour)
            _ = try await fixture.shop.sweeper.sweep()
        }
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `Exchanging a hold for more counts what the visitor holds besides`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let visitor = ShopFixture.guest("ana")
        let hold = try await fixture.hold([0, 1])
        _ = try await fixture.hold([2, 3, 4])
        let change = { (seats: [Int]) in
            try await fixture.shop.holds.change(
                id: hold,
                to: .seats(seats),
                in: try await fixture.listing(),
                for: visitor,
                key: nil
            )
        }
        await #expect(throws: Problem.limitExceeded("at most 6 seats at a time")) {
            try await change([10, 11, 12, 13])
        }
        #expect(try await change([0, 1, 10]).status == 200)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 6)
    }

    /// Where holds are placed together the turns come first, too.
    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `A hold takes its turn before its key, so that two cannot wait for each other`()
        async throws
    {
        let fixture = try await ShopFixture(on: .mariadb)
        let other = try fixture.otherProcess()
        let listing = try await fixture.listing()
        let visitor = ShopFixture.guest("ana")
        let key = try ShopFixture.key("one")
        let now = fixture.clock.now
        let placing = try await fixture.shop.database.write { connection in
            try VisitorTurn.take([visitor.sessionHash], connection)
            let placing = Task {
                try await other.holds.place(.seats([0]), in: listing, for: visitor, key: key)
            }
            // Once it waits for us its key is still free.
            let isWaiting = eventually(within: Patience.long) { connection.hasWaiters }
            #expect(isWaiting)
            #expect(try Idempotency.begin(key, at: now, connection) == nil)
            try Idempotency.abandon(key, connection)
            return placing
        }
        #expect(try await placing.value.status == 201)
        try other.database.close()
    }

    @Test func `A price that cannot be is found where it is read and breaks nothing`() async throws {
        let fixture = try await ShopFixture()
        let hold = try await fixture.hold([0])
        for column in ["unit_amount", "unit_fee"] {
            try await fixture.shop.database.write {
                try $0.run("UPDATE hold_items SET \(column) = ?", [Int64.max])
            }
            await #expect(throws: SQLError.self) {
                try await fixture.shop.database.read { try HoldRows.items(of: hold, $0) }
            }
        }
    }

    @Test func `What a visitor holds is found by the visitor and not among all active holds`()
        async throws
    {
        let fixture = try await ShopFixture()
        let plan = try await fixture.shop.database.read { connection in
            try connection.rows(
                """
                EXPLAIN QUERY PLAN SELECT SUM(units) FROM holds
                WHERE session_hash IN (?, ?) AND \(HoldRows.isActive)
                """,
                ["a", "b", 0]
            ) { try $0.text(3) }
        }
        #expect(plan.contains { $0.contains("ix_holds_session") })
    }

    @Test(arguments: Engine.tested)
    func `Holds that ended a day ago are forgotten, those that became orders are not`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let bought = try await fixture.hold([0])
        _ = try await fixture.order(bought)
        _ = try await fixture.hold([1, 2])
        fixture.clock.advance(by: Span.hour)
        _ = try await fixture.shop.sweeper.sweep()
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 2)
        fixture.clock.advance(by: Span.day)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM hold_items") == 1)
    }
}
