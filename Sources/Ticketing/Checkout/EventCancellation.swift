/// Ends what was sold of an event that will not take place: holds and unpaid orders end, the money of every paid order
/// goes back, and whoever paid is told.
///
/// One job finds the orders, some at a time, and notes a job for each of them under the order's own number, so that an
/// order has one at most, however often somebody dies and another one goes on. What that job does is decided by the
/// order's row: whoever comes second finds nothing to give back.
struct EventCancellation: Sendable {
    /// How far the job that finds the orders has come, as its payload says.
    struct Pass: Equatable {
        /// Whether this is the second look, for orders that were being made during the first.
        var isLast = false
        /// The last order that was found.
        var after: Int64 = 0

        init() {}

        init(payload: String) {
            let words = payload.split(separator: " ")
            isLast = words.first == "last"
            after = words.last.flatMap { Int64($0) } ?? 0
        }

        var payload: String { "\(isLast ? "last" : "first") \(after)" }
    }

    private static let batchLimit = 200
    /// Whoever was in the middle of an order when the event was cancelled has committed it after this long.
    private static let grace = Span.minute

    let database: Database
    let orders: OrderDesk
    let refunds: RefundDesk
    let mint: IdentifierMint
    let clock: WallClock

    /// Notes the job, in the transaction that cancels the event.
    static func begin(
        _ event: Int64,
        id: Int64,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        try Outbox.add(.cancelEvent, String(event), id: id, dueAt: now, at: now, connection)
    }

    /// Ends the holds of an event and notes a job for each of the next orders.
    func findOrders(of event: Int64, _ pass: Pass) async throws {
        if pass.after == 0 { while try await endHolds(of: event) == Self.batchLimit {} }
        try await database.write { connection in
            let now = clock.now()
            try connection.flush()
            let found = try connection.rows(
                """
                SELECT id, code FROM orders WHERE event_id = ? AND state IN (0, 1, 6) AND id > ?
                ORDER BY id LIMIT \(Self.batchLimit)
                """,
                [event, pass.after]
            ) { (id: try $0.integer(0), code: try $0.text(1)) }
            try connection.insert(
                "INSERT OR IGNORE INTO outbox(id, kind, topic, ref, payload, due_at, created_at)",
                rows: found.map { order in
                    [
                        order.id.cell, .integer(0), Outbox.Topic.cancelOrder.rawValue.cell,
                        order.code.cell, "".cell, now.cell, now.cell,
                    ]
                }
            )
            try goOn(pass, of: event, found.map(\.id), at: now, connection)
        }
    }

    private func goOn(
        _ pass: Pass,
        of event: Int64,
        _ found: [Int64],
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        var next = pass
        var dueAt = now
        if let last = found.last, found.count == Self.batchLimit {
            next.after = last
        } else {
            guard !pass.isLast else { return }
            next.isLast = true
            next.after = 0
            dueAt = now + Self.grace
        }
        try Outbox.add(
            .cancelEvent,
            String(event),
            id: mint.next(),
            payload: next.payload,
            dueAt: dueAt,
            at: now,
            connection
        )
    }

    private func endHolds(of event: Int64) async throws -> Int {
        try await database.write { connection in
            let holds = try connection.rows(
                """
                SELECT id, event_id FROM holds WHERE state = 0 AND event_id = ?
                LIMIT \(Self.batchLimit)\(connection.dialect.forUpdate)
                """,
                [event]
            ) { (id: try $0.integer(0), event: try $0.integer(1)) }
            try HoldRows.expire(holds, connection)
            return holds.count
        }
    }

    /// Ends one order, if there is something to end.
    func end(code: String) async throws {
        let order = try await database.glance { try OrderRows.order(code: code, $0) }
        guard let order else { return }
        // Who has not paid yet may do so at this moment: then there is money to give back.
        if order.state == .pending, try await orders.close(order.id, .cancelled) { return }
        try await refunds.takeBackAll(of: order.id)
    }
}
