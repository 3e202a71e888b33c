/// The statements behind holds and claims.
enum HoldRows {
    /// Claims every seat that is free for the hold and returns those that somebody else has. In seat order, so that two
    /// writers of an engine with row locks cannot wait for each other in a circle.
    static func claim(
        _ seats: [Int],
        event: Int64,
        hold: Int64,
        until expiresAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [Int] {
        let sorted = seats.sorted()
        let changed = try connection.insert(
            "INSERT OR IGNORE INTO seat_claims(event_id, seat_no, state, hold_id, order_id, expires_at)",
            rows: sorted.map { seat in
                [event.cell, seat.cell, .integer(1), hold.cell, .null, expiresAt.cell]
            }
        )
        if changed == seats.count { return [] }
        var owned = Set(
            try connection.rows("SELECT seat_no FROM seat_claims WHERE hold_id = ?", [hold]) {
                try $0.int(0)
            }
        )
        // Of a seat that is named twice the second one is taken.
        return sorted.filter { owned.remove($0) == nil }
    }

    /// Frees the seats that a hold still only holds; sold seats stay.
    @discardableResult
    static func releaseClaims(of hold: Int64, _ connection: SQLConnection) throws -> Int {
        try connection.run("DELETE FROM seat_claims WHERE hold_id = ? AND state = 1", [hold])
    }

    /// Gives back everything that a hold still only holds: its seats and its standing places.
    static func giveBack(_ hold: Int64, event: Int64, _ connection: SQLConnection) throws {
        try releaseClaims(of: hold, connection)
        let standing = try items(of: hold, connection).filter { $0.seat == nil }
        try StandingStock.giveBack(standing, event: event, connection)
        touch(event: event, connection)
    }

    /// Ends active holds that nobody else can touch until the commit, and gives back all that they hold.
    static func expire(_ holds: [(id: Int64, event: Int64)], _ connection: SQLConnection) throws {
        guard !holds.isEmpty else { return }
        let ids = holds.map(\.id).padded
        let marks = ids.marks
        let ended = try connection.run(
            "UPDATE holds SET state = 3 WHERE state = 0 AND id IN (\(marks))",
            ids
        )
        guard ended == holds.count else { throw SQLError.inconsistent("a hold moved under a lock") }
        try connection.run("DELETE FROM seat_claims WHERE state = 1 AND hold_id IN (\(marks))", ids)
        let standing = try connection.rows(
            "SELECT hold_id, \(itemColumns) FROM hold_items WHERE seat_no IS NULL AND hold_id IN (\(marks))",
            ids
        ) { (hold: try $0.integer(0), item: try item($0, from: 1)) }
        let events = Dictionary(holds.map { ($0.id, $0.event) }, uniquingKeysWith: { $1 })
        let items = Dictionary(grouping: standing) { events[$0.hold] ?? 0 }
        for (event, items) in items.sorted(by: { $0.key < $1.key }) {
            try StandingStock.giveBack(items.map(\.item), event: event, connection)
        }
        for event in Set(events.values) { touch(event: event, connection) }
    }

    /// Tells viewers, with the commit, that the event's claims changed.
    static func touch(event: Int64, _ connection: SQLConnection) { connection.touch(event: event) }

    /// Writes a hold and its items.
    static func insert(_ hold: Hold, at now: Milliseconds, _ connection: SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO holds(id, event_id, user_id, session_hash, state, units, amount, expires_at, created_at)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                hold.id, hold.eventId, hold.userId, hold.sessionHash, hold.state.rawValue,
                hold.items.count, hold.total,
                hold.expiresAt, now,
            ]
        )
        try insertItems(of: hold, connection)
    }

    private static func insertItems(of hold: Hold, _ connection: SQLConnection) throws {
        try connection.insert(
            """
            INSERT INTO hold_items(hold_id, item_no, section_no, seat_no, shard, tier_no, unit_amount, unit_fee)
            """,
            rows: hold.items.map { item in
                [
                    hold.id.cell, item.number.cell, item.section.cell, item.seat.cell,
                    item.shard.cell, item.tier.cell, item.amount.cell, item.fee.cell,
                ]
            }
        )
    }

    /// Makes sure that an active hold stays active until the commit; false if it is not.
    static func seize(_ hold: Int64, _ connection: SQLConnection) throws -> Bool {
        try connection.run(
            "UPDATE holds SET revision = revision + 1 WHERE id = ? AND state = 0",
            [hold]
        ) == 1
    }

    /// Writes down what a hold that was seized keeps now.
    static func replaceItems(of hold: Hold, _ connection: SQLConnection) throws {
        try connection.run(
            "UPDATE holds SET units = ?, amount = ? WHERE id = ?",
            [hold.items.count, hold.total, hold.id]
        )
        try connection.run("DELETE FROM hold_items WHERE hold_id = ?", [hold.id])
        try insertItems(of: hold, connection)
    }

    /// Moves an active hold to `state` if nobody else was first. The row decides every race about a hold.
    static func compareAndSet(_ hold: Int64, to state: HoldState, _ connection: SQLConnection)
        throws -> Bool
    {
        try connection.run(
            "UPDATE holds SET state = ? WHERE id = ? AND state = 0",
            [state.rawValue, hold]
        ) == 1
    }

    /// Converts an active hold that keeps what it kept when it was read, at prices that still hold; false if not.
    ///
    /// In one statement, so that what was read need not be read again. The sign keeps SQLite from looking for it among
    /// all active holds.
    static func convert(_ hold: Hold, _ connection: SQLConnection) throws -> Bool {
        try connection.run(
            """
            UPDATE holds SET state = 1 WHERE id = ? AND +state = 0 AND revision = ? AND NOT EXISTS(
              SELECT 1 FROM hold_items i LEFT JOIN tiers t ON t.event_id = holds.event_id AND t.tier_no = i.tier_no
                AND t.amount = i.unit_amount AND t.fee = i.unit_fee
              WHERE i.hold_id = holds.id AND t.tier_no IS NULL)
            """,
            [hold.id, hold.revision]
        ) == 1
    }

    /// A hold with its items, in one query.
    static func hold(id: Int64, _ connection: SQLConnection) throws -> Hold? {
        let rows = try connection.rows(
            """
            SELECT id, event_id, user_id, session_hash, state, expires_at, revision, \(itemColumns)
            FROM holds LEFT JOIN hold_items ON hold_id = id WHERE id = ? ORDER BY item_no
            """,
            [id]
        ) { row in
            (
                hold: try emptyHold(row),
                item: try row.optionalInteger(7) == nil ? nil : try item(row, from: 7)
            )
        }
        return rows.first?.hold.with(rows.compactMap(\.item))
    }

    private static func emptyHold(_ row: SQLRow) throws -> Hold {
        guard let state = HoldState(rawValue: try row.integer(4)) else { throw SQLError.column(4) }
        return Hold(
            id: try row.integer(0),
            eventId: try row.integer(1),
            userId: try row.optionalInteger(2),
            sessionHash: try row.text(3),
            state: state,
            expiresAt: try row.integer(5),
            items: [],
            revision: try row.int(6)
        )
    }

    /// The items of a hold in order.
    static func items(of hold: Int64, _ connection: SQLConnection) throws -> [HoldItem] {
        try connection.rows(
            "SELECT \(itemColumns) FROM hold_items WHERE hold_id = ? ORDER BY item_no",
            [hold]
        ) { try item($0, from: 0) }
    }

    static let itemColumns: SQLColumns =
        "item_no, section_no, seat_no, shard, tier_no, unit_amount, unit_fee"

    /// An item from the columns of a row that begin at `first`.
    static func item(_ row: SQLRow, from first: Int) throws -> HoldItem {
        HoldItem(
            number: try row.int(first),
            section: try row.int(first + 1),
            seat: try row.optionalInt(first + 2),
            shard: try row.optionalInt(first + 3),
            tier: try row.int(first + 4),
            amount: try row.price(first + 5),
            fee: try row.price(first + 6)
        )
    }

    /// How many seats a visitor holds at an event now, leaving out one hold that is about to keep something else.
    static func activeUnits(
        session: String,
        event: Int64,
        besides hold: Int64 = -1,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Int {
        try connection.first(
            """
            SELECT COALESCE(SUM(units), 0) FROM holds
            WHERE session_hash = ? AND event_id = ? AND id <> ? AND \(isActive)
            """,
            [session, event, hold, now]
        ) { try $0.int(0) } ?? 0
    }

    /// What a visitor holds now, by account, session or cart, the newest first.
    static func active(of visitor: Visitor, at now: Milliseconds, _ connection: SQLConnection)
        throws -> [Holding]
    {
        let names = [visitor.identity?.sessionId, visitor.cartHash].compactMap(\.self)
        guard !names.isEmpty else { return [] }
        return try connection.rows(
            """
            SELECT id, event_id, units, expires_at FROM holds WHERE session_hash IN (?, ?) AND \(isActive)
            ORDER BY id DESC LIMIT 20
            """,
            [names[0], names[names.count - 1], now]
        ) { row in
            Holding(
                id: try row.integer(0),
                eventId: try row.integer(1),
                unitCount: try row.int(2),
                expiresAt: try row.integer(3)
            )
        }
    }

    /// Whether a hold counts now, given the moment. The signs keep an engine from looking through every active hold of
    /// the shop by the index of the sweeper, when it was told whose holds are meant.
    static let isActive = "+state = 0 AND +expires_at > ?"
}
