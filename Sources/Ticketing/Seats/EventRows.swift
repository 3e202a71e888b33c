/// The statements behind the catalog.
enum EventRows {
    /// An event as lists find it, without what selling it needs.
    struct Glimpse: Sendable {
        let slug: String
        let title: String
        let venueName: String
        let city: String
        let startsAt: Milliseconds
    }

    /// How many events lists know of: those to come, the next one first, and of those that have begun the latest.
    static let listLimit = (upcoming: 5_000, past: 1_000)

    /// The events of lists: those to come, the next one first, then those that have begun, the latest first.
    static func glimpses(at now: Milliseconds, _ connection: SQLConnection) throws -> [Glimpse] {
        try glimpses("> ? ORDER BY e.starts_at, e.id LIMIT \(listLimit.upcoming)", now, connection)
            + glimpses(
                "<= ? ORDER BY e.starts_at DESC, e.id DESC LIMIT \(listLimit.past)",
                now,
                connection
            )
    }

    private static func glimpses(
        _ rest: String,
        _ now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [Glimpse] {
        try connection.rows(
            """
            SELECT e.slug, e.title, v.name, v.city, e.starts_at
            FROM events e JOIN seat_maps m ON m.id = e.map_id JOIN venues v ON v.id = m.venue_id
            WHERE e.starts_at \(rest)
            """,
            [now]
        ) { row in
            Glimpse(
                slug: try row.text(0),
                title: try row.text(1),
                venueName: try row.text(2),
                city: try row.text(3),
                startsAt: try row.integer(4)
            )
        }
    }

    /// The one event for which something is so, with its venue.
    static func event(
        where condition: String,
        _ arguments: [any SQLValue],
        _ connection: SQLConnection
    ) throws -> Event? {
        try connection.first(
            """
            SELECT e.id, e.slug, e.map_id, e.title, e.body, e.currency, e.starts_at, e.sales_open_at, e.sales_close_at,
                   e.status, e.max_per_order, e.max_per_buyer, e.hold_seconds, e.waiting_room, v.name, v.city, v.tz
            FROM events e JOIN seat_maps m ON m.id = e.map_id JOIN venues v ON v.id = m.venue_id
            WHERE \(condition)
            """,
            arguments,
            event
        )
    }

    private static func event(_ row: SQLRow) throws -> Event {
        guard let status = EventStatus(rawValue: try row.integer(9)) else {
            throw SQLError.column(9)
        }
        return Event(
            id: try row.integer(0),
            slug: try row.text(1),
            mapId: try row.integer(2),
            title: try row.text(3),
            body: try row.text(4),
            currency: try row.text(5),
            startsAt: try row.integer(6),
            salesOpenAt: try row.integer(7),
            salesCloseAt: try row.integer(8),
            status: status,
            maxPerOrder: try row.int(10),
            maxPerBuyer: try row.int(11),
            holdSeconds: try row.int(12),
            waitingRoom: try row.integer(13) != 0,
            venueName: try row.text(14),
            city: try row.text(15),
            timeZone: try row.text(16)
        )
    }

    /// Opens, pauses or cancels a sale. What was cancelled stays so, since people got their money back for it; throws
    /// `sale-closed` for anything else.
    static func setStatus(_ status: EventStatus, of event: Int64, _ connection: SQLConnection)
        throws
    {
        let known = try self.status(of: event, isKept: true, connection)
        guard known != .cancelled || status == .cancelled else {
            throw Problem.saleClosed(.cancelled)
        }
        try connection.run("UPDATE events SET status = ? WHERE id = ?", [status.rawValue, event])
        connection.touch(event: event)
    }

    /// What the house decided about an event, kept so until the commit if that is asked for; nil if there is none.
    static func status(
        of event: Int64,
        isKept: Bool = false,
        _ connection: SQLConnection
    ) throws -> EventStatus? {
        let sql = "SELECT status FROM events WHERE id = ?"
        return try connection.first(isKept ? sql + connection.dialect.forUpdate : sql, [event]) {
            EventStatus(rawValue: try $0.integer(0))
        } ?? nil
    }

    /// Whether an event is still to begin, and will.
    static func isAhead(_ event: Int64, at now: Milliseconds, _ connection: SQLConnection) throws
        -> Bool
    {
        try connection.first(
            "SELECT id FROM events WHERE id = ? AND starts_at > ? AND status <> ?",
            [event, now, EventStatus.cancelled.rawValue]
        ) { try $0.integer(0) } != nil
    }

    /// The prices of an event.
    static func tiers(of event: Int64, _ connection: SQLConnection) throws -> [Tier] {
        try connection.rows(
            "SELECT tier_no, name, amount, fee, color FROM tiers WHERE event_id = ? ORDER BY tier_no",
            [event]
        ) { row in
            Tier(
                number: try row.int(0),
                name: try row.text(1),
                amount: try row.price(2),
                fee: try row.price(3),
                color: try row.text(4)
            )
        }
    }

    /// The tier number of each section of an event.
    static func tierNumbers(of event: Int64, _ connection: SQLConnection) throws -> [Int: Int] {
        let pairs = try connection.rows(
            "SELECT section_no, tier_no FROM event_sections WHERE event_id = ?",
            [event]
        ) {
            (try $0.int(0), try $0.int(1))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// A whole map.
    static func map(id: Int64, _ connection: SQLConnection) throws -> SeatMap {
        let seats = try connection.rows(
            "SELECT section_no, row_label, seat_label, x, y FROM map_seats WHERE map_id = ? ORDER BY seat_no",
            [id]
        ) { row in
            SeatMap.Seat(
                section: try row.int(0),
                row: try row.text(1),
                number: try row.text(2),
                x: try row.int(3),
                y: try row.int(4)
            )
        }
        let revision = try connection.first("SELECT revision FROM seat_maps WHERE id = ?", [id]) {
            try $0.int(0)
        }
        let sections = try connection.rows(
            """
            SELECT section_no, code, name, first_seat, seat_count, admission, capacity FROM map_sections
            WHERE map_id = ? ORDER BY section_no
            """,
            [id]
        ) { try section($0, seats: seats) }
        return SeatMap(id: id, revision: revision ?? 1, sections: sections, seats: seats)
    }

    private static func section(_ row: SQLRow, seats: [SeatMap.Seat]) throws -> SeatMap.Section {
        let first = try row.int(3)
        let count = try row.int(4)
        guard first >= 0, count >= 0, first + count <= seats.count else { throw SQLError.column(4) }
        var rows: [SeatMap.Row] = []
        var start = first
        for seat in first..<(first + count)
        where seat + 1 == first + count || seats[seat + 1].row != seats[seat].row {
            rows.append(SeatMap.Row(label: seats[seat].row, seats: start..<(seat + 1)))
            start = seat + 1
        }
        return SeatMap.Section(
            number: try row.int(0),
            code: try row.text(1),
            name: try row.text(2),
            firstSeat: first,
            seatCount: count,
            rows: rows,
            standingCapacity: try row.int(5) == 0 ? nil : try row.int(6)
        )
    }
}

extension SQLRow {
    /// What a seat or its fee costs.
    func price(_ column: Int) throws(SQLError) -> Int64 {
        let amount = try integer(column)
        guard Money.prices.contains(amount) else { throw .column(column) }
        return amount
    }
}
