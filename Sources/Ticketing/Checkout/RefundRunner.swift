/// Sends money back through the provider until the provider confirms it.
///
/// Money that the provider will never return, or has not returned for days, waits for people: they let it be tried
/// again, or return it in another way and say so.
struct RefundRunner: Sendable {
    /// Money that has to go back.
    private struct Due: Sendable {
        let id: Int64
        let order: Int64
        let reference: String
        let amount: Money
        let attempts: Int
        let reason: String

        /// Whether the money is the order's: what a buyer paid twice never was.
        var isOfOrder: Bool { reason != RefundDesk.paidTwice }
    }

    /// Money that was given up.
    struct Dead: Encodable, Sendable {
        let id: String
        let order: String
        let amount: Int64
        let currency: String
        let attempts: Int
        let error: String?
    }

    /// With pauses of ten minutes these are three days.
    static let attemptLimit = 440
    private static let batchLimit = 50
    private static let deadLimit = 500

    let database: Database
    let provider: any PaymentProvider
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics

    /// Works off what is due and returns how many refunds were confirmed.
    func work() async throws -> Int {
        var confirmed = 0
        for refund in try await due() {
            do {
                let reference = try await provider.refund(
                    refund.reference,
                    amount: refund.amount,
                    idempotencyKey: "refund-\(refund.id)"
                )
                if try await confirm(refund, reference) { confirmed += 1 }
            } catch let error as RefundDeclined {
                try await giveUp(refund, error)
            } catch {
                if refund.attempts + 1 < Self.attemptLimit {
                    try await postpone(refund, error)
                } else {
                    try await giveUp(refund, error)
                }
            }
        }
        return confirmed
    }

    /// Lets the provider be asked again at once about money that it has not returned yet; false if there is none.
    func retry(_ id: Int64) async throws -> Bool {
        try await database.write {
            try $0.run(
                """
                UPDATE refunds SET due_at = ?, attempts = CASE WHEN state = 2 THEN 0 ELSE attempts END, state = 0
                WHERE id = ? AND state IN (0, 2)
                """,
                [clock.now(), id]
            ) == 1
        }
    }

    /// Takes money that was given up for returned, since somebody did so in another way; false if there is none.
    func settle(_ id: Int64) async throws -> Bool {
        let dead = try await refunds("r.id = ? AND r.state = 2", [id])
        guard let refund = dead.first else { return false }
        return try await confirm(refund, "by hand", isGivenUp: true)
    }

    /// Money that was given up, oldest first.
    func dead() async throws -> [Dead] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, o.code, r.amount, o.currency, r.attempts, r.last_error
                FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.state = 2 ORDER BY r.id
                LIMIT \(Self.deadLimit)
                """
            ) { row in
                Dead(
                    id: String(try row.integer(0)),
                    order: try row.text(1),
                    amount: try row.integer(2),
                    currency: try row.text(3),
                    attempts: try row.int(4),
                    error: try row.optionalText(5)
                )
            }
        }
    }

    /// How many refunds wait and how many were given up.
    func depth() async throws -> (waiting: Int, dead: Int) {
        try await database.read { connection in
            let count = { (state: Int) in
                try connection.first("SELECT COUNT(*) FROM refunds WHERE state = ?", [state]) {
                    try $0.int(0)
                } ?? 0
            }
            return (try count(0), try count(2))
        }
    }

    private func due() async throws -> [Due] {
        try await refunds(
            """
            r.state = 0 AND r.due_at <= ? AND p.intent_ref IS NOT NULL ORDER BY r.due_at LIMIT \(Self.batchLimit)
            """,
            [clock.now()]
        )
    }

    private func refunds(_ condition: String, _ arguments: [Int64]) async throws -> [Due] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, r.order_id, COALESCE(p.intent_ref, ''), r.amount, p.currency, r.attempts, r.reason
                FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE \(condition)
                """,
                arguments
            ) { row in
                Due(
                    id: try row.integer(0),
                    order: try row.integer(1),
                    reference: try row.text(2),
                    amount: Money(amount: try row.integer(3), currency: try row.text(4)),
                    attempts: try row.int(5),
                    reason: try row.text(6)
                )
            }
        }
    }

    /// Notes that money has gone back, and tells its owner; false if that was noted before.
    ///
    /// What the provider says is a fact, though somebody else may have given the refund up meanwhile.
    ///
    /// - Parameter isGivenUp: whether it counts only for a refund that was given up.
    private func confirm(_ refund: Due, _ reference: String, isGivenUp: Bool = false) async throws
        -> Bool
    {
        let isOurs = try await database.write { connection in
            let now = clock.now()
            let order = try OrderRows.seize(id: refund.order, connection)
            let changed = try connection.run(
                "UPDATE refunds SET state = 1, provider_ref = ? WHERE id = ? AND state IN (?, 2)",
                [reference, refund.id, isGivenUp ? 2 : 0]
            )
            guard changed == 1 else { return false }
            guard refund.isOfOrder, let order,
                order.state == .refundDue || order.state == .partiallyRefunded
            else { return true }
            try connection.run(
                "UPDATE orders SET refunded = refunded + ? WHERE id = ?",
                [refund.amount.amount, order.id]
            )
            if order.state == .refundDue, order.refunded + refund.amount.amount == order.total {
                _ = try OrderRows.advance(order, .refundConfirmed, at: now, connection)
            }
            try Outbox.add(
                .mailRefund,
                order.code,
                id: mint.next(),
                payload: String(refund.id),
                dueAt: now,
                at: now,
                connection
            )
            return true
        }
        if isOurs { metrics.count("bookme_refunds_total", ["outcome": "confirmed"]) }
        return isOurs
    }

    /// Tries again after 2 s, 4 s, 8 s … at most ten minutes.
    private func postpone(_ refund: Due, _ error: any Error) async throws {
        let delay = min(2 * Span.second << Milliseconds(min(refund.attempts, 10)), 10 * Span.minute)
        try await note(error, of: refund, state: 0, dueAt: clock.now() + delay)
        metrics.count("bookme_refunds_total", ["outcome": "postponed"])
    }

    private func giveUp(_ refund: Due, _ error: any Error) async throws {
        try await note(error, of: refund, state: 2, dueAt: clock.now())
        metrics.count("bookme_refunds_total", ["outcome": "dead"])
    }

    private func note(_ error: any Error, of refund: Due, state: Int, dueAt: Milliseconds)
        async throws
    {
        let message = String("\(error)".prefix(200))
        try await database.write { connection in
            try connection.run(
                """
                UPDATE refunds SET state = ?, attempts = attempts + 1, due_at = ?, last_error = ?
                WHERE id = ? AND state = 0
                """,
                [state, dueAt, message, refund.id]
            )
        }
    }
}
