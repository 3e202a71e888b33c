/// How far the cancelling of an event has come.
struct CancellationBoard: Encodable, Sendable {
    /// Money that the provider has refused to return, or failed to.
    struct Refund: Encodable, Sendable {
        let id: String
        let order: String
        let amount: Int64
        let attempts: Int
        /// When it is asked for again; nil if it was given up.
        let dueAt: String?
        /// What the provider said last.
        let error: String?
    }

    /// A job that was given up.
    struct Job: Encodable, Sendable {
        let id: String
        let about: String
        let error: String
    }

    private static let failureLimit = 100

    /// How many orders were paid, those given back before among them.
    let orders: Int
    /// How many of them have all their money back.
    let refunded: Int
    let refunds: [Refund]
    let jobs: [Job]

    init(event: Int64, _ connection: SQLConnection) throws {
        let counts = try connection.first(
            """
            SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 5 THEN 1 ELSE 0 END), 0) FROM orders
            WHERE event_id = ? AND state IN (1, 4, 5, 6)
            """,
            [event]
        ) { (try $0.int(0), try $0.int(1)) }
        (orders, refunded) = counts ?? (0, 0)
        refunds = try connection.rows(
            """
            SELECT r.id, o.code, r.amount, r.attempts, r.due_at, r.state, r.last_error
            FROM refunds r JOIN orders o ON o.id = r.order_id
            WHERE r.state <> ? AND r.last_error IS NOT NULL AND o.event_id = ?
            ORDER BY r.due_at LIMIT \(Self.failureLimit)
            """,
            [RefundState.returned.rawValue, event]
        ) { row in
            Refund(
                id: String(try row.integer(0)),
                order: try row.text(1),
                amount: try row.integer(2),
                attempts: try row.int(3),
                dueAt: try row.integer(5) == RefundState.givenUp.rawValue
                    ? nil : try row.integer(4).timestamp,
                error: try row.optionalText(6)
            )
        }
        jobs = try connection.rows(
            """
            SELECT j.id, j.ref, j.last_error FROM outbox j LEFT JOIN orders o ON o.id = j.id
            WHERE j.kind = 2 AND ((j.topic = ? AND o.event_id = ?) OR (j.topic = ? AND j.ref = ?))
            ORDER BY j.id LIMIT \(Self.failureLimit)
            """,
            [
                Outbox.Topic.cancelOrder.rawValue, event, Outbox.Topic.cancelEvent.rawValue,
                String(event),
            ]
        ) { row in
            let about = try row.text(1)
            return Job(
                id: String(try row.integer(0)),
                about: about == String(event) ? "the search for orders" : about,
                error: try row.optionalText(2) ?? ""
            )
        }
    }
}
