/// How many seats of an event one buyer, known by mail address, has ordered.
enum BuyerQuota {
    /// Adds `count` seats; throws `limit-exceeded` and changes nothing if that would be more than `limit`.
    /// Returns whether this is the buyer's first order of the event, with which its mails are counted, too:
    /// most buyers come once.
    static func take(
        _ count: Int,
        event: Int64,
        buyer: String,
        limit: Int,
        _ connection: SQLConnection
    ) throws -> Bool {
        if count <= limit {
            let isFirst = try connection.run(
                """
                INSERT OR IGNORE INTO buyer_quota(event_id, email_norm, units, ticket_mails, reminder_mails)
                VALUES(?, ?, ?, 1, 1)
                """,
                [event, buyer, count]
            )
            if isFirst == 1 { return true }
        }
        let changed = try connection.run(
            "UPDATE buyer_quota SET units = units + ? WHERE event_id = ? AND email_norm = ? AND units + ? <= ?",
            [count, event, buyer, count, limit]
        )
        guard changed == 1 else {
            throw Problem.limitExceeded("at most \(limit) seats per buyer at this event")
        }
        return false
    }

    /// What an order has a buyer mailed that costs nothing: anybody may make it in the buyer's name.
    enum Mail: String {
        case tickets = "ticket_mails"
        case reminder = "reminder_mails"
    }

    /// So many may be mailed in any case, though a buyer may have fewer seats.
    private static let leastMails = 10

    /// Whether a buyer may be mailed once more about an event, of an order that costs nothing; if so it
    /// counts. One mail for each seat that a buyer may have is enough for whoever keeps what they order.
    /// Nothing gives these back: a stranger could order in somebody's name and give back for ever. An
    /// account that proved the address is no stranger.
    static func takeMail(_ mail: Mail, of order: Order, _ connection: SQLConnection) throws -> Bool {
        try connection.run(
            """
            UPDATE buyer_quota SET \(mail.rawValue) = \(mail.rawValue) + 1
            WHERE event_id = ? AND email_norm = ? AND (\(mail.rawValue) < \(leastMails)
              OR \(mail.rawValue) < (SELECT max_per_buyer FROM events WHERE id = ?)
              OR EXISTS (SELECT 1 FROM users WHERE id = ? AND email_norm = ? AND verified_at IS NOT NULL))
            """,
            [
                order.eventId, order.emailNormalised, order.eventId, order.userId,
                order.emailNormalised,
            ]
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
