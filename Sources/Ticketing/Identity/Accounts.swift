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

/// Registers people and checks their passwords.
struct Accounts: Sendable {
    static let passwordBytes = 10...200

    let database: Database
    let hasher: PasswordHasher
    let mint: IdentifierMint
    let clock: WallClock

    /// Makes an account unless the address has one. The caller answers both cases alike, so that nobody learns who is a
    /// customer. Returns whether it is new.
    @discardableResult
    func register(_ email: EmailAddress, name: String, password: String, role: Role = .user)
        async throws -> Bool
    {
        let phc = try await hasher.hash(password)
        return try await database.write { connection in
            try connection.run(
                """
                INSERT OR IGNORE INTO users(id, email, email_norm, name, password_phc, role, created_at)
                VALUES(?, ?, ?, ?, ?, ?, ?)
                """,
                [mint.next(), email.text, email.normalised, name, phc, role.rawValue, clock.now()]
            ) == 1
        }
    }

    /// The account behind an address and a password; throws `invalid-credentials` for every reason there is.
    func authenticate(_ email: EmailAddress, password: String) async throws -> Account {
        let account = try await database.read { try Self.account(email: email.normalised, $0) }
        let now = clock.now()
        let isLocked = (account?.lockedUntil ?? 0) > now
        let isCorrect = try await hasher.isCorrect(
            password,
            phc: isLocked ? nil : account?.passwordPHC
        )
        guard let account, !isLocked, isCorrect else {
            try await noteFailure(isLocked ? nil : account?.id)
            throw Problem.invalidCredentials
        }
        if account.failedLogins > 0 {
            try await database.write { connection in
                try connection.run(
                    "UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = ?",
                    [account.id]
                )
            }
        }
        return account
    }

    /// Counts in the database, so that parallel guesses at several processes add up. Guesses at nobody are counted too:
    /// they must not be faster for want of a write.
    private func noteFailure(_ id: Int64?) async throws {
        try await database.write { connection in
            guard let id else {
                try connection.run(
                    "INSERT OR IGNORE INTO counters(name, value) VALUES('login.nobody', 0)"
                )
                try connection.run(
                    "UPDATE counters SET value = value + 1 WHERE name = 'login.nobody'"
                )
                return
            }
            try connection.run(
                "UPDATE users SET failed_logins = failed_logins + 1 WHERE id = ?",
                [id]
            )
            let failures = try connection.first(
                "SELECT failed_logins FROM users WHERE id = ?",
                [id]
            ) { try $0.int(0) }
            let lockedUntil = LoginThrottle.lockedUntil(failures: failures ?? 0, at: clock.now())
            try connection.run("UPDATE users SET locked_until = ? WHERE id = ?", [lockedUntil, id])
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
