/// Places many holds with a few statements: what a rush costs the database is then the rows and not the round trips.
///
/// A short cut and nothing more: whoever it does not serve (a seat that is taken, a key that was used, a visitor with
/// two requests in the batch) is served alone afterwards, by the statements that decide every case.
enum HoldBatch {
    /// Places the holds that can be placed at once. The answers stand in the order of the claims; nil means: not done.
    static func place(_ claims: [HoldClaim], _ connection: SQLConnection) throws -> [Answer?] {
        try VisitorTurn.take(claims.map(\.hold.sessionHash), connection)
        var winners = try candidates(claims, connection)
        guard winners.count > 1 else { return claims.map { _ in nil } }
        try insertClaims(winners.map { claims[$0] }, connection)
        let counts = try claimCounts(winners.map { claims[$0] }, connection)
        for index in winners where counts[claims[index].hold.id] != claims[index].seats.count {
            try HoldRows.releaseClaims(of: claims[index].hold.id, connection)
        }
        winners = winners.filter { counts[claims[$0].hold.id] == claims[$0].seats.count }
        let placed = winners.map { claims[$0] }
        guard !placed.isEmpty else { return claims.map { _ in nil } }
        try insertHolds(placed, connection)
        try insertItems(placed, connection)
        try insertAnswers(placed, connection)
        for event in Set(placed.map(\.hold.eventId)) { connection.touch(event: event) }
        var answers: [Answer?] = claims.map { _ in nil }
        for index in winners { answers[index] = claims[index].answer }
        return answers
    }

    /// Those whose keys are new, who have one request in the batch and hold little enough.
    private static func candidates(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Int]
    {
        var sessions: Set<String> = []
        var seats: Set<[Int64]> = []
        let first = claims.indices.filter { index in
            let hold = claims[index].hold
            let isFirst = sessions.insert("\(hold.eventId) \(hold.sessionHash)").inserted
            // Two that want one seat: the first has it, the other is told so afterwards.
            let wanted = claims[index].seats.map { [hold.eventId, Int64($0)] }
            guard isFirst, wanted.allSatisfy({ !seats.contains($0) }) else { return false }
            seats.formUnion(wanted)
            return true
        }
        let used = try usedKeys(first.compactMap { claims[$0].key }, connection)
        let active = try activeUnits(first.map { claims[$0] }, connection)
        return first.filter { index in
            let claim = claims[index]
            if let key = claim.key, used.contains("\(key.scope) \(key.key)") { return false }
            let name = "\(claim.hold.eventId) \(claim.hold.sessionHash)"
            return active[name, default: 0] + claim.seats.count <= claim.limit
        }
    }

    private static func usedKeys(_ keys: [IdempotencyKey], _ connection: SQLConnection) throws
        -> Set<String>
    {
        guard !keys.isEmpty else { return [] }
        let marks = Array(repeating: "(scope = ? AND idem_key = ?)", count: keys.count)
        let found = try connection.rows(
            "SELECT scope, idem_key FROM idempotency WHERE \(marks.joined(separator: " OR "))",
            keys.flatMap { [$0.scope, $0.key] }
        ) { "\(try $0.text(0)) \(try $0.text(1))" }
        return Set(found)
    }

    private static func activeUnits(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [String: Int]
    {
        guard let now = claims.map(\.createdAt).max() else { return [:] }
        let marks = Array(repeating: "?", count: claims.count).joined(separator: ", ")
        let found = try connection.rows(
            """
            SELECT event_id, session_hash, SUM(units) FROM holds
            WHERE session_hash IN (\(marks)) AND \(HoldRows.isActive) GROUP BY event_id, session_hash
            """,
            claims.map { $0.hold.sessionHash.cell } + [now.cell]
        ) { ("\(try $0.integer(0)) \(try $0.text(1))", try $0.int(2)) }
        return Dictionary(found, uniquingKeysWith: +)
    }

    /// Rows sorted by key, so that two batches of an engine with row locks cannot wait for each other in a circle.
    private static func insertClaims(_ claims: [HoldClaim], _ connection: SQLConnection) throws {
        let rows = claims.flatMap { claim in
            claim.seats.map { seat in (event: claim.hold.eventId, seat: seat, hold: claim.hold) }
        }
        let sorted = rows.sorted { ($0.event, $0.seat) < ($1.event, $1.seat) }
        try connection.insert(
            "INSERT OR IGNORE INTO seat_claims(event_id, seat_no, state, hold_id, order_id, expires_at)",
            rows: sorted.map { row in
                [row.event.cell, row.seat.cell, .integer(1), row.hold.id.cell, .null]
                    + [row.hold.expiresAt.cell]
            }
        )
    }

    private static func claimCounts(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Int64: Int]
    {
        let marks = Array(repeating: "?", count: claims.count).joined(separator: ", ")
        let counts = try connection.rows(
            "SELECT hold_id, COUNT(*) FROM seat_claims WHERE hold_id IN (\(marks)) GROUP BY hold_id",
            claims.map { $0.hold.id.cell }
        ) { (try $0.integer(0), try $0.int(1)) }
        return Dictionary(counts, uniquingKeysWith: +)
    }

    private static func insertHolds(_ claims: [HoldClaim], _ connection: SQLConnection) throws {
        try connection.insert(
            """
            INSERT INTO holds(id, event_id, user_id, session_hash, state, units, amount, expires_at, created_at)
            """,
            rows: claims.map { claim in
                let hold = claim.hold
                return [
                    hold.id.cell, hold.eventId.cell, hold.userId.cell, hold.sessionHash.cell,
                    hold.state.rawValue.cell, hold.items.count.cell, hold.total.cell,
                    hold.expiresAt.cell, claim.createdAt.cell,
                ]
            }
        )
    }

    private static func insertItems(_ claims: [HoldClaim], _ connection: SQLConnection) throws {
        try connection.insert(
            """
            INSERT INTO hold_items(hold_id, item_no, section_no, seat_no, shard, tier_no, unit_amount, unit_fee)
            """,
            rows: claims.flatMap { claim in
                claim.hold.items.map { item in
                    [
                        claim.hold.id.cell, item.number.cell, item.section.cell, item.seat.cell,
                        item.shard.cell, item.tier.cell, item.amount.cell, item.fee.cell,
                    ]
                }
            }
        )
    }

    private static func insertAnswers(_ claims: [HoldClaim], _ connection: SQLConnection) throws {
        let rows = claims.compactMap { claim in
            claim.key.map { key in
                [
                    key.scope.cell, key.key.cell, key.requestHash.cell, claim.answer.status.cell,
                    String(decoding: claim.answer.body, as: UTF8.self).cell, claim.createdAt.cell,
                ]
            }
        }
        try connection.insert(
            "INSERT INTO idempotency(scope, idem_key, request_hash, status, response, created_at)",
            rows: rows
        )
    }
}
