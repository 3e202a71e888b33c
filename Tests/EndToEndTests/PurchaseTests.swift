import Foundation
import Support
import Testing

extension Stories {
    /// What the product is for: somebody buys tickets, through everything.
    @Suite(.shop)
    struct PurchaseTests {
        private static let login =
            #"{"email":"buyer@example.com","password":"\#(ShopProcess.password)"}"#

        @Test func `A visitor signs in, holds two seats, pays and has two tickets`() throws {
            try buyTwoTickets(try ShopProcess())
        }

        @Test(.enabled(if: Tool.exists("redis-server"), "redis-server is not installed"))
        func `The same purchase with the waiting room in Redis`() throws {
            let redis = try RedisProcess()
            let further = """
                redis: {url: "redis://127.0.0.1:\(redis.port)"}
                rooms:
                  - {name: onsale, paths: ["/api/v1/events/teatro-500/*"], capacity: 100, rate: "50/s", store: redis}
                """
            try buyTwoTickets(try ShopProcess(further: further))
            #expect(try redis.command("DBSIZE") != "0\n", "the room left nothing in Redis")
        }

        private func buyTwoTickets(_ shop: ShopProcess) throws {
            let buyer = Shopper(shop, name: "buyer")
            #expect(try buyer.get("/api/v1/me").status == 401)
            #expect(try buyer.post("/api/v1/sessions", json: Self.login).status == 201)
            let account = try buyer.get("/api/v1/me")
            #expect(account.status == 200)
            #expect(account["email"] as? String == "buyer@example.com")

            let wish = #"{"best":{"qty":2,"together":true}}"#
            let hold = try buyer.post(
                "/api/v1/events/teatro-500/holds",
                json: wish,
                key: UUID().uuidString
            )
            #expect(hold.status == 201, "\(hold.text)")
            let order = try placeOrder(buyer, hold: try #require(hold["id"] as? String))
            try pay(buyer, order: order)

            let paid = try eventually {
                try buyer.get("/api/v1/orders/\(order)")["state"] as? String == "paid"
            }
            #expect(paid)
            let seats = try buyer.get("/api/v1/orders/\(order)")["seats"] as? [[String: Any]]
            #expect(seats?.compactMap { $0["code"] as? String }.count == 2)
            #expect(
                try Shopper(shop, name: "stranger").get("/api/v1/orders/\(order)").status != 200
            )
        }

        /// Orders twice with one key, as a client does whose first answer was lost.
        private func placeOrder(_ buyer: Shopper, hold: String) throws -> String {
            let key = UUID().uuidString
            let first = try buyer.post("/api/v1/orders", json: #"{"hold":"\#(hold)"}"#, key: key)
            #expect(first.status == 201, "\(first.text)")
            let second = try buyer.post("/api/v1/orders", json: #"{"hold":"\#(hold)"}"#, key: key)
            #expect(second.text == first.text)
            return try #require(first["code"] as? String)
        }

        private func pay(_ buyer: Shopper, order: String) throws {
            let payment = try buyer.post(
                "/api/v1/orders/\(order)/payments",
                json: "{}",
                key: UUID().uuidString
            )
            #expect(payment.status == 201, "\(payment.text)")
            let page = try #require(payment["redirect"] as? String)
            #expect(try buyer.get(page).status == 200)
            #expect((200..<400).contains(try buyer.submit(page, "card=accepted").status))
        }

        @Test func `Nobody becomes somebody else by a header, and the inside stays inside`() throws {
            let shop = try ShopProcess(serviceCount: 1)
            let stranger = Shopper(shop, name: "stranger")
            let forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIn0."
            #expect(try stranger.get("/api/v1/me", "-H", "Bmh-Assertion: \(forged)").status == 401)
            #expect(
                try stranger.get("/api/v1/me", "-H", "Cookie: __Host-bmh_sid=\(forged)").status
                    == 401
            )
            #expect(try stranger.get("/internal/session").status == 404)
            #expect(try stranger.get("/%69nternal/session").status == 404)

            let buyer = Shopper(shop, name: "buyer")
            #expect(try buyer.post("/api/v1/sessions", json: Self.login).status == 201)
            #expect(try buyer.get("/api/v1/admin/events/teatro-500/ledger").status == 403)
            #expect(try buyer.get("/api/v1/me", "-X", "DELETE").status != 200)
        }

        @Test func `A session ends everywhere soon after signing out`() throws {
            let shop = try ShopProcess(serviceCount: 1)
            let buyer = Shopper(shop, name: "buyer")
            #expect(try buyer.post("/api/v1/sessions", json: Self.login).status == 201)
            let stolen = try #require(
                buyer.cookies().split(separator: "\n").first { $0.contains("__Host-bmh_sid") }?
                    .split(separator: "\t")
                    .last
            )
            let thief = Shopper(shop, name: "thief")
            #expect(
                try thief.get("/api/v1/me", "-H", "Cookie: __Host-bmh_sid=\(stolen)").status == 200
            )
            #expect(try buyer.get("/api/v1/sessions/current", "-X", "DELETE").status == 204)
            let isOver = try eventually(within: .seconds(15)) {
                try thief.get("/api/v1/me", "-H", "Cookie: __Host-bmh_sid=\(stolen)").status == 401
            }
            #expect(isOver)
        }

        @Test func `The shop's pages come with their assets, the assets from memory`() throws {
            let shop = try ShopProcess(serviceCount: 1)
            let visitor = Shopper(shop, name: "visitor")
            let page = try visitor.get("/")
            #expect(page.status == 200)
            let asset = try #require(
                page.text.firstMatch(of: /\/assets\/[A-Za-z0-9._-]+\.css/)?.output
            )
            #expect(try visitor.get(String(asset)).status == 200)
            let again = try visitor.get(String(asset), "-i")
            #expect(again.text.lowercased().contains("cache-status: haniel; hit"))
            #expect(!page.text.contains("buyer@example.com"))
        }
    }
}
