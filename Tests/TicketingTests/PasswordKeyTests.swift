import Testing

@testable import Ticketing

/// Passwords under an idempotency key.
struct PasswordKeyTests {
    private static let key = ["idempotency-key": "6f1c2a3e-0000-4000-8000-000000000009"]

    private static func body(_ password: String) -> String { #"{"password":"\#(password)"}"# }

    /// Makes an account and returns the token of a mail that lets it have another password.
    private static func token(_ shop: RunningShop) async throws -> String {
        _ = try await shop.signIn("eva@example.com")
        let email = try #require(EmailAddress("eva@example.com"))
        try await shop.fixture.shop.accounts.requestReset(email)
        let token = try await shop.fixture.shop.database.read {
            try $0.first("SELECT payload FROM outbox WHERE topic = 'mail.reset'") { try $0.text(0) }
        }
        return try #require(token)
    }

    @Test(arguments: [true, false])
    func `A new password under the key of another one is refused, the same one is answered again`(
        hasCart: Bool
    ) async throws {
        try await RunningShop.run { shop in
            let token = try await Self.token(shop)
            let path = "/api/v1/password-resets/\(token)"
            let cart = hasCart ? ["cookie": "__Host-bmh_cart=abcdefghijklmnop"] : [:]
            let headers = Self.key.merging(cart) { $1 }
            let first = try await shop.client.post(path, json: Self.body("second word"), headers)
            #expect(first.status == 200)
            let other = try await shop.client.post(path, json: Self.body("third words"), headers)
            #expect(other.status == 422)
            #expect(other.member("type") == "idempotency-mismatch")
            let again = try await shop.client.post(path, json: Self.body("second word"), headers)
            #expect(again.body == first.body)
            #expect(again["idempotency-replayed"] == "true")
            for (password, status) in [("second word", 201), ("third words", 401)] {
                let login = try await shop.client.post(
                    "/api/v1/sessions",
                    json: #"{"email":"eva@example.com","password":"\#(password)"}"#
                )
                #expect(login.status == status)
            }
        }
    }

    @Test func `Who registers under a key shares it with their password, unless anybody may ask`()
        async throws
    {
        try await RunningShop.run { shop in
            let body = { (password: String) in
                #"{"email":"ana@example.com","name":"Ana","password":"\#(password)"}"#
            }
            let hold = try await shop.client.post(
                "/api/v1/events/evening/holds",
                json: #"{"seats":[0]}"#
            )
            let known = Self.key.merging(["cookie": hold.cookie]) { $1 }
            let first = try await shop.client.post("/api/v1/users", json: body("first word"), known)
            #expect(first.status == 202)
            let other = try await shop.client.post("/api/v1/users", json: body("other word"), known)
            #expect(other.status == 422)
            // A stranger who knows the key is not told which password is right.
            for password in ["first word", "other word"] {
                let json = body(password)
                _ = try await shop.client.post("/api/v1/users", json: json, Self.key)
                let answer = try await shop.client.post("/api/v1/users", json: json, Self.key)
                #expect(answer.status == 202)
                #expect(answer["idempotency-replayed"] == "true")
            }
        }
    }

    @Test func `What is kept of a password is as dear to guess from as its hash`() async throws {
        let hasher = PasswordHasher(cost: ShopFixture.settings.passwordCost)
        let one = try await hasher.print(of: "a password", salt: [UInt8](repeating: 1, count: 32))
        let two = try await hasher.print(of: "a password", salt: [UInt8](repeating: 2, count: 32))
        #expect(one != two)
        #expect(String(decoding: one, as: UTF8.self).hasPrefix("$argon2id$"))
        let again = try await hasher.print(of: "a password", salt: [UInt8](repeating: 1, count: 32))
        #expect(again == one)
    }
}
