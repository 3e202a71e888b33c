import Testing

@testable import Ticketing

@Suite(.enabled(if: StreamServer.isInstalled))
struct SessionUseTests {
    private static func account(_ fixture: ShopFixture) async throws -> Account {
        let email = try #require(EmailAddress("ana@example.com"))
        let accounts = fixture.shop.accounts
        try await accounts.register(
            Applicant(email: email, name: "Ana", password: ShopFixture.password)
        )
        return try await accounts.authenticate(email, password: ShopFixture.password)
    }

    @Test func `A session that was ended before a gateway could know it is not shown to one`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let sessions = fixture.shop.sessions
        let session = try await sessions.begin(try await Self.account(fixture)).session
        let key = "sess:\(session.identity.sessionId)"
        #expect(try server.ask("EXISTS", key).contains("1"))
        try await sessions.end(session.identity.sessionId)
        // The one that began it only now comes to write it down.
        await #expect(throws: Problem.invalidCredentials) { try await sessions.show(session) }
        #expect(try server.ask("EXISTS", key).contains("0"))
    }

    @Test
    func
        `A session that a gateway looked up in Redis lives on while it is used, and dies when it is ended`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let sessions = fixture.shop.sessions
        let token = try await sessions.begin(try await Self.account(fixture)).token
        let hash = Token.hash(token)
        let key = "sess:\(hash)"
        let first = try server.ask("GET", key)
        fixture.clock.advance(by: 11 * Span.hour)
        await sessions.noteUse(hash)
        let prolonged = try server.ask("GET", key)
        #expect(prolonged != first && prolonged.contains("exp"))
        let end = try await fixture.count("SELECT expires_at FROM sessions")
        #expect(end == Int(fixture.clock.now + SessionStore.idleLimit))
        // Again within five minutes: nothing is written.
        fixture.clock.advance(by: Span.minute)
        await sessions.noteUse(hash)
        #expect(try await fixture.count("SELECT expires_at FROM sessions") == end)
        try await sessions.end(hash)
        fixture.clock.advance(by: 6 * Span.minute)
        await sessions.noteUse(hash)
        #expect(try server.ask("EXISTS", key).contains("0"))
    }
}
