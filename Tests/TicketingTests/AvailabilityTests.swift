import Testing

@testable import Ticketing

struct AvailabilityTests {
    @Test(arguments: Engine.tested)
    func
        `Several events are looked up together, each as it is now, whatever is known of the others`(
            engine: Engine
        ) async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let board = fixture.shop.board
        let evening = try await fixture.listing()
        let later = try await fixture.shop.catalog.listing(slug: "later")
        #expect(try await board.availability(of: later).freeCount == 20)
        for (seat, free) in [(3, 19), (4, 18)] {
            _ = try await fixture.hold([seat], for: ShopFixture.guest("guest \(seat)"))
            let states = try await board.availabilities(of: [later, evening])
            #expect(states.map(\.freeCount) == [20, free])
            #expect(states[1].isFree(2) && !states[1].isFree(seat))
            #expect(try await board.availability(of: evening).revision == states[1].revision)
        }
        #expect(try await board.availabilities(of: []).isEmpty)
    }

    @Test func `A clock that is put back keeps no old picture and no old event`() async throws {
        let fixture = try await ShopFixture()
        let board = AvailabilityBoard(
            database: fixture.shop.database,
            clock: fixture.clock.wallClock
        )
        let listing = try await fixture.listing()
        #expect(try await board.availability(of: listing).freeCount == 20)
        #expect(try await fixture.shop.catalog.glimpses().count == 2)
        _ = try await fixture.hold([0])
        try await fixture.shop.database.write {
            try $0.run("UPDATE events SET title = 'Another' WHERE slug = 'evening'")
        }
        fixture.clock.advance(by: -Span.minute)
        #expect(try await board.availability(of: listing).freeCount == 19)
        #expect(try await fixture.listing().event.title == "Another")
        let titles = try await fixture.shop.catalog.glimpses().map(\.title)
        #expect(titles.contains("Another"))
    }
}
