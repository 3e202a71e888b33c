import Testing

@testable import Ticketing

/// Codes of vouchers are not to be guessed.
struct VoucherTryTests {
    private static func fixture(on engine: Engine = .sqlite) async throws -> ShopFixture {
        let fixture = try await ShopFixture(on: engine)
        try await install(in: fixture)
        return fixture
    }

    private static func install(in fixture: ShopFixture) async throws {
        let voucher = Voucher(
            id: 77,
            code: "FRIENDS",
            kind: .percent,
            amount: 50,
            maxUses: 100,
            uses: 0,
            validUntil: nil
        )
        _ = try await fixture.shop.database.write {
            try VoucherRows.insert(voucher, event: 1, $0)
        }
    }

    private static let guest = ShopFixture.guest("ana")

    /// What comes of a code: `found`, or the problem's word.
    private static func outcome(
        of code: String,
        by visitor: Visitor = guest,
        for hold: Int64,
        _ shop: Shop
    ) async throws -> String {
        do {
            let tries = shop.voucherTries
            let voucher = try await tries.voucher(code, event: 1, by: visitor, for: hold)
            return voucher == nil ? "voucher-invalid" : "found"
        } catch let problem as Problem { return problem.slug }
    }

    @Test(arguments: Engine.tested)
    func `Of many guesses at once, at two processes, ten are looked at`(engine: Engine)
        async throws
    {
        let fixture = try await Self.fixture(on: engine)
        let other = try fixture.otherProcess()
        let slugs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                let shop = number % 2 == 0 ? fixture.shop : other
                group.addTask { try await Self.outcome(of: "GUESS\(number)", for: 5, shop) }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(slugs == ["voucher-invalid": 10, "too-many-tries": 20])
        #expect(try await Self.outcome(of: "FRIENDS", for: 5, other) == "too-many-tries")
        fixture.clock.advance(by: VoucherTries.window)
        #expect(try await Self.outcome(of: "FRIENDS", for: 5, other) == "found")
        try other.database.close()
    }

    @Test func `Codes that exist cost no try, however often they are asked for`() async throws {
        let fixture = try await Self.fixture()
        for number in 0..<30 {
            let code = number % 10 == 5 ? "NOBODY" : "FRIENDS"
            let outcome = try await Self.outcome(of: code, for: 5, fixture.shop)
            #expect(outcome == (code == "FRIENDS" ? "found" : "voucher-invalid"))
        }
    }

    @Test func `Neither another hold nor another cart gives more tries, another window does`()
        async throws
    {
        let fixture = try await Self.fixture()
        let rui = ShopFixture.guest("rui")
        for hold in 0..<Int64(VoucherTries.limit) {
            #expect(try await Self.outcome(of: "A", for: hold, fixture.shop) == "voucher-invalid")
        }
        #expect(try await Self.outcome(of: "A", for: 99, fixture.shop) == "too-many-tries")
        for _ in 1..<VoucherTries.limit {
            let outcome = try await Self.outcome(of: "A", by: rui, for: 0, fixture.shop)
            #expect(outcome == "voucher-invalid")
        }
        let bea = ShopFixture.guest("bea")
        #expect(
            try await Self.outcome(of: "A", by: bea, for: 0, fixture.shop) == "too-many-tries"
        )
        #expect(
            try await Self.outcome(of: "A", by: rui, for: 50, fixture.shop) == "voucher-invalid"
        )
        fixture.clock.advance(by: VoucherTries.window)
        #expect(try await Self.outcome(of: "A", for: 99, fixture.shop) == "voucher-invalid")
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM voucher_tries") == 2)
    }

    @Test
    func `Quotes, orders and the page of the checkout share the tries and say when to return`()
        async throws
    {
        try await RunningShop.run { shop in
            try await Self.install(in: shop.fixture)
            let hold = try await shop.client.post(
                "/api/v1/events/evening/holds",
                json: #"{"seats":[0]}"#
            )
            let id = hold.member("id")
            let cart = ["cookie": hold.cookie]
            let quote = { (code: String) in
                try await shop.client.post(
                    "/api/v1/holds/\(id)/quote",
                    json: #"{"voucher":"\#(code)"}"#,
                    cart
                )
            }
            let order = { (code: String) in
                try await shop.client.post(
                    "/api/v1/orders",
                    json: #"{"hold":"\#(id)","email":"a@example.com","voucher":"\#(code)"}"#,
                    cart.merging(["idempotency-key": "key-\(code)"]) { $1 }
                )
            }
            let checkout = { (code: String) in
                try await shop.client.post(
                    "/checkout/\(id)",
                    form: "email=a%40example.com&holder=A&voucher=\(code)",
                    cart
                )
            }
            for number in 0..<4 { #expect(try await quote("Q\(number)").status == 422) }
            for number in 0..<4 { #expect(try await order("O\(number)").status == 422) }
            for number in 0..<2 { #expect(try await checkout("C\(number)").status == 422) }
            shop.fixture.clock.advance(by: Span.minute + 1)
            for answer in [try await quote("FRIENDS"), try await order("FRIENDS")] {
                #expect(answer.status == 429)
                #expect(answer["content-type"] == "application/problem+json")
                #expect(answer.member("type") == "too-many-tries")
                #expect(answer["retry-after"] == "540")
            }
            let page = try await checkout("FRIENDS")
            #expect(page.status == 429)
            #expect(page["retry-after"] == "540")
            #expect(page.body.contains("Too many codes"))
            #expect(try await quote("").status == 200, "without a code nothing is guessed")
            // Strangers cannot use up anybody's tries.
            #expect(
                try await shop.client.post(
                    "/api/v1/holds/\(id)/quote",
                    json: #"{"voucher":"X"}"#
                ).status == 404
            )
            shop.fixture.clock.advance(by: 540 * Span.second)
            #expect(try await quote("FRIENDS").status == 409, "the hold is over by then")
        }
    }
}
