/// A session that is valid now.
struct Session: Sendable, Equatable {
    let identity: Identity
    let expiresAt: Milliseconds
}

/// Sessions by opaque tokens, of which the database knows only hashes: a stolen copy of it opens nothing.
struct SessionStore: Sendable {
    /// How long a session lives without being used, and at all.
    static let idleLimit: Milliseconds = 12 * Span.hour
    static let absoluteLimit: Milliseconds = 30 * Span.day
    /// How often a use is noted; a write for every request would cost more than it tells.
    private static let noteInterval: Milliseconds = 5 * Span.minute

    let database: Database
    let clock: WallClock

    /// Begins a session and ends the one it replaces, so that a token planted before the login is worth nothing after.
    func begin(user: Int64, replacing previous: String?) async throws -> String {
        let token = Token.secret()
        try await database.write { connection in
            let now = clock.now()
            if let previous {
                try connection.run("DELETE FROM sessions WHERE token_hash = ?", [previous])
            }
            try connection.run(
                "INSERT INTO sessions(token_hash, user_id, created_at, seen_at, expires_at) VALUES(?, ?, ?, ?, ?)",
                [Token.hash(token), user, now, now, now + Self.idleLimit]
            )
        }
        return token
    }

    /// The session behind a token; nil if it is unknown, ended or too old.
    func session(token: String) async throws -> Session? {
        guard token.utf8.count == 43 else { return nil }
        let hash = Token.hash(token)
        let now = clock.now()
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT s.user_id, u.role, s.expires_at, s.seen_at, s.created_at
                FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?
                """,
                [hash]
            ) { row in
                guard let role = Role(rawValue: try row.integer(1)) else {
                    throw SQLError.column(1)
                }
                return (
                    session: Session(
                        identity: Identity(userId: try row.integer(0), sessionId: hash, role: role),
                        expiresAt: try row.integer(2)
                    ),
                    seenAt: try row.integer(3), createdAt: try row.integer(4)
                )
            }
        }
        guard let found, found.session.expiresAt > now else { return nil }
        guard now - found.seenAt >= Self.noteInterval else { return found.session }
        return try await prolong(found.session, createdAt: found.createdAt, at: now)
    }

    private func prolong(_ session: Session, createdAt: Milliseconds, at now: Milliseconds)
        async throws -> Session
    {
        let expiresAt = min(now + Self.idleLimit, createdAt + Self.absoluteLimit)
        try await database.write { connection in
            try connection.run(
                "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?",
                [now, expiresAt, session.identity.sessionId]
            )
        }
        return Session(identity: session.identity, expiresAt: expiresAt)
    }

    /// Ends one session.
    func end(_ sessionId: String) async throws {
        try await database.write {
            try $0.run("DELETE FROM sessions WHERE token_hash = ?", [sessionId])
        }
    }

    /// Ends every session of an account.
    func endAll(user: Int64) async throws {
        try await database.write { try $0.run("DELETE FROM sessions WHERE user_id = ?", [user]) }
    }
}
