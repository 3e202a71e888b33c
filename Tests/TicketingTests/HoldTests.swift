import Testing

@testable import Ticketing

struct HoldTests {
    /// What came of one attempt to hold seats.
    private enum Outcome: Equatable, Sendable {
        case held
        case refused(String, [String])
    }

    private static func attempt(
        _ wanted: HoldDesk.Wanted,
        _ shop: Shop,
        _ listing: Listing,
        as name: String
    ) async -> Outcome {
        do {
            _ = try await shop.holds.place(
                wanted,
                in: listing,
                for: ShopFixture.guest(name),
                key: nil
            )
            return .held
        } catch let problem as Problem {
            return .refused(problem.slug, problem.taken ?? [])
        } catch {
            return .refused("\(error)", [])
        }
    }

    @Test(arguments: Engine.tested)
    func `A thousand visitors for one seat make one holder and 999 clean refusals`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    await Self.attempt(.seats([7]), fixture.shop, listing, as: "\(number)")
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .held }.count == 1)
        #expect(outcomes.filter { $0 == .refused("seats-taken", ["ST-A-8"]) }.count == 999)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 1)
    }

    @Test(arguments: Engine.tested)
    func `Overlapping wishes at two processes are granted whole or not at all`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let listing = try await fixture.listing()
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<120 {
                group.addTask {
                    let first = number * 7 % 17
                    let seats =
                        number.isMultiple(of: 2)
                        ? [first, first + 1] : [first + 3, first, first + 2, first + 1]
                    let shop = number % 3 == 0 ? other : fixture.shop
                    return await Self.attempt(.seats(seats), shop, listing, as: "\(number)")
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let holders = outcomes.filter { $0 == .held }.count
        #expect(holders > 0)
        #expect(
            outcomes.allSatisfy {
                if case .refused(let slug, _) = $0 { slug == "seats-taken" } else { true }
            }
        )
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == holders)
        let partial = try await fixture.count(
            """
            SELECT COUNT(*) FROM holds h
            WHERE h.units <> (SELECT COUNT(*) FROM seat_claims c WHERE c.hold_id = h.id)
            """
        )
        #expect(partial == 0)
        let orphans = try await fixture.count(
            "SELECT COUNT(*) FROM seat_claims WHERE hold_id NOT IN (SELECT id FROM holds)"
        )
        #expect(orphans == 0)
        let claims = try await fixture.count("SELECT COUNT(*) FROM seat_claims")
        #expect(
            claims == (try await fixture.count("SELECT COUNT(DISTINCT seat_no) FROM seat_claims"))
        )
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `A crowd asking for the best pairs fills the house to the last seat`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let wish = HoldDesk.Wanted.best(BestAvailable.Wish(count: 2, together: false))
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<40 {
                group.addTask { await Self.attempt(wish, fixture.shop, listing, as: "\(number)") }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .held }.count == 10)
        #expect(outcomes.filter { $0 == .refused("sold-out", []) }.count == 30)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 20)
    }

    @Test(arguments: Engine.tested)
    func `A house with nothing left says so without a write, and repeats what it said before`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let pair = HoldDesk.Wanted.best(BestAvailable.Wish(count: 2))
        let desk = fixture.shop.holds
        let key = try ShopFixture.key("pair")
        let ana = ShopFixture.guest("ana")
        let held = try await desk.place(pair, in: listing, for: ana, key: key)
        for number in 0..<9 {
            let outcome = await Self.attempt(pair, fixture.shop, listing, as: "\(number)")
            #expect(outcome == .held)
        }
        let before = fixture.shop.database.statistics.writeCount
        for _ in 0..<3 {
            let outcome = await Self.attempt(pair, fixture.shop, listing, as: "rui")
            #expect(outcome == .refused("sold-out", []))
        }
        let many = HoldDesk.Wanted.best(BestAvailable.Wish(count: 7))
        let outcome = await Self.attempt(many, fixture.shop, listing, as: "rui")
        #expect(outcome == .refused("limit-exceeded", []))
        let again = try await desk.place(pair, in: listing, for: ana, key: key)
        #expect(again.isReplay && again.body == held.body)
        #expect(fixture.shop.database.statistics.writeCount == before)
        try await desk.release(id: try ShopFixture.identifier(in: held), for: ana)
        #expect(await Self.attempt(pair, fixture.shop, listing, as: "rui") == .held)
    }

    @Test func `A tier that the event does not have is refused, and not looked for`() async throws {
        try await RunningShop.run { shop in
            let path = "/api/v1/events/evening/holds"
            let odd = try await shop.client.post(path, json: #"{"best":{"qty":1,"tier":99}}"#)
            #expect(odd.status == 400)
            #expect(odd.member("detail") == "there is no tier 99")
            let known = try await shop.client.post(path, json: #"{"best":{"qty":1,"tier":1}}"#)
            #expect(known.status == 201)
        }
    }

    @Test(arguments: Engine.tested)
    func `The refusal names the seats that are taken and only those`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        _ = try await fixture.hold([1, 2])
        let listing = try await fixture.listing()
        let outcome = await Self.attempt(.seats([0, 1, 2, 3]), fixture.shop, listing, as: "rui")
        #expect(outcome == .refused("seats-taken", ["ST-A-2", "ST-A-3"]))
        let twice = await Self.attempt(.seats([5, 5]), fixture.shop, listing, as: "rui")
        #expect(twice == .refused("seats-taken", ["ST-A-6"]), "one seat is not two")
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 2)
    }

    @Test(arguments: Engine.tested)
    func `One visitor cannot hold more than an order may have, in one hold or in several`(
        engine: Engine
    )
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let many = await Self.attempt(.seats(Array(0..<7)), fixture.shop, listing, as: "ana")
        #expect(many == .refused("limit-exceeded", []))
        #expect(
            await Self.attempt(.seats([0, 1, 2, 3]), fixture.shop, listing, as: "ana") == .held
        )
        let more = await Self.attempt(.seats([4, 5, 6]), fixture.shop, listing, as: "ana")
        #expect(more == .refused("limit-exceeded", []))
        #expect(await Self.attempt(.seats([4, 5]), fixture.shop, listing, as: "ana") == .held)
    }

    @Test(arguments: Engine.tested) func `Nothing is held before the sale opens`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let later = try await fixture.shop.catalog.listing(slug: "later")
        #expect(
            await Self.attempt(.seats([0]), fixture.shop, later, as: "ana")
                == .refused("sale-closed", [])
        )
    }

    @Test(arguments: Engine.tested) func `Seats come back when the time is up and not before`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0, 1])
        let before = try await fixture.shop.board.availability(of: try await fixture.listing())
        fixture.clock.advance(by: 480 * Span.second - 1)
        #expect(try await fixture.shop.sweeper.sweep().holds == 0)
        fixture.clock.advance(by: 1)
        #expect(try await fixture.shop.sweeper.sweep().holds == 1)
        #expect(try await fixture.shop.sweeper.sweep().holds == 0)
        let after = try await fixture.shop.board.availability(of: try await fixture.listing())
        #expect(!before.isFree(0) && after.isFree(0) && after.revision > before.revision)
        #expect(
            try await fixture.shop.holds.hold(id: hold, for: ShopFixture.guest("ana")).state
                == .expired
        )
        _ = try await fixture.hold([0, 1], for: ShopFixture.guest("rui"))
        await #expect(throws: Problem.holdExpired) { try await fixture.order(hold) }
    }

    @Test(arguments: Engine.tested)
    func `A hold whose time is up cannot be ordered even before the sweeper came`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        fixture.clock.advance(by: 480 * Span.second)
        await #expect(throws: Problem.holdExpired) { try await fixture.order(hold) }
    }

    @Test(arguments: Engine.tested) func `Two sweepers end a thousand holds once`(engine: Engine)
        async throws
    {
        let venue = VenuePlan(
            id: 9,
            slug: "big",
            name: "Big",
            city: "Porto",
            timeZone: "Europe/Lisbon",
            blocks: [
                VenuePlan.Block(code: "F", name: "Floor", rowCount: 40, seatsPerRow: 25, tier: 1)
            ]
        )
        let fixture = try await ShopFixture(on: engine, venue: venue)
        let other = try fixture.otherProcess()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seat in 0..<1000 {
                group.addTask {
                    _ = try await fixture.hold([seat], for: ShopFixture.guest("\(seat)"))
                }
            }
            try await group.waitForAll()
        }
        fixture.clock.advance(by: 480 * Span.second)
        async let mine = fixture.shop.sweeper.sweep().holds
        async let theirs = other.sweeper.sweep().holds
        #expect(try await mine + theirs == 1000)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 0)
        try other.database.close()
    }

    @Test(arguments: Engine.tested) func `Giving seats back twice is giving them back once`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        let ana = ShopFixture.guest("ana")
        try await fixture.shop.holds.release(id: hold, for: ana)
        let next = try await fixture.hold([0], for: ShopFixture.guest("rui"))
        try await fixture.shop.holds.release(id: hold, for: ana)
        #expect(
            try await fixture.shop.holds.hold(id: next, for: ShopFixture.guest("rui")).state
                == .active
        )
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 1)
    }

    @Test(arguments: Engine.tested) func `Another visitor's hold does not exist`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0])
        for stranger in [ShopFixture.guest("rui"), .anonymous] {
            await #expect(throws: Problem.notFound) {
                try await fixture.shop.holds.hold(id: hold, for: stranger)
            }
            await #expect(throws: Problem.notFound) {
                try await fixture.shop.holds.release(id: hold, for: stranger)
            }
        }
    }

    @Test(arguments: Engine.tested)
    func `A hold repeated under its key is the same hold, in any number at once`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        let key = try ShopFixture.key("k-1")
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let ana = ShopFixture.guest("ana")
                    return try await fixture.shop.holds.place(
                        .seats([3]),
                        in: listing,
                        for: ana,
                        key: key
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(answers.filter { !$0.isReplay }.count == 1)
        #expect(try await fixture.count("SELECT COUNT(*) FROM holds") == 1)
    }
}
