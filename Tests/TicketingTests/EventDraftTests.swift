import Testing

@testable import Ticketing

/// What the house may send about an event, and what it is told when it may not.
struct EventDraftTests {
    private static let event = """
        {"slug":"dance","map":"MAP","title":"Dance","starts_at":"2026-12-24T20:00:00Z",
        "sales_open_at":"2026-01-01T00:00:00Z","sales_close_at":"2026-12-24T21:00:00Z",
        "tiers":[{"number":1,"name":"All","amount":1000,"fee":50}],"sections":{"A":1,"F":1}}
        """
    private static let json = ["content-type": "application/json"]

    @Test(arguments: [
        (#""F":1"#, #""F":1,"Z":1"#, 400, "section Z is not on the map"),
        (#""A":1,"#, "", 400, "section A has no tier"),
        ("2026-12-24T21", "2025-12-24T21", 400, "sales_close_at is after sales_open_at"),
        ("2026-12-24T20", "2025-12-24T20", 400, "starts_at is not before sales_open_at"),
        ("2026-12-24T20", "2026-02-30T20", 400, "is not a time as in RFC 3339"),
        (#""Dance""#, #""Da\u0000nce""#, 422, "title"),
        (#""Dance""#, #""Da\u202ence""#, 422, "title"),
        (#""All""#, #""A\u2066ll""#, 422, "tiers"),
        (#""dance""#, #""The Dance!""#, 400, "slug has"),
        (#""slug":"dance","#, "", 400, "slug, map, title"),
        ("MAP", "ground floor", 400, "map is the id of a map"),
        (#""map""#, #""currency":"JPY","map""#, 400, "two decimals"),
        (#""map""#, #""currency":"KWD","map""#, 400, "two decimals"),
        (#""map""#, #""currency":"QQQ","map""#, 400, "two decimals"),
        (#""map""#, #""currency":"eur","map""#, 400, "two decimals"),
    ])
    func `An event that cannot be meant is refused, and the answer says by which part`(
        part: String,
        flaw: String,
        status: Int,
        detail: String
    ) async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let map = try await shop.client.post("/api/v1/admin/maps", json: AdminTests.map, admin)
            let path = "/api/v1/admin/events"
            let flawed = Self.event.replacing(part, with: flaw)
                .replacing("MAP", with: map.member("map"))
            let refused = try await shop.client.post(path, json: flawed, admin)
            #expect(refused.status == status, "\(refused.body)")
            #expect(refused.member("detail").contains(detail), "\(refused.body)")
            let whole = Self.event.replacing("MAP", with: map.member("map"))
            #expect(try await shop.client.post(path, json: whole, admin).status == 201)
        }
    }

    @Test(arguments: [
        (#"{"slug":"morning"}"#, 400, "slug"), (#"{"map":"1"}"#, 400, "map"),
        (#"{"currency":"USD"}"#, 400, "currency"), (#"{"sections":{"ST":2}}"#, 400, "sections"),
        (#"{"tiers":[{"number":7,"name":"New","amount":1}]}"#, 400, "tier 7"),
        (#"{"sales_close_at":"2001-01-01"}"#, 400, "sales_close_at"),
        (#"{"starts_at":"2001-01-01T00:00:00Z"}"#, 400, "starts_at"),
        (#"{"title":"\u202eEvening"}"#, 422, "title"),
        (#"{"slug":"evening","map":"9","sections":{"ST":1},"title":"Same"}"#, 200, ""),
    ])
    func `What of an event never changes is refused unless it is what it was`(
        body: String,
        status: Int,
        detail: String
    ) async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let path = "/api/v1/admin/events/evening"
            let headers = admin.merging(Self.json) { $1 }
            let answer = try await shop.client.send("PATCH", path, headers, body)
            #expect(answer.status == status, "\(answer.body)")
            #expect(answer.member("detail").contains(detail), "\(answer.body)")
            #expect(
                try await shop.fixture.count(
                    "SELECT COUNT(*) FROM events WHERE id = 1 AND title = 'Same'"
                ) == (status == 200 ? 1 : 0)
            )
        }
    }

    @Test(arguments: Engine.tested) func `A tier keeps the fee that a change does not name`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        for (json, fee) in [("", 250), (#","fee":300"#, 300), ("", 300), (#","fee":0"#, 0)] {
            let text = #"{"tiers":[{"number":1,"name":"Stalls","amount":5000\#(json)}]}"#
            let draft = try JSON.decode(EventDraft.self, from: Array(text.utf8))
            try await fixture.shop.database.write { try draft.update(1, $0) }
            let prices = "SELECT fee FROM tiers WHERE event_id = 1 AND amount = 5000"
            #expect(try await fixture.count(prices) == fee)
        }
    }

    @Test(arguments: [
        (#""percent","amount":150"#, 400, "amount of a percent voucher is 1 to 100"),
        (#""share","amount":10"#, 400, "kind is percent or amount"),
        (#""amount","amount":0"#, 400, "amount is 1 to 100,000,000"),
        (#""percent","amount":1.5"#, 400, "all numbers are whole"),
        (#""percent","amount":"ten""#, 400, "amount is not what it should be"),
    ])
    func `A voucher that cannot be meant is refused by the part that is wrong`(
        part: String,
        status: Int,
        detail: String
    ) async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let answer = try await shop.client.post(
                "/api/v1/admin/events/evening/vouchers",
                json: #"{"code":"TEN","max_uses":5,"kind":\#(part)}"#,
                admin
            )
            #expect(answer.status == status)
            #expect(answer.member("detail").contains(detail), "\(answer.body)")
        }
    }

    @Test func `Answers name parts as they are sent, and a code that is taken as one`() async throws {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let path = "/api/v1/admin/events/evening/vouchers"
            let code = #"{"code":"TEN","kind":"percent","amount":10"#
            let short = try await shop.client.post(path, json: code + "}", admin)
            #expect(short.member("detail") == "max_uses is missing")
            let whole = code + #","max_uses":5}"#
            #expect(try await shop.client.post(path, json: whole, admin).status == 201)
            let again = try await shop.client.post(path, json: whole, admin)
            #expect(again.status == 409)
            #expect(again.member("type") == "voucher-taken")
            let holds = "/api/v1/events/evening/holds"
            let odd = try await shop.client.post(holds, json: #"{"seats":[true]}"#)
            #expect(odd.member("detail") == "seats[0] is not what it should be")
        }
    }

    @Test(arguments: [
        ("2026-02-28", true), ("2028-02-29", true), ("2026-02-30", false), ("2027-02-29", false),
        ("2026-13-01", false), ("2026-04-31T10:00:00Z", false), ("2026-04-30T10:00:00Z", true),
        ("2026-04-30T24:30:00Z", false), ("2026-04-30T10:61:00Z", false),
        ("2026-04-30T23:30:00-05:00", true), ("2026-04-30T23:30:00.250+02:00", true),
    ])
    func `A day that the calendar does not have is no time`(text: String, isTime: Bool) {
        #expect((Milliseconds(timestamp: text) != nil) == isTime)
    }
}
