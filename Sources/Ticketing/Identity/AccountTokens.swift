/// The secrets in the links that we mail. The database knows only their hashes.
enum AccountTokens {
    /// What a link is for.
    enum Purpose: Int64, Sendable {
        case verify = 1
        case reset = 2

        /// How long the link works.
        var lifetime: Milliseconds { self == .verify ? Span.day : Span.hour }
    }

    /// How many links of a kind an account may be mailed before one of them has run out: strangers can ask for them.
    static let liveLimit = 5

    /// How many links of an account still work. Those that somebody followed tell that its owner reads the mails.
    static func liveCount(
        _ purpose: Purpose,
        user: Int64,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Int {
        try connection.first(
            "SELECT COUNT(*) FROM user_tokens WHERE user_id = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?",
            [user, purpose.rawValue, now]
        ) { try $0.int(0) } ?? 0
    }

    /// Notes a token that is about to be mailed.
    static func issue(
        _ token: String,
        _ purpose: Purpose,
        user: Int64,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        try connection.run(
            "INSERT INTO user_tokens(token_hash, user_id, purpose, expires_at, used_at) VALUES(?, ?, ?, ?, NULL)",
            [Token.hash(token), user, purpose.rawValue, now + purpose.lifetime]
        )
    }

    /// The account behind a token that has not run out, used or not; nil if there is none.
    static func user(
        _ token: String,
        _ purpose: Purpose,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Int64? {
        guard token.utf8.count == 43 else { return nil }
        return try connection.first(
            "SELECT user_id FROM user_tokens WHERE token_hash = ? AND purpose = ? AND expires_at > ?",
            [Token.hash(token), purpose.rawValue, now]
        ) { try $0.integer(0) }
    }

    /// The account behind a token, for the first who asks. With it all other links of the account for the same purpose
    /// are used: who finds one later must not undo what this one did.
    static func use(
        _ token: String,
        _ purpose: Purpose,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Int64? {
        guard let user = try user(token, purpose, at: now, connection) else { return nil }
        let changed = try connection.run(
            "UPDATE user_tokens SET used_at = ? WHERE token_hash = ? AND used_at IS NULL",
            [now, Token.hash(token)]
        )
        guard changed == 1 else { return nil }
        try connection.run(
            "UPDATE user_tokens SET used_at = ? WHERE user_id = ? AND purpose = ? AND used_at IS NULL",
            [now, user, purpose.rawValue]
        )
        return user
    }
}
