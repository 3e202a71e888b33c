import Testing

@testable import Ticketing

/// What happens to an account while somebody signs in to it, and what is left when they sign out.
struct SessionRaceTests {
    /// An account, as whoever signs in with its password finds it.
    private static func account(_ fixture: ShopFixture) async throws -> Account {
        let email = try #require(EmailAddress("ana@example.com"))
        let accounts = fixture.shop.accounts
        try await accounts.register(
            Applicant(email: email, name: "Ana", password: ShopFixture.password)
        )
        return try await accounts.authenticate(email, password: ShopFixture.password)
    }

    @Test(arguments: Engine.tested)
    func `A login under way with the old password ends with the password`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let account = try await Self.account(fixture)
        let shop = fixture.shop
        try await shop.accounts.requestReset(try #require(EmailAddress(account.email)))
        let token = try await shop.database.read {
            try $0.first("SELECT payload FROM outbox WHERE topic = 'mail.reset'") { try $0.text(0) }
        }
        try await shop.accounts.reset(try #require(token), password: "another password")
        await #expect(throws: Problem.invalidCredentials) {
            try await shop.sessions.begin(account)
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM sessions") == 0)
    }

    @Test(arguments: Engine.tested)
    func `A login under way while the account's role changes has the new role`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let account = try await Self.account(fixture)
        let email = try #require(EmailAddress(account.email))
        _ = try await fixture.shop.accounts.setRole(.door, of: email)
        let (token, session) = try await fixture.shop.sessions.begin(account)
        #expect(session.identity.role == .door)
        #expect(try await fixture.shop.sessions.session(token: token) == session)
    }

    @Test(arguments: Engine.tested)
    func `What a browser chose and ordered becomes the account's, and no longer the browser's`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let account = try await Self.account(fixture)
        let guest = ShopFixture.guest("ana")
        let order = try await fixture.order(try await fixture.hold([0]))
        let hold = try await fixture.hold([1])
        let other = try await fixture.hold([2], for: ShopFixture.guest("rui"))
        // Somebody else had the browser before.
        let paid = try await fixture.order(try await fixture.hold([3]), email: "rui@example.com")
        let intent = try await fixture.startPayment(paid)
        try await fixture.shop.till.pay(intent, with: .accepted)
        let (_, session) = try await fixture.shop.sessions.begin(
            account,
            with: SessionStore.Luggage(cart: guest.cartHash)
        )
        let visitor = Visitor(identity: session.identity)
        let (holds, orders) = (fixture.shop.holds, fixture.shop.orders)
        #expect(try await orders.order(code: order.code, for: visitor).userId == account.id)
        #expect(try await holds.hold(id: hold, for: visitor).userId == account.id)
        await #expect(throws: Problem.notFound) { try await holds.hold(id: hold, for: guest) }
        await #expect(throws: Problem.notFound) {
            try await orders.order(code: order.code, for: guest)
        }
        await #expect(throws: Problem.notFound) { try await holds.hold(id: other, for: visitor) }
        await #expect(throws: Problem.notFound) {
            try await orders.order(code: paid.code, for: visitor)
        }
        // Ordered from it now, and after the session has ended nobody's but the account's.
        let next = try await fixture.order(hold, for: visitor)
        await #expect(throws: Problem.notFound) {
            try await orders.order(code: next.code, for: guest)
        }
    }

    @Test(arguments: Engine.tested)
    func `A login that fails for want of Redis leaves the browser what it had`(engine: Engine)
        async throws
    {
        var settings = ShopFixture.settings
        settings.redisURL = "redis://127.0.0.1:1"
        settings.patience = 100
        let fixture = try await ShopFixture(on: engine, settings: settings)
        let account = try await Self.account(fixture)
        let guest = ShopFixture.guest("ana")
        let order = try await fixture.order(try await fixture.hold([0]))
        let hold = try await fixture.hold([1])
        let before = Token.hash("before")
        try await fixture.shop.database.write {
            try $0.run("INSERT INTO sessions VALUES(?, 1, 0, 0, 0)", [before])
        }
        await #expect(throws: Problem.busy) {
            try await fixture.shop.sessions.begin(
                account,
                with: SessionStore.Luggage(session: before, cart: guest.cartHash)
            )
        }
        let (holds, orders) = (fixture.shop.holds, fixture.shop.orders)
        #expect(try await holds.hold(id: hold, for: guest).userId == nil)
        #expect(try await orders.order(code: order.code, for: guest).userId == nil)
        // And no session is left that nobody has the token of.
        let left = try await fixture.shop.database.read {
            try $0.rows("SELECT token_hash FROM sessions") { try $0.text(0) }
        }
        #expect(left == [before])
    }

    @Test(arguments: ["sessions/current", "me/sessions"])
    func `Whoever signs out leaves nothing open to the browser`(path: String) async throws {
        try await RunningShop.run { shop in
            _ = try await shop.signIn("ana@example.com")
            let client = shop.client
            let hold = try await client.post(
                "/api/v1/events/evening/holds",
                json: #"{"seats":[0]}"#
            )
            let cart = hold.cookie
            let login = try await client.post(
                "/api/v1/sessions",
                json: #"{"email":"ana@example.com","password":"\#(ShopFixture.password)"}"#,
                ["cookie": cart]
            )
            let cleared = "__Host-bmh_cart=; Path=/"
            #expect(login.all("set-cookie").contains { $0.hasPrefix(cleared) })
            let both = ["cookie": "\(login.cookie); \(cart)"]
            let order = try await client.post(
                "/api/v1/orders",
                json: #"{"hold":"\#(hold.member("id"))"}"#,
                both.merging(["idempotency-key": "one"]) { $1 }
            )
            #expect(order.status == 201, "\(order.body)")
            let address = "/api/v1/orders/\(order.member("code"))"
            #expect(try await client.get(address, both).status == 200)
            let end = try await client.send("DELETE", "/api/v1/\(path)", both, "")
            #expect(end.status == 204)
            #expect(end.all("set-cookie").contains { $0.hasPrefix(cleared) })
            #expect(try await client.get(address, both).status == 404)
        }
    }

    @Test(arguments: Engine.tested)
    func `A worker without Redis leaves the end of a session to one that has it`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        try await fixture.shop.database.write {
            try Outbox.add(.endSession, "abc", id: 1, dueAt: 0, at: 0, $0)
        }
        #expect(try await fixture.shop.jobs.work() == 0)
        #expect(try await fixture.count("SELECT attempts FROM outbox WHERE kind = 0") == 1)
    }

    @Test(arguments: Engine.tested)
    func `An order that is on its way while somebody signs in is theirs`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let account = try await Self.account(fixture)
        let guest = ShopFixture.guest("ana")
        let id = try await fixture.hold([0])
        let request = OrderDesk.Request(
            hold: try await fixture.shop.holds.hold(id: id, for: guest),
            email: try #require(EmailAddress(account.email)),
            holder: "Ana"
        )
        let (_, session) = try await fixture.shop.sessions.begin(
            account,
            with: SessionStore.Luggage(cart: guest.cartHash)
        )
        let listing = try await fixture.listing()
        await #expect(throws: Problem.notFound) {
            let stranger = ShopFixture.guest("rui")
            _ = try await fixture.shop.orders.create(
                request,
                in: listing,
                for: stranger,
                key: nil
            )
        }
        _ = try await fixture.shop.orders.create(request, in: listing, for: guest, key: nil)
        let orders = try await fixture.shop.database.read {
            try $0.rows("SELECT user_id, session_hash FROM orders") {
                (user: try $0.optionalInteger(0), session: try $0.text(1))
            }
        }
        #expect(orders.map(\.user) == [account.id])
        #expect(orders.map(\.session) == [session.identity.sessionId])
    }
}
