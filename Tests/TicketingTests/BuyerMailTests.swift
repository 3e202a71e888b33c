import Testing

@testable import Ticketing

/// How often a buyer is mailed, whoever orders in the buyer's name.
struct BuyerMailTests {
    @Test(arguments: Engine.tested)
    func `Nobody has an address mailed without end by ordering and giving back`(engine: Engine)
        async throws
    {
        let free = [Tier(number: 1, name: "Stalls", amount: 0, fee: 0, color: "#b8456b")]
        let fixture = try await ShopFixture(on: engine, tiers: free)
        for _ in 0..<12 {
            let order = try await fixture.order(try await fixture.hold([0]))
            #expect(order.state == .paid)
            try await fixture.giveBack(of: order)
        }
        let mails = "SELECT COUNT(*) FROM outbox WHERE topic = 'mail.tickets'"
        #expect(try await fixture.count(mails) == 10)
        // Another buyer has mails of their own.
        _ = try await fixture.order(try await fixture.hold([0]), email: "rui@example.com")
        #expect(try await fixture.count(mails) == 11)
        // So has whoever proved that the address is theirs.
        let email = try #require(EmailAddress("ana@example.com"))
        try await fixture.shop.accounts.register(
            Applicant(email: email, name: "Ana", password: ShopFixture.password, isVerified: true)
        )
        let user = Int64(try await fixture.count("SELECT id FROM users"))
        let session = Identity(userId: user, sessionId: Token.hash("ana"), role: .user)
        let visitor = Visitor(identity: session)
        _ = try await fixture.order(try await fixture.hold([1], for: visitor), for: visitor)
        #expect(try await fixture.count(mails) == 12)
    }

    @Test(arguments: Engine.tested)
    func `Whoever pays gets the tickets by mail, however often they gave some back`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        for _ in 0..<12 {
            let order = try await RefundTests.paidOrder(fixture, [0])
            try await fixture.giveBack(of: order)
        }
        let mails = "SELECT COUNT(*) FROM outbox WHERE topic = 'mail.tickets'"
        #expect(try await fixture.count(mails) == 12)
    }

    @Test(arguments: Engine.tested)
    func `Nobody has an address reminded without end by ordering and cancelling`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        for _ in 0..<12 {
            let order = try await fixture.order(try await fixture.hold([0]))
            try await fixture.shop.orders.cancel(code: order.code, for: ShopFixture.guest("ana"))
        }
        let mails = "SELECT COUNT(*) FROM outbox WHERE topic = 'mail.reminder'"
        #expect(try await fixture.count(mails) == 10)
    }
}
