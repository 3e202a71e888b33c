import Testing

@testable import Ticketing

struct PageTests {
    private static let html = ["accept": "text/html"]

    @Test
    func
        `Pages for everybody may be shared and set no cookie, pages of one visitor may not be kept`()
        async throws
    {
        try await RunningShop.run { shop in
            let session = try await shop.signIn("ana@example.com")
            for path in ["/", "/e/evening", "/e/later", "/e/evening?section=ST"] {
                for headers in [[:], session] {
                    let page = try await shop.client.get(path, headers)
                    #expect(page.status == 200)
                    #expect(page["cache-control"].hasPrefix("public, max-age=1"))
                    #expect(page.all("set-cookie").isEmpty)
                }
                let anonymous = try await shop.client.get(path)
                #expect(
                    try await shop.client.get(path, session).body == anonymous.body,
                    "one copy serves everybody"
                )
            }
            for path in ["/orders", "/login", "/register"] {
                #expect(
                    try await shop.client.get(path, session)["cache-control"] == "private, no-store"
                )
            }
        }
    }

    @Test func `Assets are addressed by content, kept for ever and small`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get("/e/evening").body
            let paths = Assets().paths.values.filter { page.contains($0) }
            #expect(paths.count == 3)
            for path in Assets().paths.values {
                let asset = try await shop.client.get(path)
                #expect(asset.status == 200)
                #expect(asset["cache-control"] == "public, max-age=31536000, immutable")
                #expect(asset.body.utf8.count < 20_000)
                let known = try await shop.client.get(
                    path,
                    ["if-none-match": "\"other\", \(asset["etag"])"]
                )
                #expect(known.status == 304)
            }
            #expect(try await shop.client.get("/assets/app.000000000000.css").status == 404)
        }
    }

    @Test func `Nothing on a page is inline, so that the policy can forbid it`() async throws {
        try await RunningShop.run { shop in
            let hold = try await shop.client.post("/e/evening/holds", form: "qty=2")
            let cart = ["cookie": hold.cookie]
            for path in ["/", "/e/evening", "/login", "/register", "/orders", hold["location"]] {
                let page = try await shop.client.get(path, cart)
                #expect(page["content-security-policy"].contains("default-src 'none'"))
                #expect(!page["content-security-policy"].contains("unsafe"))
                for forbidden in ["style=", "<style", "onclick", "<script>", "javascript:"] {
                    #expect(!page.body.contains(forbidden), "\(forbidden) on \(path)")
                }
            }
        }
    }

    @Test func `Somebody without scripts and without an account buys from page to page`()
        async throws
    {
        try await RunningShop.run { shop in
            let client = shop.client
            let hold = try await client.post("/e/evening/holds", form: "qty=2&tier=1")
            #expect(hold.status == 303)
            let cart = ["cookie": hold.cookie]
            let checkout = try await client.get(hold["location"], cart)
            #expect(checkout.body.contains("Order and pay 95.00 €"))
            #expect(checkout.body.contains(#"name="email""#))
            #expect(!checkout.body.contains("Signed in as"))
            let ordered = try await client.post(
                hold["location"],
                form: "email=ana%40example.com&holder=Ana+%3Cb%3E",
                cart
            )
            #expect(ordered.status == 303)
            let again = try await client.post(
                hold["location"],
                form: "email=ana%40example.com&holder=Ana+%3Cb%3E",
                cart
            )
            #expect(
                again["location"] == ordered["location"],
                "a second click is the same order and the same payment"
            )
            #expect(try await client.get(ordered["location"]).body.contains("4242 4242 4242 4242"))
            let paid = try await client.post(ordered["location"], form: "card=accepted")
            let order = try await client.get(paid["location"], cart)
            #expect(order.body.contains("Ana &lt;b&gt;"))
            #expect(order.body.split(separator: "BMH1.").count == 3)
            #expect(order.body.contains("<svg viewBox=\"0 0 49 49\""))
            #expect(try await client.get("/orders", cart).body.contains(paid["location"]))
            #expect(try await client.get(paid["location"], Self.html).status == 404)
        }
    }

    @Test func `Losing the race for seats shows the map again and names what went`() async throws {
        try await RunningShop.run { shop in
            _ = try await shop.fixture.hold([0])
            let answer = try await shop.client.post("/e/evening/holds", form: "seats=0,1")
            #expect(answer.status == 409)
            #expect(answer.body.contains("Taken: ST-A-1."))
            #expect(answer.body.contains(#"class="seat s1""#))
            #expect(answer["cache-control"] == "private, no-store")
        }
    }

    @Test func `Somebody who comes back from a waiting room to where a form went sees the event`()
        async throws
    {
        try await RunningShop.run { shop in
            let answer = try await shop.client.get("/e/evening/holds", Self.html)
            #expect(answer.status == 303)
            #expect(answer["location"] == "/e/evening")
            #expect(try await shop.client.get("/e/nothing/holds", Self.html).status == 404)
        }
    }

    @Test func `The end of a hold is a time of day, and scripts only add what is left`()
        async throws
    {
        try await RunningShop.run { shop in
            let hold = try await shop.client.post("/e/evening/holds", form: "qty=2")
            let cart = ["cookie": hold.cookie]
            let checkout = try await shop.client.get(hold["location"], cart).body
            let form = "email=ana%40example.com&holder=Ana"
            let ordered = try await shop.client.post(hold["location"], form: form, cart)
            let order = try await shop.fixture.shop.database.read { connection in
                try connection.first("SELECT code FROM orders") { try $0.text(0) }
            }
            #expect(ordered.status == 303)
            let pending = try await shop.client.get("/orders/\(order ?? "")", cart).body
            for (page, words) in [
                (checkout, "Held for you until <time"), (pending, "Pay until <time"),
            ] {
                #expect(page.contains(words))
                #expect(page.contains(#"</time> (venue time) <span id="left"></span></p>"#))
                #expect(!page.contains("UTC"))
            }
            #expect(!CountdownScript.text.contains("clock.textContent"))
        }
    }

    @Test func `Every seat is nearest to the label of its own row`() async throws {
        let tiers = (1...2).map {
            Tier(number: $0, name: "T\($0)", amount: 100, fee: 0, color: "#b8456b")
        }
        let map = try await ShopFixture(venue: .teatro, tiers: tiers).listing().map
        #expect(VenuePlan.arena.blocks.allSatisfy { 2 * $0.bend < VenuePlan.rowPitch })
        for row in map.sections.flatMap(\.rows) {
            let heights = map.seats[row.seats].map(\.y)
            let label = try #require(heights.first)
            #expect(
                heights.allSatisfy { 2 * abs($0 - label) < VenuePlan.rowPitch },
                "row \(row.label)"
            )
        }
    }

    @Test func `A seat is 24 pixels wide on a phone, where the map scrolls sideways`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get("/e/evening").body
            let map = try #require(
                page.split(separator: #"aria-label="Plan of the house"><svg "#).last?.prefix {
                    $0 != ">"
                }
            )
            #expect(map.contains(#"viewBox="0 0 160 "#) && map.contains(#"width="480""#))
            #expect(page.contains(#" r="4" "#))
        }
    }

    @Test func `A cancelled event shows no seats, and a plan that scrolls can be reached by keys`()
        async throws
    {
        try await RunningShop.run { shop in
            let open = try await shop.client.get("/e/evening").body
            #expect(open.contains(#"<div class="scroll" tabindex="0" role="region" aria-label="#))
            let event = try await shop.fixture.listing().event
            try await shop.fixture.shop.setStatus(.cancelled, of: event, by: "test")
            // A page is kept for a second.
            shop.fixture.clock.advance(by: Span.second)
            for path in ["/e/evening", "/e/evening?section=ST"] {
                let page = try await shop.client.get(path).body
                #expect(page.contains("This event will not take place."))
                for word in [
                    "<circle", "47.50", "Choose your seats", "<form method=\"post\" action=\"/e/",
                ] {
                    #expect(!page.contains(word), "\(word) on \(path)")
                }
            }
        }
    }

    @Test
    func `Shared pages lead to the account of whoever reads them, one's own pages know the reader`()
        async throws
    {
        try await RunningShop.run { shop in
            let session = try await shop.signIn("ana@example.com")
            let shared = try await shop.client.get("/", session).body
            #expect(shared.contains(#"<a href="/account">Account</a>"#))
            #expect(!shared.contains("Sign in") && !shared.contains("Sign out"))
            #expect(try await shop.client.get("/account", session)["location"] == "/orders")
            #expect(try await shop.client.get("/account")["location"] == "/login")
            #expect(try await shop.client.get("/account")["cache-control"] == "private, no-store")
            let own = try await shop.client.get("/orders", session).body
            #expect(own.contains("Sign out") && !own.contains(#"href="/account""#))
            #expect(
                try await shop.client.get("/orders").body.contains(
                    #"<a href="/login">Sign in</a></nav>"#
                )
            )
        }
    }

    @Test func `The payment page names its icon, so that no browser guesses at one`() async throws {
        try await RunningShop.run { shop in
            let hold = try await shop.fixture.hold([0])
            let reference = try await shop.fixture.startPayment(try await shop.fixture.order(hold))
            let page = try await shop.client.get("/sandbox-psp/pay/\(reference)", Self.html).body
            let icon = try #require(Assets().paths["icon_svg"])
            #expect(page.contains(#"<link rel="icon" href="\#(icon)""#))
        }
    }

    @Test func `What an operator wrote about an event is text, not markup`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get("/e/evening").body
            #expect(page.contains("An Evening &lt;with&gt; Friends"))
            #expect(!page.contains("<with>"))
        }
    }

    @Test func `An event that is not on sale offers no form`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get("/e/later").body
            #expect(page.contains("Opens soon"))
            #expect(page.contains(#"<h2 id="map-title">The seats</h2>"#))
            let open = try await shop.client.get("/e/evening").body
            #expect(open.contains(#"<h2 id="map-title">Choose your seats</h2>"#))
            #expect(!page.contains("<form method=\"post\" action=\"/e/later/holds\""))
        }
    }

    @Test func `An event whose sale has ended is listed apart and says so`() async throws {
        try await RunningShop.run { shop in
            #expect(try await !shop.client.get("/").body.contains("No longer on sale"))
            shop.fixture.clock.advance(by: 31 * Span.day)
            let list = try await shop.client.get("/").body
            let parts = list.split(separator: "<h2>No longer on sale</h2>")
            #expect(parts.count == 2 && parts[0].contains("/e/later"))
            #expect(parts.last?.contains("/e/evening") == true)
            #expect(try await shop.client.get("/e/evening").body.contains("The sale has ended."))
        }
    }

    @Test func `Browsers get pages for refusals, programs get problems`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get("/e/nothing", Self.html)
            #expect(page.status == 404)
            #expect(page["content-type"].hasPrefix("text/html"))
            let problem = try await shop.client.get("/api/v1/events/nothing", Self.html)
            #expect(problem.status == 404)
            #expect(problem["content-type"] == "application/problem+json")
        }
    }

    @Test
    func `A form signs in, and a wrong password says so without telling which part was wrong`()
        async throws
    {
        try await RunningShop.run { shop in
            _ = try await shop.signIn("ana@example.com")
            let texts = try await [
                shop.client.post("/login", form: "email=ana%40example.com&password=wrong+password"),
                shop.client.post("/login", form: "email=eve%40example.com&password=wrong+password"),
            ]
            #expect(texts.allSatisfy { $0.status == 401 && $0.all("set-cookie").isEmpty })
            #expect(texts[0].body == texts[1].body.replacing("eve@", with: "ana@"))
            let right = try await shop.client.post(
                "/login",
                form: "email=ana%40example.com&password=correct+horse"
            )
            #expect(right.status == 303)
            #expect(right.cookie.hasPrefix("__Host-bmh_sid="))
        }
    }
}
