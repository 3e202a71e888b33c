import Testing

@testable import Ticketing

/// What a buyer meets who leaves the straight way from seats to tickets.
struct BuyerPathTests {
    private static let html = ["accept": "text/html"]

    /// A visitor's hold, and the cookie that goes with it.
    private static func hold(_ shop: RunningShop, _ count: Int = 2) async throws -> (
        path: String, cart: [String: String]
    ) {
        let hold = try await shop.client.post("/e/evening/holds", form: "qty=\(count)")
        #expect(hold.status == 303)
        return (hold["location"], ["cookie": hold.cookie])
    }

    /// The same, ordered: the order, and where to pay.
    private static func order(_ shop: RunningShop) async throws -> (
        code: String, hold: String, cart: [String: String], payment: String
    ) {
        let (path, cart) = try await hold(shop)
        let form = "email=ana%40example.com&holder=Ana"
        let answer = try await shop.client.post(path, form: form, cart)
        let code = try await shop.fixture.shop.database.read { connection in
            try connection.first("SELECT code FROM orders") { try $0.text(0) }
        }
        return (try #require(code), path, cart, answer["location"])
    }

    @Test func `Who opens the link of a reminder at another device pays there and comes back`()
        async throws
    {
        try await RunningShop.run { shop in
            let (code, _, cart, _) = try await Self.order(shop)
            let secret = shop.fixture.shop.orders.orderSecret.text(for: code)
            let own = try await shop.client.get("/orders/\(code)", cart).body
            #expect(own.contains("action=\"/orders/\(code)/cancel\""))
            let page = try await shop.client.get("/orders/\(code)?key=\(secret)").body
            #expect(page.contains("data-poll=\"/api/v1/orders/\(code)?key=\(secret)\""))
            #expect(page.contains("action=\"/orders/\(code)/pay?key=\(secret)\""))
            #expect(!page.contains("/cancel\""))
            let pay = try await shop.client.post("/orders/\(code)/pay?key=\(secret)", form: "")
            #expect(pay.status == 303 && pay["location"].hasPrefix("/sandbox-psp/pay/"))
            #expect(try await shop.client.post("/orders/\(code)/pay", form: "").status == 404)
            let paid = try await shop.client.post(pay["location"], form: "card=accepted")
            #expect(paid["location"] == "/orders/\(code)")
            let back = try await shop.client.get(paid["location"], ["cookie": pay.cookie])
            #expect(back.body.contains("/orders/\(code)/tickets.pdf?key=\(secret)"))
            #expect(try await shop.client.get(paid["location"], Self.html).status == 404)
        }
    }

    @Test func `Seats that are held are found again, and only by whom they are held for`()
        async throws
    {
        try await RunningShop.run { shop in
            let (path, cart) = try await Self.hold(shop)
            let link = "<a href=\"\(path)\">"
            #expect(try await shop.client.get("/orders", cart).body.contains(link))
            let more = try await shop.client.post("/e/evening/holds", form: "qty=5", cart)
            #expect(more.status == 422)
            #expect(more.body.contains("\(link)Go on with what you hold</a>: 2 seats"))
            let event = try await shop.client.get("/e/evening").body
            #expect(event.contains(#"<a href="/orders">your orders</a>"#))
            let other = try await Self.hold(shop).cart
            #expect(try await !shop.client.get("/orders", other).body.contains(link))
            shop.fixture.clock.advance(by: Span.hour)
            #expect(try await !shop.client.get("/orders", cart).body.contains(link))
        }
    }

    @Test func `Whose session ended in a checkout signs in and goes on there`() async throws {
        try await RunningShop.run { shop in
            let session = try await shop.signIn("ana@example.com")
            let hold = try await shop.client.post("/e/evening/holds", form: "qty=2", session)
            let path = hold["location"]
            #expect(try await shop.client.post("/logout", form: "", session).status == 303)
            let lost = try await shop.client.post(path, form: "holder=Ana", session)
            #expect(lost.status == 404)
            #expect(lost.body.contains("href=\"/login?next=\(path)\""))
            let login = try await shop.client.get("/login?next=\(path)").body
            #expect(login.contains("name=\"next\" value=\"\(path)\""))
            let form = "email=ana%40example.com&password=correct+horse&next="
            let back = try await shop.client.post("/login", form: form + FormBody.escape(path))
            #expect(back["location"] == path)
            let page = try await shop.client.get(path, ["cookie": back.cookie])
            #expect(page.body.contains("Order and pay 95.00 €"))
            let away = try await shop.client.post("/login", form: form + "%2F%2Fevil.example")
            #expect(away["location"] == "/orders")
        }
    }

    @Test func `Whose browser keeps no cookies is told why the seats are not there`() async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.get(try await Self.hold(shop).path, Self.html)
            #expect(page.status == 404)
            #expect(page.body.contains("Does your browser refuse cookies?"))
        }
    }

    @Test func `A checkout leads to the order that came of it`() async throws {
        try await RunningShop.run { shop in
            let (code, path, cart, _) = try await Self.order(shop)
            #expect(try await shop.client.get(path, cart)["location"] == "/orders/\(code)")
            let form = "email=eve%40example.com&holder=Eve"
            let again = try await shop.client.post(path, form: form, cart)
            #expect(again["location"] == "/orders/\(code)")
        }
    }

    @Test func `What is left of the time is in seconds, whatever the clock of the buyer says`()
        async throws
    {
        try await RunningShop.run { shop in
            let (path, cart) = try await Self.hold(shop)
            let whole = shop.fixture.shop.settings.holdSeconds ?? 480
            let page = try await shop.client.get(path, cart).body
            #expect(page.contains("data-left=\"\(whole)\""))
            #expect(page.contains(#"id="released" role="alert" hidden>"#))
            shop.fixture.clock.advance(by: Span.minute)
            #expect(
                try await shop.client.get(path, cart).body.contains("data-left=\"\(whole - 60)\"")
            )
            let order = try await Self.order(shop)
            let pending = try await shop.client.get("/orders/\(order.code)", order.cart).body
            #expect(pending.contains("data-left=\"900\""))
            for word in ["Date", "location.replace", "location.href"] {
                #expect(!CountdownScript.text.contains(word))
            }
        }
    }

    @Test func `The page of an order says what became of the last attempt to pay`() async throws {
        try await RunningShop.run { shop in
            let (code, _, cart, payment) = try await Self.order(shop)
            let page = { try await shop.client.get("/orders/\(code)", cart).body }
            #expect(try await !page().contains("declined"))
            _ = try await shop.client.post(payment, form: "card=declined")
            #expect(try await page().contains("The payment was declined"))
            let again = try await shop.client.post("/orders/\(code)/pay", form: "", cart)
            #expect(try await !page().contains("declined"))
            _ = try await shop.client.post(again["location"], form: "card=delayed")
            let waiting = try await page()
            #expect(waiting.contains("Your payment is being processed."))
            #expect(!waiting.contains("/orders/\(code)/pay"))
        }
    }

    @Test func `What is still to be done is not told as done`() async throws {
        try await RunningShop.run { shop in
            let (code, _, cart, payment) = try await Self.order(shop)
            let pending = try await shop.client.get("/orders/\(code)", cart).body
            #expect(pending.contains(#"aria-current="step">To pay</li>"#))
            #expect(!pending.contains(">Paid<") && !pending.contains("issued"))
            _ = try await shop.client.post(payment, form: "card=accepted")
            let paid = try await shop.client.get("/orders/\(code)", cart).body
            #expect(paid.contains(#"<li class="done">Paid</li>"#) && !paid.contains("aria-current"))
        }
    }

    @Test func `A voucher's worth is shown before anything is ordered, and that the fee remains`()
        async throws
    {
        try await RunningShop.run { shop in
            let voucher = Voucher(
                id: 77,
                code: "ALL",
                kind: .percent,
                amount: 100,
                maxUses: 1,
                uses: 0,
                validUntil: nil
            )
            _ = try await shop.fixture.shop.database.write {
                try VoucherRows.insert(voucher, event: 1, $0)
            }
            let (path, cart) = try await Self.hold(shop)
            let look = "email=ana%40example.com&holder=Ana&look=yes&voucher="
            let page = try await shop.client.post(path, form: look + "all", cart)
            #expect(page.status == 200)
            #expect(page.body.contains("Order and pay 5.00 €"))
            #expect(page.body.contains("The fee of 5.00 € remains."))
            #expect(page.body.contains("-90.00 €"))
            let wrong = try await shop.client.post(path, form: look + "none", cart)
            #expect(wrong.body.contains("There is no such voucher"))
            #expect(wrong.body.contains(#"value="ana@example.com""#))
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM orders") == 0)
        }
    }
}
