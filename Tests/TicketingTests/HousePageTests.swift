import Testing

@testable import Ticketing

/// What the house sees of its events, and what it changes there.
struct HousePageTests {
    private static let html = ["accept": "text/html"]

    @Test func `What the house does about a sale is what it sees at once, whoever does it`()
        async throws
    {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let path = "/admin/events/evening"
            let page = { try await shop.client.get(path, admin).body }
            #expect(try await page().contains("Pause the sale"))
            #expect(try await page().contains(#"data-sale="open""#))
            let paused = try await shop.client.post("\(path)/status", form: "status=pause", admin)
            #expect(paused["location"] == path)
            #expect(try await page().contains("Go on selling"))
            #expect(try await shop.client.get("/e/evening").body.contains("Sale paused"))
            #expect(try await shop.client.get("/admin", admin).body.contains("paused"))
            let other = try shop.fixture.otherProcess()
            let event = try await other.catalog.listing(slug: "evening").event
            try await other.setStatus(.published, of: event, by: "test")
            #expect(try await page().contains("Pause the sale"))
            let stats = try await shop.client.get("/api/v1\(path)/stats", admin)
            #expect(stats.member("sale") == "open")
            try other.database.close()
            #expect(BoardScript.text.contains("figures.sale !== board.dataset.sale"))
        }
    }

    @Test func `The board of an event counts who watches this one`() async throws {
        let fixture = try await ShopFixture()
        let live = fixture.shop.live
        let later = try await fixture.shop.catalog.listing(slug: "later")
        let (viewer, messages) = try await live.subscribe(to: later, section: nil)
        let board = SalesBoard(shop: fixture.shop)
        #expect(try await board.figures(of: later).viewers == 1)
        #expect(try await board.figures(of: try await fixture.listing()).viewers == 0)
        live.unsubscribe(viewer, from: later.event.id)
        withExtendedLifetime(messages) {}
    }

    @Test func `Who works for the house finds its pages, signs in for them and lands there`()
        async throws
    {
        try await RunningShop.run { shop in
            let away = try await shop.client.get("/admin", Self.html)
            #expect(away["location"] == "/login?next=%2Fadmin")
            let login = try await shop.client.get(away["location"]).body
            #expect(login.contains(#"name="next" value="/admin""#))
            let house = #"<a href="/admin">The house</a>"#
            let door = #"<a href="/door">The door</a>"#
            for (role, sees) in [(Role.admin, [house, door]), (.door, [door]), (.user, [])] {
                let session = try await shop.signIn("\(role.name)@example.com", role: role)
                let page = try await shop.client.get("/orders", session).body
                for link in [house, door] {
                    #expect(page.contains(link) == sees.contains(link), "\(role) \(link)")
                }
            }
        }
    }

    @Test func `At the door "any" event is one of these days, and who was there first is told`()
        async throws
    {
        try await RunningShop.run { shop in
            try await shop.fixture.buy(7..<8)
            let tickets = try await shop.fixture.shop.database.read { connection in
                try connection.rows("SELECT code FROM tickets", []) { try $0.text(0) }
            }
            let scan = "gate=north&event=&qr=" + FormBody.escape(try #require(tickets.first))
            let early = try await shop.signIn("early@example.com", role: .door)
            let months = try await shop.client.post("/door", form: scan, early).body
            #expect(months.contains("For another event"))
            #expect(months.contains("An Evening &lt;with&gt; Friends, "))
            shop.fixture.clock.advance(by: 30 * Span.day - Span.hour)
            let door = try await shop.signIn("door@example.com", role: .door)
            let page = try await shop.client.get("/door", door).body
            #expect(page.contains(#"<option value="evening" selected>"#))
            #expect(try await shop.client.post("/door", form: scan, door).body.contains("Welcome"))
            let clock = LocalTime.date(shop.fixture.clock.now, in: "Europe/Lisbon").clockTime
            shop.fixture.clock.advance(by: 10 * Span.minute)
            let again = try await shop.client.post("/door", form: scan, door).body
            #expect(again.contains("Stalls, row A, seat 8"))
            #expect(again.contains(", \(clock), gate north"))
        }
    }
}
