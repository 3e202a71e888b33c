/// Bounds how often voucher codes are guessed: by an account or a cart, and for a hold.
struct VoucherTries: Sendable {
    /// So many codes that do not exist may be tried within `window` of the first.
    static let limit = 10
    static let window = 10 * Span.minute

    let database: Database
    let clock: WallClock

    /// Tries a code. The try counts before the code is looked at, so that guesses that run at once know of each
    /// other, and is taken back unless there is no such voucher. Throws `too-many-tries`.
    func trying<Value>(
        by visitor: Visitor,
        for hold: Int64,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let keys = Self.keys(visitor, hold)
        let refusal = try await database.write { try count(keys, $0) }
        if let refusal { throw refusal }
        do {
            let value = try await body()
            try await takeBack(keys)
            return value
        } catch let problem as Problem where problem == .voucherInvalid {
            throw problem
        } catch {
            try await takeBack(keys)
            throw error
        }
    }

    /// In the order in which rows are locked.
    private static func keys(_ visitor: Visitor, _ hold: Int64) -> [String] {
        let owner = visitor.identity.map { "user:\($0.userId)" } ?? "cart:\(visitor.sessionHash)"
        return [owner, "hold:\(hold)"]
    }

    /// Counts a try for each of the keys, or for none of them: then says for how long there is none left.
    private func count(_ keys: [String], _ connection: SQLConnection) throws -> Problem? {
        let now = clock.now()
        for key in keys {
            try connection.run(
                "INSERT OR IGNORE INTO voucher_tries(who, tries, ends_at) VALUES(?, 0, 0)",
                [key]
            )
            let found = try connection.first(
                "SELECT tries, ends_at FROM voucher_tries WHERE who = ?\(connection.dialect.forUpdate)",
                [key]
            ) { (tries: try $0.int(0), endsAt: try $0.integer(1)) }
            guard let found, found.endsAt > now else { continue }
            if found.tries >= Self.limit { return .tooManyTries(for: found.endsAt - now) }
        }
        for key in keys {
            try connection.run(
                """
                UPDATE voucher_tries SET tries = CASE WHEN ends_at <= ? THEN 1 ELSE tries + 1 END,
                  ends_at = CASE WHEN ends_at <= ? THEN ? ELSE ends_at END WHERE who = ?
                """,
                [now, now, now + Self.window, key]
            )
        }
        return nil
    }

    private func takeBack(_ keys: [String]) async throws {
        try await database.write { connection in
            for key in keys {
                try connection.run(
                    "UPDATE voucher_tries SET tries = tries - 1 WHERE who = ? AND tries > 0",
                    [key]
                )
            }
        }
    }
}
