/// How many seats of an event one buyer, known by mail address, has ordered.
enum BuyerQuota {
    /// Adds `count` seats; throws `limit-exceeded` and changes nothing if that would be more than `limit`.
    static func take(
        _ count: Int,
        event: Int64,
        buyer: String,
        limit: Int,
        _ connection: SQLConnection
    ) throws {
        if count <= limit {
            // Most buyers come once.
            let isFirst = try connection.run(
                "INSERT OR IGNORE INTO buyer_quota(event_id, email_norm, units) VALUES(?, ?, ?)",
                [event, buyer, count]
            )
            if isFirst == 1 { return }
        }
        let changed = try connection.run(
            "UPDATE buyer_quota SET units = units + ? WHERE event_id = ? AND email_norm = ? AND units + ? <= ?",
            [count, event, buyer, count, limit]
        )
        guard changed == 1 else {
            throw Problem.limitExceeded("at most \(limit) seats per buyer at this event")
        }
    }

    /// What a buyer is mailed for each order, whoever made it in the buyer's name.
    enum Mail: String {
        case tickets = "ticket_mails"
        case reminder = "reminder_mails"
    }

    /// Whether a buyer may be mailed once more about an event; if so it counts. One mail for each seat that a buyer may
    /// have is enough for whoever keeps what they order. Nothing gives these back: a stranger could order in somebody's
    /// name and give back for ever.
    static func takeMail(
        _ mail: Mail,
        event: Int64,
        buyer: String,
        _ connection: SQLConnection
    ) throws -> Bool {
        try connection.run(
            """
            UPDATE buyer_quota SET \(mail.rawValue) = \(mail.rawValue) + 1
            WHERE event_id = ? AND email_norm = ?
              AND \(mail.rawValue) < (SELECT max_per_buyer FROM events WHERE id = ?)
            """,
            [event, buyer, event]
        ) == 1
    }

    /// Gives `count` seats back.
    static func giveBack(_ count: Int, event: Int64, buyer: String, _ connection: SQLConnection)
        throws
    {
        try connection.run(
            "UPDATE buyer_quota SET units = units - ? WHERE event_id = ? AND email_norm = ?",
            [count, event, buyer]
        )
    }
}
