import Testing

@testable import Ticketing

struct DatabaseClockTests {
    @Test(arguments: Engine.tested, [-Span.hour, Span.hour])
    func `With a server all processes go by its time, whatever their own clocks say`(
        engine: Engine,
        skew: Milliseconds
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let skewed = WallClock { WallClock.system.now() + skew }
        let shop = try Shop(
            database: try Database(url: fixture.url),
            settings: fixture.shop.settings,
            clock: skewed
        )
        #expect(shop.databaseClock.isRight == (engine == .sqlite), "before it was measured")
        // An answer that took more than a second is not used.
        let expected = engine == .mariadb ? 0 : skew
        let isRight = try await soonMeasured(shop, by: expected)
        #expect(isRight)
        #expect(shop.databaseClock.isRight)
        for clock in [
            shop.holds.clock, shop.orders.clock, shop.sweeper.clock, shop.jobs.clock,
            shop.accounts.clock, shop.sessions.clock, shop.purge.clock, shop.clock,
        ] {
            let difference = clock.now() - WallClock.system.now() - expected
            #expect(difference.magnitude < Span.minute)
        }
        let own = shop.payments.ownClock.now() - WallClock.system.now() - skew
        #expect(own.magnitude < Span.minute, "signatures are judged by it")
        try shop.database.close()
    }

    private func soonMeasured(_ shop: Shop, by expected: Milliseconds) async throws -> Bool {
        for _ in 0..<100 {
            try await shop.databaseClock.measure()
            let difference = shop.holds.clock.now() - WallClock.system.now() - expected
            if difference.magnitude < Span.minute { return true }
        }
        return false
    }

    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `Once it is measured the server's time goes on whatever is done to the machine's clock`()
        async throws
    {
        let fixture = try await ShopFixture(on: .mariadb)
        try await fixture.shop.databaseClock.measure()
        #expect(fixture.shop.databaseClock.isRight, "the first answer is good enough")
        for step in [Span.hour, -2 * Span.hour] {
            fixture.clock.advance(by: step)
            let difference = fixture.shop.clock.now() - WallClock.system.now()
            #expect(difference.magnitude < Span.minute)
        }
    }
}
