/// Places many holds with a few statements: what a rush costs the database is then the rows and not the round trips.
///
/// A short cut and nothing more: whoever it does not serve (a key that was used, a visitor with two requests in the
/// batch, a choice of seats that others were faster at, a seat that somebody in the batch had and could not keep) is
/// served alone afterwards, by the statements that decide every case.
enum HoldBatch {
    private struct Seat: Hashable {
        let event: Int64
        let number: Int
    }

    /// Whose holds count together.
    private struct Holder: Hashable {
        let event: Int64
        let session: String

        init(event: Int64, session: String) {
            self.event = event
            self.session = session
        }

        init(_ hold: Hold) { self.init(event: hold.eventId, session: hold.sessionHash) }
    }

    /// Decides what can be decided at once. The outcomes stand in the order of the claims; nil means: not done.
    static func place(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Result<Answer, any Error>?]
    {
        var outcomes = [Result<Answer, any Error>?](repeating: nil, count: claims.count)
        try VisitorTurn.take(claims.map(\.hold.sessionHash), connection)
        let chosen = try candidates(claims, connection)
        guard chosen.count > 1 else { return outcomes }
        let owned = try claimSeats(of: chosen.map { claims[$0] }, connection)
        var placed: [HoldClaim] = []
        var late: [(index: Int, missed: Set<Seat>)] = []
        for index in chosen {
            let claim = claims[index]
            let missed = seats(of: claim).subtracting(owned[claim.hold.id] ?? [])
            if missed.isEmpty {
                placed.append(claim)
                outcomes[index] = .success(claim.answer)
            } else {
                late.append((index, missed))
            }
        }
        let freed = try giveUp(late.map { claims[$0.index].hold.id }, owned, connection)
        // Whoever had the seat may have been this very request, sent once before, whose answer is there only now.
        let used = try usedKeys(late.compactMap { claims[$0.index].key }, connection)
        for (index, missed) in late where missed.isDisjoint(with: freed) {
            let claim = claims[index]
            guard let refusal = claim.refusal, !isUsed(claim.key, used) else { continue }
            outcomes[index] = .failure(refusal(missed.map(\.number).sorted()))
        }
        try insert(placed, connection)
        return outcomes
    }

    /// Frees what holds got that did not get all they wanted, and says what that was.
    private static func giveUp(
        _ holds: [Int64],
        _ owned: [Int64: Set<Seat>],
        _ connection: SQLConnection
    ) throws -> Set<Seat> {
        var freed: Set<Seat> = []
        for hold in holds {
            guard let seats = owned[hold] else { continue }
            try HoldRows.releaseClaims(of: hold, connection)
            freed.formUnion(seats)
        }
        return freed
    }

    private static func seats(of claim: HoldClaim) -> Set<Seat> {
        Set(claim.seats.map { Seat(event: claim.hold.eventId, number: $0) })
    }

    private static func insert(_ claims: [HoldClaim], _ connection: SQLConnection) throws {
        try insertHolds(claims, connection)
        try insertItems(claims, connection)
        try insertAnswers(claims, connection)
        for event in Set(claims.map(\.hold.eventId)) { connection.touch(event: event) }
    }

    /// Those whose keys are new, who come first of their visitor's and their key's, and hold little enough.
    private static func candidates(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Int]
    {
        var holders: Set<Holder> = []
        var keys: Set<IdempotencyKey.Name> = []
        let first = claims.indices.filter { index in
            let isNewKey = claims[index].key.map { keys.insert($0.name).inserted }
            return holders.insert(Holder(claims[index].hold)).inserted && isNewKey ?? true
        }
        let used = try usedKeys(first.compactMap { claims[$0].key }, connection)
        let active = try activeUnits(first.map { claims[$0] }, connection)
        return first.filter { index in
            let claim = claims[index]
            // A seat that is named twice is for the long way to refuse.
            guard Set(claim.seats).count == claim.seats.count else { return false }
            guard !isUsed(claim.key, used) else { return false }
            return active[Holder(claim.hold), default: 0] + claim.seats.count <= claim.limit
        }
    }

    private static func isUsed(_ key: IdempotencyKey?, _ used: Set<IdempotencyKey.Name>) -> Bool {
        key.map { used.contains($0.name) } ?? false
    }

    private static func usedKeys(_ keys: [IdempotencyKey], _ connection: SQLConnection) throws
        -> Set<IdempotencyKey.Name>
    {
        guard !keys.isEmpty else { return [] }
        let keys = keys.padded
        let marks = Array(repeating: "(scope = ? AND idem_key = ?)", count: keys.count)
        let found = try connection.rows(
            "SELECT scope, idem_key FROM idempotency WHERE \(marks.joined(separator: " OR "))",
            keys.flatMap { [$0.scope, $0.key] }
        ) { IdempotencyKey.Name(scope: try $0.text(0), key: try $0.text(1)) }
        return Set(found)
    }

    private static func activeUnits(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Holder: Int]
    {
        guard let now = claims.map(\.createdAt).max() else { return [:] }
        let sessions = claims.map(\.hold.sessionHash).padded
        let found = try connection.rows(
            """
            SELECT event_id, session_hash, SUM(units) FROM holds
            WHERE session_hash IN (\(sessions.marks)) AND \(HoldRows.isActive) GROUP BY event_id, session_hash
            """,
            sessions.map(\.cell) + [now.cell]
        ) { row in
            (
                Holder(event: try row.integer(0), session: try row.text(1)),
                try row.int(2)
            )
        }
        return Dictionary(found, uniquingKeysWith: +)
    }

    /// Claims what is free and returns the seats that each hold got.
    private static func claimSeats(of claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Int64: Set<Seat>]
    {
        let wanted = claims.map { ($0.hold.id, seats(of: $0)) }
        let count = try insertClaims(claims, connection)
        if count == wanted.reduce(0, { $0 + $1.1.count }) {
            return Dictionary(uniqueKeysWithValues: wanted)
        }
        return try ownedSeats(of: claims, connection)
    }

    /// Rows sorted by key, so that two batches of an engine with row locks cannot wait for each other in a circle, and
    /// of one seat by who came first.
    private static func insertClaims(_ claims: [HoldClaim], _ connection: SQLConnection) throws
        -> Int
    {
        let rows = claims.enumerated().flatMap { place, claim in
            claim.seats.map { seat in
                (event: claim.hold.eventId, seat: seat, place: place, hold: claim.hold)
            }
        }
        let sorted = rows.sorted { ($0.event, $0.seat, $0.place) < ($1.event, $1.seat, $1.place) }
        return try connection.insert(
            "INSERT OR IGNORE INTO seat_claims(event_id, seat_no, state, hold_id, order_id, expires_at)",
            rows: sorted.map { row in
                [row.event.cell, row.seat.cell, .integer(1), row.hold.id.cell, .null]
                    + [row.hold.expiresAt.cell]
            }
        )
    }

    /// The seats that each hold got.
    private static func ownedSeats(of claims: [HoldClaim], _ connection: SQLConnection) throws
        -> [Int64: Set<Seat>]
    {
        let ids = claims.map(\.hold.id).padded
        let found = try connection.rows(
            "SELECT hold_id, event_id, seat_no FROM seat_claims WHERE hold_id IN (\(ids.marks))",
            ids
        ) { row in
            (
                hold: try row.integer(0),
                seat: Seat(event: try row.integer(1), number: try row.int(2))
            )
        }
        return Dictionary(grouping: found, by: \.hold).mapValues { Set($0.map(\.seat)) }
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
