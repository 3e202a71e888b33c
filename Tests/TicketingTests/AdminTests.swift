import Testing

@testable import Ticketing

struct AdminTests {
    /// A hall with three seats and a floor.
    static let map = """
        {"venue":{"slug":"barn","name":"Barn","city":"Faro","tz":"Europe/Lisbon"},"sections":[
        {"code":"A","name":"Seats","rows":[{"row":"1","seats":["1","2","3"]}]},
        {"code":"F","name":"Floor","standing":40}]}
        """

    private static func place(_ x: String, _ y: String) -> String {
        """
        {"venue":{"slug":"a","name":"n","city":"c","tz":"UTC"},"sections":[{"code":"A","name":"n",
        "rows":[{"row":"1","seats":["1"],"x":\(x),"y":\(y)}]}]}
        """
    }

    private static func event(map: String, slug: String = "dance") -> String {
        """
        {"slug":"\(slug)","map":"\(map)","title":"Dance","starts_at":"2026-12-24T20:00:00Z",
        "sales_open_at":"2026-01-01T00:00:00Z","tiers":[{"number":1,"name":"All","amount":1000,"fee":50}],
        "sections":{"A":1,"F":1}}
        """
    }

    @Test func `The house imports a map, puts an event on sale, pauses it and keeps seats back`()
        async throws
    {
        try await RunningShop.run { shop in
            let client = shop.client
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let user = try await shop.signIn("ana@example.com")
            #expect(try await client.post("/api/v1/admin/maps", json: Self.map, user).status == 403)
            let map = try await client.post("/api/v1/admin/maps", json: Self.map, admin)
            #expect(map.status == 201)
            let json = Self.event(map: map.member("map"))
            let keyed = admin.merging(["idempotency-key": "event-1"]) { $1 }
            let event = try await client.post("/api/v1/admin/events", json: json, keyed)
            #expect(event.status == 201, "\(event.body)")
            let again = try await client.post("/api/v1/admin/events", json: json, keyed)
            #expect(again.body == event.body)
            #expect(try await client.post("/api/v1/admin/events", json: json, admin).status == 409)
            let path = "/api/v1/events/dance/holds"
            let standing = try await client.post(path, json: #"{"ga":{"section":"F","qty":2}}"#)
            #expect(standing.status == 201, "\(standing.body)")
            let block = #"{"seats":["A-1-2"]}"#
            let blocks = "/api/v1/admin/events/dance/blocks"
            #expect(try await client.post(blocks, json: block, admin).status == 201)
            #expect(try await client.post(path, json: block).member("type") == "seats-taken")
            #expect(
                try await client.post("/api/v1/admin/events/dance/pause", json: "", admin).status
                    == 200
            )
            shop.fixture.clock.advance(by: 2 * Span.second)
            #expect(
                try await client.post(path, json: #"{"seats":["A-1-1"]}"#).member("type")
                    == "sale-closed"
            )
            let stats = try await client.get("/api/v1/admin/events/dance/stats", admin)
            #expect(stats.body.contains("\"blocked\":1"))
            #expect(stats.body.contains("\"held\":2"))
        }
    }

    @Test(arguments: Engine.tested)
    func `Maps of one house imported at the same moment become revisions one after another`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let map = try JSON.decode(MapImport.self, from: Array(Self.map.utf8))
        let revisions = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                let shop = number.isMultiple(of: 2) ? fixture.shop : other
                group.addTask {
                    try await shop.database.write { try map.insert(shop.mint, $0) }.revision
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(revisions.sorted() == Array(1...12))
        try other.database.close()
    }

    @Test func `An event whose two tiers share a number is refused`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let map = try await shop.client.post("/api/v1/admin/maps", json: Self.map, admin)
            let json = Self.event(map: map.member("map")).replacing(
                #""tiers":["#,
                with: #""tiers":[{"number":1,"name":"Some","amount":900},"#
            )
            let answer = try await shop.client.post("/api/v1/admin/events", json: json, admin)
            #expect(answer.status == 400, "\(answer.body)")
            let marked = Self.event(map: map.member("map")).replacing(
                #""tiers":"#,
                with: #""currency":"<b>","tiers":"#
            )
            let refused = try await shop.client.post("/api/v1/admin/events", json: marked, admin)
            #expect(refused.status == 400, "\(refused.body)")
        }
    }

    @Test func `A cancelled event stays cancelled`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let path = "/api/v1/admin/events/evening"
            for (word, status) in [
                ("pause", 200), ("open", 200), ("cancel", 200), ("cancel", 200), ("open", 409),
                ("pause", 409),
            ] {
                let answer = try await shop.client.post("\(path)/\(word)", json: "", admin)
                #expect(answer.status == status, "\(word)")
            }
            let page = try await shop.client.post(
                "/admin/events/evening/status",
                form: "status=open",
                admin
            )
            #expect(page.status == 409)
            #expect(try await shop.fixture.count("SELECT status FROM events WHERE id = 1") == 2)
        }
    }

    @Test func `Links that were followed keep nobody from another one`() async throws {
        let fixture = try await ShopFixture()
        let accounts = fixture.shop.accounts
        let email = try #require(EmailAddress("eva@example.com"))
        try await accounts.register(
            Applicant(email: email, name: "Eva", password: "first password", isVerified: true)
        )
        for _ in 0..<AccountTokens.liveLimit { try await accounts.requestReset(email) }
        let token = try await fixture.shop.database.read {
            try $0.first("SELECT payload FROM outbox") { try $0.text(0) }
        }
        try await accounts.reset(try #require(token), password: "second password")
        try await accounts.requestReset(email)
        let mails = try await fixture.count("SELECT COUNT(*) FROM outbox")
        #expect(mails == AccountTokens.liveLimit + 1)
    }

    @Test func `Strangers cannot have an account mailed without end`() async throws {
        let fixture = try await ShopFixture()
        let email = try #require(EmailAddress("eva@example.com"))
        try await fixture.shop.accounts.register(
            Applicant(
                email: email,
                name: "Eva",
                password: "first password",
                isVerified: true
            )
        )
        for _ in 0..<9 { try await fixture.shop.accounts.requestReset(email) }
        #expect(try await fixture.count("SELECT COUNT(*) FROM outbox") == AccountTokens.liveLimit)
        fixture.clock.advance(by: Span.hour)
        try await fixture.shop.accounts.requestReset(email)
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM outbox") == AccountTokens.liveLimit + 1
        )
    }

    @Test(arguments: [
        "{}", #"{"venue":{"slug":"A B","name":"n","city":"c","tz":"UTC"},"sections":[]}"#,
        #"{"venue":{"slug":"a","name":"n","city":"c","tz":"UTC"},"sections":[{"code":"A","name":"n"}]}"#,
        #"{"venue":{"slug":"a","name":"n","city":"c","tz":"UTC"},"sections":[{"code":"A","name":"n","standing":-1}]}"#,
        map.replacing("Europe/Lisbon", with: "Moon/Sea"),
        place("[9223372036854775807]", "[1]"), place("[1]", "[-9223372036854775808]"),
        place("[1,2]", "[1]"),
    ])
    func `A map that cannot be sold from is refused`(json: String) async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let answer = try await shop.client.post("/api/v1/admin/maps", json: json, admin)
            #expect(answer.status == 400, "\(answer.body)")
        }
    }

    @Test func `Names on a map are what can be printed, without the blanks around them`() throws {
        let read = { (json: String) in
            try JSON.decode(MapImport.self, from: Array(json.utf8)).trimmed
        }
        let twice = Self.map.replacing(#""code":"F""#, with: #""code":"A ""#)
        #expect(throws: Problem.self) { try read(twice).check() }
        #expect(throws: Problem.self) {
            try read(Self.map.replacing(#""1","2""#, with: #""1","1 ""#)).check()
        }
        for (name, field) in [
            (#""name":"Barn"#, "venue.name"), (#""city":"Faro"#, "venue.city"),
            (#""name":"Floor"#, "sections"), (#""row":"1"#, "sections"),
        ] {
            let hostile = try read(Self.map.replacing(name, with: name + #"\r\nBcc: x@y"#))
            #expect(throws: Problem.invalidText(field)) { try hostile.check() }
        }
        let map = try read(Self.map.replacing("Floor", with: " Floor "))
        try map.check()
        #expect(map.sections.map(\.name) == ["Seats", "Floor"])
    }

    @Test func `The audit says which account did it, of pages and vouchers too`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let database = shop.fixture.shop.database
            try await database.write {
                try Outbox.add(.mailReset, "a@b.pt", id: 7, dueAt: 0, at: 0, $0)
            }
            try await database.write { try $0.run("UPDATE outbox SET kind = 2 WHERE id = 7") }
            let voucher = try await shop.client.post(
                "/api/v1/admin/events/evening/vouchers",
                json: #"{"code":"gift","kind":"percent","amount":100,"max_uses":5}"#,
                admin
            )
            #expect(voucher.status == 201, "\(voucher.body)")
            // Twice, which is once.
            for _ in 0..<2 {
                let page = try await shop.client.post("/admin/jobs/7/replay", form: "", admin)
                #expect(page.status == 303)
            }
            let lines = try await database.read { connection in
                try connection.rows("SELECT actor, action, entity FROM audit ORDER BY id") {
                    "\(try $0.text(0)): \(try $0.text(1)) \(try $0.text(2))"
                }
            }
            let user = try await shop.fixture.count("SELECT id FROM users")
            let actor = "user \(user), admin"
            #expect(lines == ["\(actor): voucher added event 1", "\(actor): replay job 7"])
        }
    }

    @Test func `However many events are over, what comes next is first in every list`() async throws {
        try await RunningShop.run { shop in
            try await Self.addPastEvents(600, to: shop.fixture)
            let catalog = shop.fixture.shop.catalog
            let events = try await catalog.glimpses()
            #expect(events.count == 602)
            #expect(events.prefix(4).map(\.slug) == ["evening", "later", "past-1", "past-2"])
            let list = try await shop.client.get("/api/v1/events")
            #expect(list.body.contains(#""slug":"evening""#))
            #expect(try await shop.client.get("/api/v1/events?page=13").body.contains("past-600"))
            let page = try await shop.client.get("/")
            #expect(page.body.contains("/e/evening") && page.body.contains("?page=2"))
            #expect(!page.body.contains("rel=\"prev\""))
            let last = try await shop.client.get("/?page=13")
            #expect(last.body.contains("/e/past-600") && !last.body.contains("rel=\"next\""))
            #expect(try await shop.client.get("/?page=14").status == 404)
            let admin = try await shop.signIn("root@example.com", role: .admin)
            for (path, slug) in [("/admin", "evening"), ("/admin?page=13", "past-600")] {
                let page = try await shop.client.get(path, admin)
                #expect(page.body.contains("/admin/events/\(slug)"))
            }
            // Of the day before and after now.
            let door = try await shop.client.get("/door", admin)
            #expect(door.body.contains("past-23") && !door.body.contains("past-24"))
        }
    }

    @Test(arguments: ["evening", "EVENING", "porto", "friends house", "Ópera", "óPERA"])
    func `A search finds titles, venues and cities in upper and lower case`(words: String)
        async throws
    {
        let fixture = try await ShopFixture()
        try await fixture.shop.database.write {
            try $0.run("UPDATE events SET title = 'Evening of ÓPERA with Friends' WHERE id = 1")
            try $0.run("UPDATE events SET starts_at = 0 WHERE id = 2")
        }
        let list = try await fixture.shop.catalog.list()
        #expect(list.events(with: words).first?.slug == "evening")
        #expect(list.events(with: "nobody").isEmpty)
    }

    @Test func `Lists find their events by an index`() async throws {
        let fixture = try await ShopFixture()
        let plan = try await fixture.shop.database.read { connection in
            try connection.rows(
                "EXPLAIN QUERY PLAN SELECT slug FROM events WHERE starts_at > ? ORDER BY starts_at, id LIMIT 9",
                [1]
            ) { try $0.text(3) }
        }
        #expect(plan.contains { $0.contains("INDEX ix_events_start") }, "\(plan)")
    }

    /// Events like the one of this evening, one an hour until an hour ago.
    private static func addPastEvents(_ count: Int, to fixture: ShopFixture) async throws {
        let now = fixture.clock.now
        try await fixture.shop.database.write { connection in
            for number in 1...count {
                try connection.run(
                    """
                    INSERT INTO events SELECT ?, ?, map_id, title, body, currency, ?, sales_open_at, sales_close_at,
                      status, max_per_order, max_per_buyer, hold_seconds, waiting_room FROM events WHERE id = 1
                    """,
                    [number + 100, "past-\(number)", now - Milliseconds(number) * Span.hour]
                )
                for table in ["tiers", "event_sections"] {
                    let columns = table == "tiers" ? ", name, amount, fee, color" : ""
                    let first = table == "tiers" ? "tier_no" : "section_no, tier_no"
                    try connection.run(
                        "INSERT INTO \(table) SELECT ?, \(first)\(columns) FROM \(table) WHERE event_id = 1",
                        [number + 100]
                    )
                }
            }
        }
    }

    @Test func `Seats given away cost nothing and are tickets like any other`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let json =
                #"{"seats":["ST-A-1","ST-A-2"],"email":"press@example.com","holder":"Press"}"#
            let order = try await shop.client.post(
                "/api/v1/admin/events/evening/orders",
                json: json,
                admin
            )
            #expect(order.status == 201, "\(order.body)")
            #expect(order.member("state") == "paid")
            #expect(order.body.contains("\"total\":0"))
            let code = order.member("code")
            let pdf = try await shop.client.get("/api/v1/orders/\(code)/tickets.pdf", admin)
            #expect(pdf["content-type"] == "application/pdf")
            #expect(pdf.body.hasPrefix("%PDF-"))
            let serial = order.member("serial")
            let svg = try await shop.client.get("/api/v1/tickets/\(serial).svg", admin)
            #expect(svg["content-type"] == "image/svg+xml")
            #expect(try await shop.client.get("/api/v1/tickets/\(serial).svg").status == 404)
        }
    }

    /// What the newest job of a kind would mail.
    private static func token(_ topic: Outbox.Topic, _ fixture: ShopFixture) async throws -> String {
        let token = try await fixture.shop.database.read { connection in
            try connection.first(
                "SELECT payload FROM outbox WHERE topic = ? ORDER BY id DESC",
                [topic.rawValue]
            ) { try $0.text(0) }
        }
        return try #require(token)
    }

    @Test(arguments: Engine.tested)
    func `Accounts are confirmed by mail and get a new password by mail`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let credentials = Credentials(shop: fixture.shop)
        try await credentials.register(
            email: "eva@example.com",
            name: "Eva",
            password: "first password"
        )
        let proof = try await Self.token(.mailVerify, fixture)
        await #expect(throws: Problem.tokenInvalid) {
            try await fixture.shop.accounts.reset(proof, password: "second password")
        }
        try await fixture.shop.accounts.verify(proof)
        #expect(try await fixture.count("SELECT COUNT(*) FROM users WHERE verified_at > 0") == 1)

        let email = try #require(EmailAddress("eva@example.com"))
        let first = try await credentials.login(
            email: email.text,
            password: "first password"
        )
        try await fixture.shop.accounts.requestReset(email)
        let sibling = try await Self.token(.mailReset, fixture)
        try await fixture.shop.accounts.requestReset(email)
        try await fixture.shop.accounts.requestReset(try #require(EmailAddress("no@body.pt")))
        let token = try await Self.token(.mailReset, fixture)
        try await credentials.reset(token: token, password: "second password")
        for spent in [token, sibling] {
            await #expect(throws: Problem.tokenInvalid) {
                try await credentials.reset(token: spent, password: "third password")
            }
        }
        let cookie = try #require(first.cookies.first).dropFirst(15).prefix(43)
        #expect(try await fixture.shop.sessions.session(token: String(cookie)) == nil)
        await #expect(throws: Problem.invalidCredentials) {
            try await credentials.login(
                email: email.text,
                password: "first password"
            )
        }
        let second = try await credentials.login(
            email: email.text,
            password: "second password"
        )
        #expect(try await fixture.shop.sessions.sessions(of: second.account.id).count == 1)
        #expect(try await fixture.shop.jobs.work() == 3)
        #expect(try fixture.mails().count == 3)
    }

    @Test func `Seats are given away once, though nobody heard the answer`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let keyed = admin.merging(["idempotency-key": "gift"]) { $1 }
            let path = "/api/v1/admin/events/evening/orders"
            let json = #"{"email":"ana@example.com","holder":"Ana","best":{"qty":1}}"#
            let first = try await shop.client.post(path, json: json, keyed)
            #expect(first.status == 201, "\(first.body)")
            // As if the commit's answer had been lost, and the key been freed.
            try await shop.fixture.shop.database.write {
                try $0.run("DELETE FROM idempotency WHERE scope LIKE 'api:%'")
            }
            let again = try await shop.client.post(path, json: json, keyed)
            #expect(again.body == first.body)
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM orders") == 1)
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM holds") == 1)
        }
    }
}
