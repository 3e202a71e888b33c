/// Sends money back through the provider until the provider confirms it.
struct RefundDesk: Sendable {
    private struct Due: Sendable {
        let id: Int64
        let order: Int64
        let reference: String
        let amount: Money
        let attempts: Int
    }

    let database: Database
    let provider: any PaymentProvider
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
                try await confirm(refund, reference)
                confirmed += 1
            } catch {
                try await postpone(refund)
            }
        }
        return confirmed
    }

    private func due() async throws -> [Due] {
        let now = clock.now()
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, r.order_id, p.intent_ref, r.amount, p.currency, r.attempts
                FROM refunds r JOIN payments p ON p.id = r.payment_id
                WHERE r.state = 0 AND r.due_at <= ? AND p.intent_ref IS NOT NULL ORDER BY r.due_at LIMIT 50
                """,
                [now]
            ) { row in
                Due(
                    id: try row.integer(0),
                    order: try row.integer(1),
                    reference: try row.text(2),
                    amount: Money(amount: try row.integer(3), currency: try row.text(4)),
                    attempts: try row.int(5)
                )
            }
        }
    }

    private func confirm(_ refund: Due, _ reference: String) async throws {
        try await database.write { connection in
            let now = clock.now()
            let changed = try connection.run(
                "UPDATE refunds SET state = 1, provider_ref = ? WHERE id = ? AND state = 0",
                [reference, refund.id]
            )
            guard changed == 1, let order = try OrderRows.order(id: refund.order, connection),
                order.state == .refundDue
            else { return }
            try connection.run(
                "UPDATE orders SET refunded = refunded + ? WHERE id = ?",
                [refund.amount.amount, order.id]
            )
            if order.refunded + refund.amount.amount == order.total {
                _ = try OrderRows.advance(order, .refundConfirmed, at: now, connection)
            }
        }
        metrics.count("bookme_refunds_total", ["outcome": "confirmed"])
    }

    /// Tries again after 2 s, 4 s, 8 s … at most ten minutes.
    private func postpone(_ refund: Due) async throws {
        let delay = min(2 * Span.second << Milliseconds(min(refund.attempts, 10)), 10 * Span.minute)
        try await database.write { connection in
            try connection.run(
                "UPDATE refunds SET attempts = attempts + 1, due_at = ? WHERE id = ? AND state = 0",
                [clock.now() + delay, refund.id]
            )
        }
        metrics.count("bookme_refunds_total", ["outcome": "postponed"])
    }
}
