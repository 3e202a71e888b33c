/// An account as it signs in.
struct Account: Sendable {
    let id: Int64
    let email: String
    let name: String
    let passwordPHC: String
    let role: Role
    let failedLogins: Int
    let lockedUntil: Milliseconds?
}

/// Somebody who is to have an account.
struct Applicant: Sendable {
    let email: EmailAddress
    let name: String
    let password: String
    var role = Role.user
    /// Whether the house knows that the address is theirs.
    var isVerified = false
}

/// Registers people and checks their passwords.
struct Accounts: Sendable {
    static let passwordBytes = 10...200

    let database: Database
    let hasher: PasswordHasher
    let mint: IdentifierMint
    let clock: WallClock
    let sessions: SessionStore

    /// Makes an account unless the address has one, and sends the mail that proves the address. The caller answers both
    /// cases alike, so that nobody learns who is a customer. Returns whether it is new.
    ///
    /// An account that the house makes needs no proof.
    @discardableResult
    func register(_ applicant: Applicant) async throws -> Bool {
        let phc = try await hasher.hash(applicant.password)
        let email = applicant.email
        let token = Token.secret()
        return try await database.write { connection in
            let now = clock.now()
            let id = mint.next()
            let inserted = try connection.run(
                """
                INSERT OR IGNORE INTO users(id, email, email_norm, name, password_phc, role, created_at, verified_at)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id, email.text, email.normalised, applicant.name, phc, applicant.role.rawValue,
                    now, applicant.isVerified ? now : nil,
                ]
            )
            if inserted == 1, !applicant.isVerified {
                try AccountTokens.issue(token, .verify, user: id, at: now, connection)
                try Outbox.add(
                    .mailVerify,
                    String(id),
                    id: mint.next(),
                    payload: token,
                    dueAt: now,
                    at: now,
                    connection
                )
            }
            return inserted == 1
        }
    }

    /// Notes that whoever has the token reads mail at the account's address; throws `token-invalid`.
    func verify(_ token: String) async throws {
        try await database.write { connection in
            let now = clock.now()
            guard let user = try AccountTokens.user(token, .verify, at: now, connection) else {
                throw Problem.tokenInvalid
            }
            try connection.run(
                "UPDATE users SET verified_at = ? WHERE id = ? AND verified_at IS NULL",
                [now, user]
            )
        }
    }

    /// Sends a mail that lets the address's account have a new password. Whether there is one cannot be told.
    func requestReset(_ email: EmailAddress) async throws {
        let token = Token.secret()
        try await database.write { connection in
            let now = clock.now()
            guard let account = try Self.account(email: email.normalised, connection),
                try AccountTokens.liveCount(.reset, user: account.id, at: now, connection)
                    < AccountTokens.liveLimit
            else {
                // Takes as long as a request that finds somebody.
                try Self.countNobody(connection)
                return
            }
            try AccountTokens.issue(token, .reset, user: account.id, at: now, connection)
            try Outbox.add(
                .mailReset,
                String(account.id),
                id: mint.next(),
                payload: token,
                dueAt: now,
                at: now,
                connection
            )
        }
    }

    /// Sets a new password and ends all sessions of the account; the token works once. Throws `token-invalid`.
    func reset(_ token: String, password: String) async throws {
        // Strangers can make up tokens, and a hash is dear.
        let known = try await database.glance {
            try AccountTokens.user(token, .reset, at: clock.now(), $0)
        }
        guard known != nil else { throw Problem.tokenInvalid }
        let phc = try await hasher.hash(password)
        try await database.write { connection in
            let now = clock.now()
            guard let user = try AccountTokens.use(token, .reset, at: now, connection) else {
                throw Problem.tokenInvalid
            }
            try connection.run(
                """
                UPDATE users SET password_phc = ?, failed_logins = 0, locked_until = NULL,
                  verified_at = COALESCE(verified_at, ?) WHERE id = ?
                """,
                [phc, now, user]
            )
            try sessions.end("user_id = ?", user, connection)
        }
    }

    /// Gives an account another role; nil if there is no such account, else its id. Throws `last-admin`: somebody has
    /// to be left who can give roles.
    func setRole(_ role: Role, of email: EmailAddress) async throws -> Int64? {
        try await database.write { connection in
            guard let account = try Self.account(email: email.normalised, connection) else {
                return nil
            }
            if role != .admin { try Self.requireAnotherAdmin(than: account.id, connection) }
            try connection.run(
                "UPDATE users SET role = ? WHERE id = ?",
                [role.rawValue, account.id]
            )
            // A session knows the role it began with somewhere: whoever has one signs in again.
            try sessions.end("user_id = ?", account.id, connection)
            return account.id
        }
    }

    /// The rows are kept until the commit, so that of two who leave at once one finds that the other has left.
    private static func requireAnotherAdmin(than user: Int64, _ connection: SQLConnection) throws {
        let admins = try connection.rows(
            "SELECT id FROM users WHERE role = ? ORDER BY id\(connection.dialect.forUpdate)",
            [Role.admin.rawValue]
        ) { try $0.integer(0) }
        guard admins != [user] else { throw Problem.lastAdmin }
    }

    private static func countNobody(_ connection: SQLConnection) throws {
        try connection.run("INSERT OR IGNORE INTO counters(name, value) VALUES('login.nobody', 0)")
        try connection.run("UPDATE counters SET value = value + 1 WHERE name = 'login.nobody'")
    }

    /// The account behind an address and a password, as it was before the password was looked at; throws
    /// `invalid-credentials` for every reason there is.
    func authenticate(_ email: EmailAddress, password: String) async throws -> Account {
        let attempt = try await begin(email)
        let isCorrect: Bool
        do {
            isCorrect = try await hasher.isCorrect(password, phc: attempt?.account.passwordPHC)
        } catch {
            try await takeBack(attempt)
            throw error
        }
        guard let account = attempt?.account, isCorrect else { throw Problem.invalidCredentials }
        try await database.write { connection in
            try connection.run(
                "UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = ?",
                [account.id]
            )
        }
        return account
    }

    /// A password that is about to be looked at: the account as it was before, and until when it is closed to others.
    private struct Attempt: Sendable {
        let account: Account
        let lockedUntil: Milliseconds?
    }

    /// Counts an attempt as a failure before the password is looked at, so that guesses that run at once, at several
    /// processes too, know of each other. Nil for an account that there is not, or that is closed now; attempts at
    /// those are counted too: they must not be faster for want of a write.
    private func begin(_ email: EmailAddress) async throws -> Attempt? {
        try await database.write { connection in
            let now = clock.now()
            let account = try connection.first(
                "SELECT \(Self.columns) FROM users WHERE email_norm = ?\(connection.dialect.forUpdate)",
                [email.normalised],
                Self.account
            )
            guard let account, (account.lockedUntil ?? 0) <= now else {
                try Self.countNobody(connection)
                return nil
            }
            let failures = min(account.failedLogins, LoginThrottle.countLimit) + 1
            let lockedUntil = LoginThrottle.lockedUntil(failures: failures, at: now)
            try connection.run(
                "UPDATE users SET failed_logins = ?, locked_until = ? WHERE id = ?",
                [failures, lockedUntil, account.id]
            )
            return Attempt(account: account, lockedUntil: lockedUntil)
        }
    }

    /// The password was not looked at: too many waited. What was counted for it is nobody's failure.
    private func takeBack(_ attempt: Attempt?) async throws {
        guard let attempt else { return }
        try await database.write { connection in
            try connection.run(
                """
                UPDATE users SET failed_logins = failed_logins - 1,
                  locked_until = CASE WHEN locked_until = ? THEN NULL ELSE locked_until END
                WHERE id = ? AND failed_logins > 0
                """,
                [attempt.lockedUntil, attempt.account.id]
            )
        }
    }

    /// The account with this id.
    func account(id: Int64) async throws -> Account? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(Self.columns) FROM users WHERE id = ?",
                [id],
                Self.account
            )
        }
    }

    private static let columns = "id, email, name, password_phc, role, failed_logins, locked_until"

    private static func account(email: String, _ connection: SQLConnection) throws -> Account? {
        try connection.first("SELECT \(columns) FROM users WHERE email_norm = ?", [email], account)
    }

    private static func account(_ row: SQLRow) throws -> Account {
        guard let role = Role(rawValue: try row.integer(4)) else { throw SQLError.column(4) }
        return Account(
            id: try row.integer(0),
            email: try row.text(1),
            name: try row.text(2),
            passwordPHC: try row.text(3),
            role: role,
            failedLogins: try row.int(5),
            lockedUntil: try row.optionalInteger(6)
        )
    }
}
