import ArgumentParser
import Testing

@testable import Ticketing

struct AdminCommandTests {
    private static func grant(_ arguments: String..., on fixture: ShopFixture) async throws {
        let parsed = try Bookme.parseAsRoot(
            ["admin", "grant", "--database", fixture.url] + arguments
        )
        var command = try #require(parsed as? any AsyncParsableCommand)
        try await command.run()
    }

    private static func register(_ email: String, on fixture: ShopFixture) async throws {
        try await Seeder(shop: fixture.shop, seed: 1).register(
            email,
            "Somebody",
            ShopFixture.password,
            .user
        )
    }

    private static func role(_ email: String, _ fixture: ShopFixture) async throws -> Role? {
        let address = try #require(EmailAddress(email))
        return try await fixture.shop.accounts.authenticate(
            address,
            password: ShopFixture.password
        ).role
    }

    @Test(arguments: Engine.tested)
    func `Whoever runs the shop makes an account an administrator`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        try await Self.register("eva@example.com", on: fixture)
        try await Self.register("rui@example.com", on: fixture)
        try await Self.grant("Eva@example.com", on: fixture)
        try await Self.grant("rui@example.com", "--role", "door", on: fixture)
        #expect(try await Self.role("eva@example.com", fixture) == .admin)
        #expect(try await Self.role("rui@example.com", fixture) == .door)
        #expect(
            try await fixture.count("SELECT COUNT(*) FROM audit WHERE actor = 'bookme admin'") == 2
        )
    }

    @Test(arguments: [
        (["nobody@example.com"], "no account has the address nobody@example.com"),
        (["nobody"], "nobody is no e-mail address"),
        (["eva@example.com", "--role", "king"], "user, admin or door"),
    ])
    func `A grant that cannot be is refused in a sentence`(arguments: [String], words: String)
        async throws
    {
        let fixture = try await ShopFixture()
        try await Self.register("eva@example.com", on: fixture)
        let message: String
        do {
            let parsed = try Bookme.parseAsRoot(
                ["admin", "grant", "--database", fixture.url] + arguments
            )
            var command = try #require(parsed as? any AsyncParsableCommand)
            try await command.run()
            message = "granted"
        } catch {
            message = Bookme.message(for: error)
        }
        #expect(message.contains(words), "\(message)")
        #expect(try await fixture.count("SELECT COUNT(*) FROM users WHERE role <> 0") == 0)
    }

    @Test(arguments: Engine.tested)
    func `Of two administrators who leave at the same moment one stays`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        let emails = ["ana@example.com", "eva@example.com"]
        for email in emails {
            try await Seeder(shop: fixture.shop, seed: 1).register(
                email,
                "Somebody",
                ShopFixture.password,
                .admin
            )
        }
        await withTaskGroup(of: Void.self) { group in
            for (email, shop) in zip(emails, [fixture.shop, other]) {
                guard let address = EmailAddress(email) else { continue }
                group.addTask { _ = try? await shop.accounts.setRole(.user, of: address) }
            }
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM users WHERE role = 1") == 1)
        try other.database.close()
    }

    @Test func `The last administrator cannot give the role away`() async throws {
        try await RunningShop.run { shop in
            let root = try await shop.signIn("root@example.com", role: .admin)
            let body = #"{"email":"root@example.com","role":"user"}"#
            let type = ["content-type": "application/json"]
            let path = "/api/v1/admin/users"
            let refused = try await shop.client.send("PATCH", path, root.merging(type) { $1 }, body)
            #expect(refused.status == 409)
            #expect(refused.member("type") == "last-admin")
            #expect(try await shop.client.get("/api/v1/me", root).body.contains("admin"))
            _ = try await shop.signIn("second@example.com", role: .admin)
            let done = try await shop.client.send("PATCH", path, root.merging(type) { $1 }, body)
            #expect(done.status == 200)
        }
    }
}
