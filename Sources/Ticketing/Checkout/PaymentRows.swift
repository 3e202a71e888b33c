/// One attempt to pay an order.
struct Payment: Sendable {
    let id: Int64
    let orderId: Int64
    let provider: String
    let reference: String?
    let state: PaymentState
    let amount: Money
    let redirect: String?
}

/// The statements behind payments.
enum PaymentRows {
    private static let columns: SQLColumns =
        "id, order_id, provider, intent_ref, state, amount, currency, redirect"

    /// The attempt that may still succeed, as it is until the commit.
    static func seizeLive(order: Int64, _ connection: SQLConnection) throws -> Payment? {
        try connection.first(
            "SELECT \(columns) FROM payments WHERE live_order = ?\(connection.dialect.forUpdate)",
            [order],
            payment
        )
    }

    /// The newest attempt to pay an order.
    static func last(order: Int64, _ connection: SQLConnection) throws -> Payment? {
        try connection.first(
            "SELECT \(columns) FROM payments WHERE order_id = ? ORDER BY id DESC LIMIT 1",
            [order],
            payment
        )
    }

    /// The attempt that a provider knows by this name, kept as it is until the commit, and with it its order and what
    /// was ordered.
    ///
    /// In one query, which comes to the order's row first: the name says only whose order it is, and the attempt is
    /// found by its order.
    static func seize(provider: String, reference: String, _ connection: SQLConnection) throws
        -> (payment: Payment, order: Order, items: [HoldItem])?
    {
        let rows = try connection.rows(
            "\(seizing)\(connection.dialect.forUpdate)",
            [reference, provider, provider, reference]
        ) { row in
            let payment = OrderRows.columns.count
            return (
                order: try OrderRows.order(row),
                payment: try self.payment(row, from: payment),
                item: try HoldRows.item(row, from: payment + columns.count)
            )
        }
        return rows.first.map { ($0.payment, $0.order, rows.map(\.item)) }
    }

    /// COALESCE keeps an engine from finding the attempt by its name, before its order: rows are locked as
    /// they are found.
    private static let seizing = """
        SELECT \(OrderRows.columns.of("o")), \(columns.of("p")), \(HoldRows.itemColumns.of("i"))
        FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND COALESCE(p.intent_ref, '') = ?
          AND COALESCE(p.provider, '') = ?
        LEFT JOIN hold_items i ON i.hold_id = o.hold_id
        WHERE o.id = (SELECT order_id FROM payments WHERE provider = ? AND intent_ref = ?)
        """

    /// The attempt that paid an order, and not one that paid it again.
    static func succeeded(order: Int64, _ connection: SQLConnection) throws -> Payment? {
        try connection.first(
            """
            SELECT \(columns) FROM payments WHERE order_id = ? AND state = 3
              AND id NOT IN (SELECT payment_id FROM refunds WHERE order_id = ? AND reason = ?)
            ORDER BY settled_at LIMIT 1
            """,
            [order, order, RefundDesk.paidTwice],
            payment
        )
    }

    /// For so long an attempt that ended without money is asked about, more and more seldom. Providers try for three
    /// days to tell us what became of a payment.
    static let endedMemory = 7 * Span.day

    /// Attempts that began before a moment and of which the provider may know more than we, those first that it was
    /// asked about least lately, or never. About one that ended it is asked when the time since it began has doubled,
    /// unless the provider has said its last word.
    static func waiting(
        since moment: Milliseconds,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> [Payment] {
        let live = try connection.rows(
            """
            SELECT \(columns) FROM payments WHERE state IN (1, 2) AND created_at <= ? AND intent_ref IS NOT NULL
            ORDER BY asked_at, created_at LIMIT 100
            """,
            [moment],
            payment
        )
        let ended = try connection.rows(
            """
            SELECT \(columns) FROM payments WHERE state IN (4, 5) AND created_at BETWEEN ? AND ?
              AND is_final = 0 AND intent_ref IS NOT NULL
              AND (asked_at IS NULL OR 2 * (asked_at - created_at) <= ? - created_at)
            ORDER BY asked_at, created_at LIMIT 50
            """,
            [now - endedMemory, moment, now],
            payment
        )
        return live + ended
    }

    /// Notes that the provider is asked about these.
    static func noteAsked(
        _ payments: [Payment],
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let ids = payments.map(\.id).sorted().padded
        try connection.run(
            "UPDATE payments SET asked_at = ? WHERE id IN (\(ids.marks))",
            [now] + ids
        )
    }

    /// Notes that the provider has said its last word about a payment.
    static func noteFinal(provider: String, reference: String, _ connection: SQLConnection) throws {
        try connection.run(
            "UPDATE payments SET is_final = 1 WHERE provider = ? AND intent_ref = ?",
            [provider, reference]
        )
    }

    private static func payment(_ row: SQLRow) throws -> Payment { try payment(row, from: 0) }

    private static func payment(_ row: SQLRow, from first: Int) throws -> Payment {
        guard let state = PaymentState(rawValue: try row.integer(first + 4)) else {
            throw SQLError.column(first + 4)
        }
        return Payment(
            id: try row.integer(first),
            orderId: try row.integer(first + 1),
            provider: try row.text(first + 2),
            reference: try row.optionalText(first + 3),
            state: state,
            amount: Money(
                amount: try row.integer(first + 5),
                currency: try row.text(first + 6)
            ),
            redirect: try row.optionalText(first + 7)
        )
    }

    /// Writes a new attempt of a pending order and keeps that order pending until the commit; false if it is not, or
    /// has a live attempt.
    static func open(_ payment: Payment, at now: Milliseconds, _ connection: SQLConnection) throws
        -> Bool
    {
        try connection.run(
            """
            INSERT OR IGNORE INTO payments(id, order_id, provider, intent_ref, state, amount, currency, live_order,
              created_at)
            SELECT ?, id, ?, NULL, ?, ?, ?, id, ? FROM orders
            WHERE id = ? AND state = \(OrderState.pending.rawValue)\(connection.dialect.forUpdate)
            """,
            [
                payment.id, payment.provider, payment.state.rawValue, payment.amount.amount,
                payment.amount.currency, now, payment.orderId,
            ]
        ) == 1
    }

    /// Notes where the provider sends the buyer; false if we gave the attempt up meanwhile.
    static func noteStep(_ step: NextStep, payment: Payment, _ connection: SQLConnection) throws
        -> Bool
    {
        let changed = try connection.run(
            """
            UPDATE payments SET intent_ref = ?, redirect = ?, state = CASE WHEN state = 0 THEN 1 ELSE state END
            WHERE id = ? AND state <> 5
            """,
            // A provider's addresses can be longer than the column; whoever needs one asks the provider again.
            [
                step.reference, step.redirect.utf8.count <= 300 ? step.redirect : nil, payment.id,
            ]
        )
        if changed == 1 { return true }
        // Either given up, or noted before and the same.
        return try connection.first(
            "SELECT state FROM payments WHERE id = ?",
            [payment.id]
        ) { try $0.integer(0) } != PaymentState.cancelled.rawValue
    }

    /// Notes what the provider calls an attempt that ended before it had a name: should money come of it, it is known
    /// whose that is.
    static func name(_ payment: Payment, _ reference: String, _ connection: SQLConnection) throws {
        try connection.run(
            "UPDATE payments SET intent_ref = ? WHERE id = ? AND intent_ref IS NULL",
            [reference, payment.id]
        )
    }

    /// Moves an attempt on if its state machine allows it; false if not.
    static func advance(
        _ payment: Payment,
        to next: PaymentState,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        guard payment.state.mayBecome(next) else { return false }
        return try connection.run(
            """
            UPDATE payments SET state = ?, live_order = CASE WHEN ? = 1 THEN live_order ELSE NULL END,
              settled_at = CASE WHEN ? = 1 THEN settled_at ELSE ? END
            WHERE id = ? AND state = ?
            """,
            [
                next.rawValue, next.isLive ? 1 : 0, next.isLive ? 1 : 0, now, payment.id,
                payment.state.rawValue,
            ]
        ) == 1
    }

    /// Ends the live attempt of an order, if there is one.
    static func cancelLive(order: Int64, at now: Milliseconds, _ connection: SQLConnection) throws {
        try connection.run(
            "UPDATE payments SET state = 5, live_order = NULL, settled_at = ? WHERE live_order = ?",
            [now, order]
        )
    }

    /// Asks for the money of a payment to go back, once.
    static func requestRefund(
        _ id: Int64,
        of payment: Payment,
        amount: Int64? = nil,
        reason: String,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT OR IGNORE INTO refunds(id, payment_id, order_id, amount, reason, state, provider_ref, due_at,
              created_at) VALUES(?, ?, ?, ?, ?, ?, NULL, ?, ?)
            """,
            [
                id, payment.id, payment.orderId, amount ?? payment.amount.amount, reason,
                RefundState.requested.rawValue, now, now,
            ]
        )
    }
}
