import Testing
import Transport

@testable import Ticketing

struct DoorTests {
    /// A paid order and what its ticket's code says.
    private static func code(_ fixture: ShopFixture) async throws -> String {
        let order = try await fixture.order(try await fixture.hold([7]))
        try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
        let tickets = try await fixture.shop.database.read {
            try OrderRows.tickets(of: order.id, $0)
        }
        return try #require(tickets.first).code
    }

    private static func scan(_ fixture: ShopFixture, _ code: String, event: String? = nil)
        async throws -> DoorDesk.Result
    {
        let scan = DoorDesk.Scan(qr: code, gate: "north", event: event, at: nil)
        let listings = try await fixture.shop.door.listings(of: [scan])
        return try await fixture.shop.database.write {
            try fixture.shop.door.admit(scan, listings, $0)
        }
    }

    @Test(arguments: Engine.tested)
    func `Of many scans of one ticket one opens the door`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let code = try await Self.code(fixture)
        #expect(try await Self.scan(fixture, code, event: "later").result == "wrong-event")
        let results = try await withThrowingTaskGroup(of: DoorDesk.Result.self) { group in
            for _ in 0..<30 { group.addTask { try await Self.scan(fixture, code) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0.result == "ok" }.count == 1)
        let others = results.filter { $0.result == "already" }
        #expect(others.count == 29)
        #expect(others.allSatisfy { $0.gate == "north" && $0.firstAt != nil })
        #expect(try await fixture.count("SELECT COUNT(*) FROM checkins") == 31)
    }

    @Test(arguments: Engine.tested)
    func `The answer to an upload of many scans can be had again`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let key = try ShopFixture.key("upload")
        let result = DoorDesk.Result(result: "already", holder: String(repeating: "é", count: 60))
        let results = Array(repeating: result, count: DoorDesk.batchLimit)
        for isReplay in [false, true] {
            let answer = try await fixture.shop.database.write { connection in
                try Idempotency.once(key, at: 0, connection) { Answer(status: 200, results) }
            }
            #expect(answer.isReplay == isReplay)
            #expect(answer.body.count > 65_535)
        }
    }

    @Test func `At the door's page a ticket for another event lets nobody in and stays good`()
        async throws
    {
        try await RunningShop.run { shop in
            let code = FormBody.escape(try await Self.code(shop.fixture))
            let door = try await shop.signIn("door@example.com", role: .door)
            let wrong = "qr=\(code)&gate=north&event=later"
            let refused = try await shop.client.post("/door", form: wrong, door)
            #expect(refused.body.contains("For another event"))
            #expect(refused.body.contains(#"<option value="later" selected>"#))
            let long = "qr=\(code)&gate=" + FormBody.escape(String(repeating: "👩‍👩‍👧‍👦", count: 40))
            #expect(try await shop.client.post("/door", form: long, door).status == 400)
            let right = "qr=\(code)&gate=north&event=evening"
            let admitted = try await shop.client.post("/door", form: right, door)
            #expect(admitted.body.contains("Welcome"))
        }
    }

    @Test func `A ticket that was given back, or that nobody signed, opens no door`() async throws {
        let fixture = try await ShopFixture()
        let code = try await Self.code(fixture)
        try await fixture.shop.database.write {
            try $0.run("UPDATE tickets SET state = 1, live_seat = NULL")
        }
        #expect(try await Self.scan(fixture, code).result == "void")
        let stranger = try #require(Ed25519PrivateKey.generate())
        let forged = try #require(TicketCode(event: 1, ticket: 2).signed(by: stranger))
        for text in ["", "BMH1.", forged, String(code.dropLast())] {
            #expect(try await Self.scan(fixture, text).result == "invalid")
        }
    }

    @Test func `The doors are for staff, over the wire, once per key`() async throws {
        try await RunningShop.run { shop in
            let code = try await Self.code(shop.fixture)
            let json = #"{"qr":"\#(code)","gate":"north"}"#
            #expect(try await shop.client.post("/api/v1/checkins", json: json).status == 401)
            let user = try await shop.signIn("ana@example.com")
            #expect(try await shop.client.post("/api/v1/checkins", json: json, user).status == 403)
            let door = try await shop.signIn("door@example.com", role: .door)
            let keyed = door.merging(["idempotency-key": "scan-1"]) { $1 }
            let first = try await shop.client.post("/api/v1/checkins", json: json, keyed)
            #expect(first.member("result") == "ok")
            let again = try await shop.client.post("/api/v1/checkins", json: json, keyed)
            #expect(again.body == first.body)
            #expect(again["idempotency-replayed"] == "true")
            let batch = #"{"scans":[\#(json),\#(json)]}"#
            let later = try await shop.client.post("/api/v1/checkins/batch", json: batch, door)
            #expect(later.body.components(of: "already") == 2)
            let manifest = try await shop.client.get("/api/v1/checkins/manifest/evening", door)
            #expect(manifest.body.contains("BEGIN PUBLIC KEY"))
        }
    }
}

extension String {
    /// How often a word occurs.
    func components(of word: String) -> Int { split(separator: "\"\(word)\"").count - 1 }
}
