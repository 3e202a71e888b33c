/// Bounds how often voucher codes are guessed: by an account or a cart, and for a hold.
struct VoucherTries: Sendable {
    /// So many codes that do not exist may be tried within `window` of the first.
    static let limit = 10
    static let window = 10 * Span.minute

    let database: Database
    let clock: WallClock

    /// The voucher of an event with this code; nil if there is none that is valid now, which counts as a try. Throws
    /// `too-many-tries`, and then does not look.
    ///
    /// The tries are kept from others until the commit, so that guesses that run at once know of each other.
    func voucher(_ code: String, event: Int64, by visitor: Visitor, for hold: Int64) async throws
        -> Voucher?
    {
        let keys = Self.keys(visitor, hold)
        let found = try await database.write { connection -> Result<Voucher?, Problem> in
            let now = clock.now()
            if let refusal = try refusal(keys, at: now, connection) { return .failure(refusal) }
            let voucher = try VoucherRows.find(code, event: event, at: now, connection)
            if voucher == nil { try count(keys, at: now, connection) }
            return .success(voucher)
        }
        return try found.get()
    }

    /// In the order in which rows are locked.
    private static func keys(_ visitor: Visitor, _ hold: Int64) -> [String] {
        let owner = visitor.identity.map { "user:\($0.userId)" } ?? "cart:\(visitor.sessionHash)"
        return [owner, "hold:\(hold)"]
    }

    /// For how long there is no try left for one of the keys; nil if each has one.
    private func refusal(_ keys: [String], at now: Milliseconds, _ connection: SQLConnection) throws
        -> Problem?
    {
        for key in keys {
            let found = try locked(key, connection) ?? begun(key, connection)
            guard let found, found.endsAt > now, found.tries >= Self.limit else { continue }
            return .tooManyTries(for: found.endsAt - now)
        }
        return nil
    }

    private func locked(_ key: String, _ connection: SQLConnection) throws
        -> (tries: Int, endsAt: Milliseconds)?
    {
        try connection.first(
            "SELECT tries, ends_at FROM voucher_tries WHERE who = ?\(connection.dialect.forUpdate)",
            [key]
        ) { (tries: try $0.int(0), endsAt: try $0.integer(1)) }
    }

    /// Only for who has no row: the insertion of one that is there shares its lock with others, who could then wait for
    /// each other.
    private func begun(_ key: String, _ connection: SQLConnection) throws
        -> (tries: Int, endsAt: Milliseconds)?
    {
        try connection.run(
            "INSERT OR IGNORE INTO voucher_tries(who, tries, ends_at) VALUES(?, 0, 0)",
            [key]
        )
        return try locked(key, connection)
    }

    private func count(_ keys: [String], at now: Milliseconds, _ connection: SQLConnection) throws {
        for key in keys {
            try connection.run(
                """
                UPDATE voucher_tries SET tries = CASE WHEN ends_at <= ? THEN 1 ELSE tries + 1 END,
                  ends_at = CASE WHEN ends_at <= ? THEN ? ELSE ends_at END WHERE who = ?
                """,
                [now, now, now + Self.window, key]
            )
        }
    }
}
