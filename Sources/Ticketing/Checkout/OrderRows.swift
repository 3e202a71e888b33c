/// The statements behind orders.
enum OrderRows {
    static let columns: SQLColumns = """
        id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder, state, units, currency, subtotal,
        fees, total, refunded, created_at, expires_at, paid_at, revision, holders, discount, voucher_id
        """

    /// The order with this id.
    static func order(id: Int64, _ connection: SQLConnection) throws -> Order? {
        try connection.first("SELECT \(columns) FROM orders WHERE id = ?", [id], order)
    }

    /// The order as it is until the commit: whoever wants to change it meanwhile waits for us, or we for them.
    ///
    /// What follows from an order's state is read and written after this, and the order's row is always the first of
    /// its rows, so that no two wait in a circle.
    static func seize(id: Int64, _ connection: SQLConnection) throws -> Order? {
        let sql = "SELECT \(columns) FROM orders WHERE id = ?\(connection.dialect.forUpdate)"
        return try connection.first(sql, [id], order)
    }

    /// The order with this public code.
    static func order(code: String, _ connection: SQLConnection) throws -> Order? {
        try connection.first("SELECT \(columns) FROM orders WHERE code = ?", [code], order)
    }

    /// The order that a hold became.
    static func order(hold: Int64, _ connection: SQLConnection) throws -> Order? {
        try connection.first("SELECT \(columns) FROM orders WHERE hold_id = ?", [hold], order)
    }

    /// The visitor's newest orders, at most 100.
    static func orders(of visitor: Visitor, _ connection: SQLConnection) throws -> [Order] {
        try connection.rows(
            """
            SELECT \(columns) FROM orders WHERE user_id = ? OR (session_hash = ? AND session_hash <> '')
            ORDER BY created_at DESC, id DESC LIMIT 100
            """,
            [visitor.identity?.userId ?? -1, visitor.cartHash ?? ""],
            order
        )
    }

    /// All orders of an event, for the ledger.
    static func orders(ofEvent event: Int64, _ connection: SQLConnection) throws -> [Order] {
        try connection.rows(
            "SELECT \(columns) FROM orders WHERE event_id = ? ORDER BY id",
            [event],
            order
        )
    }

    /// The newest orders of an event, for the house.
    static func newest(ofEvent event: Int64, _ connection: SQLConnection) throws -> [Order] {
        try connection.rows(
            "SELECT \(columns) FROM orders WHERE event_id = ? ORDER BY id DESC LIMIT 100",
            [event],
            order
        )
    }

    /// An order from the first columns of a row.
    static func order(_ row: SQLRow) throws -> Order {
        guard let state = OrderState(rawValue: try row.integer(9)) else { throw SQLError.column(9) }
        return Order(
            id: try row.integer(0),
            code: try row.text(1),
            eventId: try row.integer(2),
            userId: try row.optionalInteger(3),
            sessionHash: try row.text(4),
            holdId: try row.integer(5),
            email: try row.text(6),
            emailNormalised: try row.text(7),
            holder: try row.text(8),
            holders: (try row.optionalText(20)).map { $0.split(separator: "\n").map(String.init) }
                ?? [],
            state: state,
            unitCount: try row.int(10),
            currency: try row.text(11),
            subtotal: try row.integer(12),
            fees: try row.integer(13),
            discount: try row.integer(21),
            total: try row.integer(14),
            refunded: try row.integer(15),
            voucherId: try row.optionalInteger(22),
            createdAt: try row.integer(16),
            expiresAt: try row.optionalInteger(17),
            paidAt: try row.optionalInteger(18),
            revision: try row.int(19)
        )
    }

    /// Writes a new order, to be found at once.
    static func insert(_ order: Order, _ connection: SQLConnection) throws {
        try connection.insert(head, rows: [row(order).map(\.cell)])
        try logCreation(of: order, connection)
    }

    /// Writes a new order with the commit: nobody knows of it before.
    static func append(_ order: Order, _ connection: SQLConnection) throws {
        connection.append(head, row(order))
        try logCreation(of: order, connection)
    }

    private static let head = """
        INSERT INTO orders(id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder, holders,
          state, units, currency, subtotal, fees, discount, total, refunded, voucher_id, created_at, expires_at,
          paid_at, revision)
        """

    private static func row(_ order: Order) -> [any SQLValue] {
        [
            order.id, order.code, order.eventId, order.userId, order.sessionHash, order.holdId,
            order.email, order.emailNormalised, order.holder,
            order.holders.isEmpty ? nil : order.holders.joined(separator: "\n"),
            order.state.rawValue, order.unitCount, order.currency, order.subtotal, order.fees,
            order.discount, order.total, 0, order.voucherId, order.createdAt, order.expiresAt,
            nil as Int64?, 1,
        ]
    }

    private static func logCreation(of order: Order, _ connection: SQLConnection) throws {
        try log(
            order.id,
            revision: 1,
            from: nil,
            to: order.state,
            "created",
            at: order.createdAt,
            connection
        )
    }

    /// Moves an order on if nobody else was first, and writes the step down. The row decides every race about an order.
    ///
    /// Throws if the state machine does not allow the step at all.
    static func advance(
        _ order: Order,
        _ trigger: OrderTrigger,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        guard let next = order.state.after(trigger) else {
            throw SQLError.inconsistent(
                "order \(order.code) cannot leave \(order.state.name) by \(trigger.rawValue)"
            )
        }
        let changed = try connection.run(
            """
            UPDATE orders SET state = ?, revision = revision + 1,
              paid_at = CASE WHEN ? = 1 THEN ? ELSE paid_at END,
              expires_at = NULL,
              closed_at = CASE WHEN ? = 1 THEN NULL ELSE ? END
            WHERE id = ? AND state = ? AND revision = ?
            """,
            [
                next.rawValue, next.rawValue, now, next.rawValue, now, order.id,
                order.state.rawValue, order.revision,
            ]
        )
        guard changed == 1 else { return false }
        try log(
            order.id,
            revision: order.revision + 1,
            from: order.state,
            to: next,
            trigger.rawValue,
            at: now,
            connection
        )
        return true
    }

    private static func log(
        _ order: Int64,
        revision: Int,
        from: OrderState?,
        to: OrderState,
        _ cause: String,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        connection.append(
            "INSERT INTO order_log(order_id, revision, from_state, to_state, cause, at)",
            [order, revision, from?.rawValue, to.rawValue, cause, now]
        )
    }

    /// The tickets of an order in seat order.
    static func tickets(of order: Int64, _ connection: SQLConnection) throws -> [Ticket] {
        try connection.rows(
            """
            SELECT \(ticketColumns) FROM tickets WHERE order_id = ? ORDER BY item_no
            """,
            [order],
            ticket
        )
    }

    /// The ticket with this id, and its order and event.
    static func ticket(id: Int64, _ connection: SQLConnection) throws -> (
        ticket: Ticket, order: Int64, event: Int64
    )? {
        try connection.first(
            "SELECT \(ticketColumns), order_id, event_id FROM tickets WHERE id = ?",
            [id]
        ) { row in
            let next = ticketColumns.count
            return (try ticket(row), try row.integer(next), try row.integer(next + 1))
        }
    }

    /// The ticket with this serial, and its order.
    static func ticket(serial: String, _ connection: SQLConnection) throws -> (
        ticket: Ticket, order: Int64
    )? {
        try connection.first(
            "SELECT \(ticketColumns), order_id FROM tickets WHERE serial = ?",
            [serial]
        ) { (try ticket($0), try $0.integer(ticketColumns.count)) }
    }

    static let ticketColumns: SQLColumns = """
        id, item_no, seat_no, section_no, tier_no, amount, holder, serial, code, state, used_at, used_gate
        """

    private static func ticket(_ row: SQLRow) throws -> Ticket { try ticket(row, from: 0) }

    /// A ticket from the columns of a row that begin at `first`.
    static func ticket(_ row: SQLRow, from first: Int) throws -> Ticket {
        Ticket(
            id: try row.integer(first),
            itemNumber: try row.int(first + 1),
            seat: try row.optionalInt(first + 2),
            section: try row.int(first + 3),
            tier: try row.int(first + 4),
            amount: try row.integer(first + 5),
            holder: try row.text(first + 6),
            serial: try row.text(first + 7),
            code: try row.text(first + 8),
            isValid: try row.integer(first + 9) == 0,
            usedAt: try row.optionalInteger(first + 10),
            usedGate: try row.optionalText(first + 11)
        )
    }
}
