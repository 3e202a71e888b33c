/// Forgets what nobody needs any more, a few rows at a time, so that nobody who buys waits for it.
struct Purge: Sendable {
    /// Rows that are forgotten by their age.
    private struct Aged {
        let table: String
        /// The column that says how old a row is; it has an index.
        let column: String
        let before: Milliseconds
        /// Which of the table's rows; an index of theirs begins with it.
        var condition = "1 = 1"
    }

    /// How many rows one transaction takes.
    private static let batchLimit = 200

    let database: Database
    let clock: WallClock
    let retention: Retention

    /// Forgets all that is due.
    func run() async throws {
        let now = clock.now()
        for aged in [
            Aged(table: "idempotency", column: "created_at", before: now - Idempotency.lifetime),
            Aged(table: "sessions", column: "expires_at", before: now + 1),
            Aged(table: "voucher_tries", column: "ends_at", before: now + 1),
            Aged(table: "effects", column: "at", before: now - 90 * Span.day),
            Aged(
                table: "payment_events",
                column: "received_at",
                before: now - retention.paymentEvents
            ),
            Aged(table: "audit", column: "at", before: now - retention.audit),
            Aged(
                table: "outbox",
                column: "due_at",
                before: now - retention.deadJobs,
                condition: "kind = 2"
            ),
            Aged(
                table: "sandbox_intents",
                column: "created_at",
                before: now - retention.paymentEvents
            ),
            Aged(
                table: "sandbox_refunds",
                column: "created_at",
                before: now - retention.paymentEvents
            ),
        ] {
            while try await isMoreDue(aged) {}
        }
        while try await purgeHolds(endedBefore: now - Span.day) == Self.batchLimit {}
        let moment = now - retention.unconfirmed
        while try await purgeTokens(expiredBefore: moment) == Self.batchLimit {}
    }

    /// Forgets the oldest rows, those of one millisecond together; false if these were all.
    private func isMoreDue(_ aged: Aged) async throws -> Bool {
        try await database.write { connection in
            let last = try connection.first(
                """
                SELECT \(aged.column) FROM \(aged.table) WHERE \(aged.condition) AND \(aged.column) < ?
                ORDER BY \(aged.column) LIMIT 1 OFFSET \(Self.batchLimit - 1)
                """,
                [aged.before]
            ) { try $0.integer(0) }
            try connection.run(
                "DELETE FROM \(aged.table) WHERE \(aged.condition) AND \(aged.column) <= ?",
                [last ?? aged.before - 1]
            )
            return last != nil
        }
    }

    /// With the link that was to confirm an account's address goes the account, if nobody did, is signed in or ordered.
    private func purgeTokens(expiredBefore moment: Milliseconds) async throws -> Int {
        try await database.write { connection in
            let rest = connection.dialect.forUpdateOfTheRest
            let expired = try connection.rows(
                """
                SELECT token_hash, user_id FROM user_tokens WHERE expires_at < ?
                ORDER BY expires_at LIMIT \(Self.batchLimit)\(rest)
                """,
                [moment]
            ) { (hash: try $0.text(0), user: try $0.integer(1)) }
            // First the rows, in order: whoever signs in keeps the account's row, too, and what follows sees
            // what came of it.
            for user in Set(expired.map(\.user)).sorted() {
                try keepAccount(user, connection)
            }
            try connection.flush()
            for token in expired {
                try connection.run(
                    """
                    DELETE FROM users WHERE id = ? AND verified_at IS NULL AND role = 0
                      AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = ?)
                      AND NOT EXISTS (SELECT 1 FROM orders WHERE user_id = ?)
                      AND NOT EXISTS (SELECT 1 FROM user_tokens WHERE user_id = ? AND expires_at >= ?)
                    """,
                    [token.user, token.user, token.user, token.user, moment]
                )
                try connection.run("DELETE FROM user_tokens WHERE token_hash = ?", [token.hash])
            }
            return expired.count
        }
    }

    /// Keeps an account as it is until the commit.
    private func keepAccount(_ user: Int64, _ connection: SQLConnection) throws {
        // SQLite has one writer and needs nothing.
        guard connection.dialect == .mariadb else { return }
        _ = try connection.first("SELECT id FROM users WHERE id = ? FOR UPDATE", [user]) {
            try $0.integer(0)
        }
    }

    /// Visitors leave a row for each thing they looked at and did not buy; what became an order stays.
    private func purgeHolds(endedBefore moment: Milliseconds) async throws -> Int {
        try await database.write { connection in
            let rest = connection.dialect.forUpdateOfTheRest
            let ended = try connection.rows(
                "SELECT id FROM holds WHERE state IN (2, 3) AND expires_at < ? LIMIT \(Self.batchLimit)\(rest)",
                [moment]
            ) { try $0.integer(0) }
            for hold in ended {
                try connection.run("DELETE FROM hold_items WHERE hold_id = ?", [hold])
                try connection.run("DELETE FROM holds WHERE id = ?", [hold])
            }
            return ended.count
        }
    }
}
