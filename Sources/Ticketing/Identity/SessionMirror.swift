import Redis
import Transport

/// Sessions as a gateway reads them: documents in Redis under `sess:` and the SHA-256 of the token.
///
/// The database stays the truth; what is lost here is only looked up in vain, and people sign in again.
final class SessionMirror: Sendable {
    private struct Document: Encodable {
        let sub: String
        let sid: String
        let role: String
        let exp: Int64
    }

    private static let prefix = "sess:"

    private let client: RedisClient
    private let reactor: Reactor

    /// Connects, and goes on connecting while there is no Redis.
    init(_ configuration: RedisConfiguration) throws {
        let reactor = try Reactor()
        client = RedisClient(configuration, on: reactor)
        self.reactor = reactor
        try reactor.start()
    }

    /// Writes a session down. Throws `busy` if Redis did not take it.
    ///
    /// With `onlyIfThere` one that was removed meanwhile stays removed.
    func put(_ session: Session, at now: Milliseconds, onlyIfThere: Bool = false) async throws {
        let document = Document(
            sub: String(session.identity.userId),
            sid: session.identity.sessionId,
            role: session.identity.role.name,
            exp: session.expiresAt / Span.second
        )
        var command = [
            Array("SET".utf8), Array((Self.prefix + session.identity.sessionId).utf8),
            JSON.encode(document), Array("PX".utf8),
            Array(String(max(1, session.expiresAt - now)).utf8),
        ]
        if onlyIfThere { command.append(Array("XX".utf8)) }
        do {
            _ = try await client.command(command)
        } catch {
            throw Problem.busy
        }
    }

    /// Removes a session and tells those who remember it.
    func remove(_ sessionId: String) async throws {
        _ = try await client.command("DEL", Self.prefix + sessionId)
        _ = try await client.command("PUBLISH", "session:\(sessionId)", "revoked")
    }
}
