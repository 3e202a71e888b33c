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
    let mint: IdentifierMint
    /// Where a gateway reads sessions, if it does.
    var mirror: SessionMirror?
    private let uses = UseNotes()

    init(
        database: Database,
        clock: WallClock,
        mint: IdentifierMint,
        mirror: SessionMirror? = nil
    ) {
        self.database = database
        self.clock = clock
        self.mint = mint
        self.mirror = mirror
    }

    /// What a browser had before somebody signed in with it, as hashes of its cookies.
    struct Luggage: Sendable {
        /// The session that the new one replaces.
        var session: String?
        /// The cart whose holds and orders become the account's.
        var cart: String?
    }

    /// Begins a session and ends the one it replaces, so that a token planted before the login is worth nothing after.
    ///
    /// Throws `invalid-credentials` if the account's password is another one by now, or if all its sessions were ended
    /// while this one began. The role is the one that the account has then.
    func begin(_ account: Account, with luggage: Luggage = Luggage()) async throws -> (
        token: String, session: Session
    ) {
        let token = Token.secret()
        let session = try await database.write { connection in
            let now = clock.now()
            let session = Session(
                identity: Identity(
                    userId: account.id,
                    sessionId: Token.hash(token),
                    role: try role(of: account, connection)
                ),
                expiresAt: now + Self.idleLimit
            )
            try connection.run(
                "INSERT INTO sessions(token_hash, user_id, created_at, seen_at, expires_at) VALUES(?, ?, ?, ?, ?)",
                [session.identity.sessionId, account.id, now, now, session.expiresAt]
            )
            return session
        }
        do {
            try await show(session)
            try await unpack(luggage, for: session.identity)
        } catch {
            // Nobody has its token.
            let id = session.identity.sessionId
            try? await database.write { try end("token_hash = ?", id, $0) }
            throw error
        }
        return (token, session)
    }

    /// Takes over what the browser had, once the session is good everywhere: of a login that fails, what was
    /// chosen stays where it was.
    private func unpack(_ luggage: Luggage, for identity: Identity) async throws {
        guard luggage.session != nil || luggage.cart != nil else { return }
        try await database.write { connection in
            // Kept until the commit: whoever ends it meanwhile does not want it to be given anything.
            let sql = "SELECT user_id FROM sessions WHERE token_hash = ?"
            let owner = try connection.first(
                sql + connection.dialect.forUpdate,
                [identity.sessionId]
            ) { try $0.integer(0) }
            guard owner != nil else { throw Problem.invalidCredentials }
            if let previous = luggage.session { try end("token_hash = ?", previous, connection) }
            if let cart = luggage.cart { try take(cart, to: identity, connection) }
        }
    }

    /// The account's row is kept until the commit: whoever changes its password or role meanwhile comes
    /// before us and is seen here, or after us and ends the session.
    private func role(of account: Account, _ connection: SQLConnection) throws -> Role {
        let sql = "SELECT role FROM users WHERE id = ? AND password_phc = ?"
        let number = try connection.first(
            sql + connection.dialect.forUpdate,
            [account.id, account.passwordPHC]
        ) { try $0.integer(0) }
        guard let number else { throw Problem.invalidCredentials }
        guard let role = Role(rawValue: number) else { throw SQLError.column(0) }
        return role
    }

    /// What was chosen and is being ordered before somebody signed in is theirs from then on, and nobody's who has the
    /// cookie. Of what is ordered already only what their own address stands on: others may have used the browser.
    private func take(_ cart: String, to identity: Identity, _ connection: SQLConnection) throws {
        // What was ordered by others of this commit is found, too.
        try connection.flush()
        let owning = "SET user_id = ?, session_hash = ?"
        let guest = "WHERE session_hash = ? AND user_id IS NULL"
        let owner: [any SQLValue] = [identity.userId, identity.sessionId, cart]
        // Whoever orders one of them just now sees by its revision that it has moved.
        try connection.run("UPDATE holds \(owning), revision = revision + 1 \(guest)", owner)
        try connection.run(
            """
            UPDATE orders \(owning) \(guest)
              AND (state = ? OR email_norm = (SELECT email_norm FROM users WHERE id = ?))
            """,
            owner + [OrderState.pending.rawValue, identity.userId]
        )
    }

    /// Writes a new session down where gateways read it.
    func show(_ session: Session) async throws {
        guard let mirror else { return }
        try await mirror.put(session, at: clock.now())
        // Who ended it since the commit may have been faster than we, and would find nothing to remove again.
        guard try await self.session(hash: session.identity.sessionId) == nil else { return }
        try await mirror.remove(session.identity.sessionId)
        throw Problem.invalidCredentials
    }

    /// Ends sessions in the caller's transaction; those who read them elsewhere hear of it by a job.
    func end(_ condition: String, _ argument: any SQLValue, _ connection: SQLConnection) throws {
        let ended = try connection.rows(
            "SELECT token_hash FROM sessions WHERE \(condition)",
            [argument]
        ) { try $0.text(0) }
        try connection.run("DELETE FROM sessions WHERE \(condition)", [argument])
        guard mirror != nil else { return }
        let now = clock.now()
        for session in ended {
            try Outbox.add(.endSession, session, id: mint.next(), dueAt: now, at: now, connection)
        }
    }

    /// The session behind a token; nil if it is unknown, ended or too old.
    func session(token: String) async throws -> Session? {
        guard token.utf8.count == 43 else { return nil }
        return try await session(hash: Token.hash(token))
    }

    /// Notes that a session was used which somebody else looked up, a gateway: it lives on as if we had been asked.
    /// What goes wrong here is no reason to refuse the request.
    func noteUse(_ sessionId: String) async {
        guard uses.isDue(sessionId, at: clock.now(), every: Self.noteInterval) else { return }
        _ = try? await session(hash: sessionId)
    }

    private func session(hash: String) async throws -> Session? {
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
        async throws -> Session?
    {
        let expiresAt = min(now + Self.idleLimit, createdAt + Self.absoluteLimit)
        let isThere = try await database.write { connection in
            try connection.run(
                "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?",
                [now, expiresAt, session.identity.sessionId]
            ) == 1
        }
        guard isThere else { return nil }
        let prolonged = Session(identity: session.identity, expiresAt: expiresAt)
        try? await mirror?.put(prolonged, at: now, onlyIfThere: true)
        return prolonged
    }

    /// What somebody sees of a session of their own.
    struct Listed: Sendable {
        let id: String
        let createdAt: Milliseconds
        let seenAt: Milliseconds
        let expiresAt: Milliseconds
    }

    /// The sessions of an account that are valid now, the one used last first.
    func sessions(of user: Int64) async throws -> [Listed] {
        let now = clock.now()
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT token_hash, created_at, seen_at, expires_at FROM sessions WHERE user_id = ? AND expires_at > ?
                ORDER BY seen_at DESC LIMIT 200
                """,
                [user, now]
            ) {
                Listed(
                    id: try $0.text(0),
                    createdAt: try $0.integer(1),
                    seenAt: try $0.integer(2),
                    expiresAt: try $0.integer(3)
                )
            }
        }
    }

    /// Ends one session.
    func end(_ sessionId: String) async throws {
        try await database.write { try end("token_hash = ?", sessionId, $0) }
        try? await mirror?.remove(sessionId)
    }

    /// Ends every session of an account.
    func endAll(user: Int64) async throws {
        try await database.write { try end("user_id = ?", user, $0) }
    }
}
