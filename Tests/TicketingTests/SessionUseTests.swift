import Testing

@testable import Ticketing

@Suite(.enabled(if: StreamServer.isInstalled))
struct SessionUseTests {
    @Test
    func
        `A session that a gateway looked up in Redis lives on while it is used, and dies when it is ended`()
        async throws
    {
        let server = try StreamServer()
        let fixture = try await server.shop()
        let sessions = fixture.shop.sessions
        let token = try await sessions.begin(user: 7, role: .user, replacing: nil)
        _ = try await fixture.shop.database.write {
            try $0.run(
                """
                INSERT INTO users(id, email, email_norm, name, password_phc, role, created_at)
                VALUES(7, 'a@b.pt', 'a@b.pt', 'Ana', '', 0, 1)
                """
            )
        }
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
