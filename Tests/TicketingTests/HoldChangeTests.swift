import Testing

@testable import Ticketing

struct HoldChangeTests {
    @Test(arguments: [
        "Stalls", "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}", "é王芳🎭\u{2028}", "",
    ])
    func `A hold is written as every other document is`(text: String) async throws {
        let fixture = try await ShopFixture(
            venue: VenuePlan(
                id: 9,
                slug: "house",
                name: "House",
                city: "Porto",
                timeZone: "Europe/Lisbon",
                blocks: [
                    VenuePlan.Block(code: "ST", name: text, rowCount: 2, seatsPerRow: 10, tier: 1)
                ]
            )
        )
        let listing = try await fixture.listing()
        let id = try await fixture.hold([0, 11])
        let hold = try await fixture.shop.holds.hold(id: id, for: ShopFixture.guest("ana"))
        let standing = HoldItem(
            number: 2,
            section: 0,
            seat: nil,
            shard: 3,
            tier: 1,
            amount: 0,
            fee: 100_000_000
        )
        for items in [hold.items, [], hold.items + [standing]] {
            let document = HoldDocument(hold.with(items), in: listing)
            #expect(document.json == JSON.encode(document))
        }
    }

    private static func change(_ fixture: ShopFixture, _ hold: Int64, to seats: [Int]) async throws
        -> Answer
    {
        try await fixture.shop.holds.change(
            id: hold,
            to: .seats(seats),
            in: try await fixture.listing(),
            for: ShopFixture.guest("ana"),
            key: nil
        )
    }

    @Test(arguments: Engine.tested)
    func `Seats are exchanged all or nothing, and the price with them`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let hold = try await fixture.hold([0, 1])
        _ = try await fixture.hold([5], for: ShopFixture.guest("bea"))
        await #expect(throws: Problem.seatsTaken(["ST-A-6"])) {
            try await Self.change(fixture, hold, to: [4, 5])
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE seat_no < 2") == 2)
        let answer = try await Self.change(fixture, hold, to: [1, 2, 3])
        #expect(answer.status == 200)
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE seat_no = 0") == 0)
        #expect(try await fixture.order(hold).total == 3 * 4750)
    }

    @Test func `A hold whose time is over keeps nothing and cannot be changed`() async throws {
        let fixture = try await ShopFixture()
        let hold = try await fixture.hold([0])
        fixture.clock.advance(by: Span.hour)
        await #expect(throws: Problem.holdExpired) {
            try await Self.change(fixture, hold, to: [1])
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims WHERE seat_no = 1") == 0)
    }

    @Test(arguments: Engine.tested)
    func `Holds placed together are the same rows as holds placed alone`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let listing = try await fixture.listing()
        // Every seat is wanted twice, every other request is sent twice under its key.
        let outcomes = await withTaskGroup(of: String.self) { group in
            for number in 0..<60 {
                group.addTask {
                    do {
                        let wanted = number / 3
                        let answer = try await fixture.shop.holds.place(
                            .seats([wanted]),
                            in: listing,
                            for: ShopFixture.guest("\(number % 3 == 0 ? 1000 + wanted : wanted)"),
                            key: try ShopFixture.key("k\(wanted)", body: "\(wanted)")
                        )
                        return answer.isReplay ? "replayed" : "held"
                    } catch let problem as Problem { return problem.slug } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == ["held": 20, "replayed": 40])
        #expect(try await fixture.count("SELECT COUNT(*) FROM seat_claims") == 20)
        #expect(try await fixture.count("SELECT COUNT(*) FROM hold_items") == 20)
        #expect(try await fixture.count("SELECT SUM(units) FROM holds") == 20)
        #expect(try await fixture.count("SELECT COUNT(*) FROM idempotency") == 20)
    }
}
