import Testing

@testable import Ticketing

struct StandingTests {
    private static let hall = VenuePlan(
        id: 9,
        slug: "hall",
        name: "Hall",
        city: "Porto",
        timeZone: "Europe/Lisbon",
        blocks: [
            VenuePlan.Block(code: "ST", name: "Stalls", rowCount: 2, seatsPerRow: 10, tier: 1)
        ],
        standing: [VenuePlan.Standing(code: "FL", name: "Floor", capacity: 150, tier: 1)]
    )

    private static func floor(_ listing: Listing) -> Int {
        listing.map.section(code: "FL")?.number ?? -1
    }

    @Test(arguments: Engine.tested)
    func `A rush for a standing area sells every place and never one more`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine, venue: Self.hall)
        let listing = try await fixture.listing()
        let held = await withTaskGroup(of: Int.self) { group in
            for number in 0..<120 {
                group.addTask {
                    let count = number % 4 + 1
                    let answer = try? await fixture.shop.holds.place(
                        .standing(section: Self.floor(listing), count: count),
                        in: listing,
                        for: ShopFixture.guest("\(number)"),
                        key: nil
                    )
                    return answer == nil ? 0 : count
                }
            }
            return await group.reduce(0, +)
        }
        #expect((147...150).contains(held))
        #expect(
            try await fixture.count("SELECT SUM(remaining) FROM ga_stock WHERE event_id = 1") == 150
                - held
        )
        fixture.clock.advance(by: Span.hour)
        _ = try await fixture.shop.sweeper.sweep()
        #expect(
            try await fixture.count("SELECT SUM(remaining) FROM ga_stock WHERE event_id = 1") == 150
        )
    }

    @Test(arguments: Engine.tested)
    func `Standing places are bought, shown and given back like seats`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine, venue: Self.hall)
        let listing = try await fixture.listing()
        let answer = try await fixture.shop.holds.place(
            .standing(section: Self.floor(listing), count: 3),
            in: listing,
            for: ShopFixture.guest("ana"),
            key: nil
        )
        let order = try await fixture.order(try ShopFixture.identifier(in: answer))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        #expect(try await fixture.count("SELECT COUNT(*) FROM tickets WHERE seat_no IS NULL") == 3)
        #expect(try await fixture.shop.board.availability(of: listing).freeCount == 167)
        try await fixture.giveBack(of: order)
        #expect(
            try await fixture.count("SELECT SUM(remaining) FROM ga_stock WHERE event_id = 1") == 150
        )
    }
}
