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
