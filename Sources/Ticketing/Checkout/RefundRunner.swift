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
        let requestedAt: Milliseconds

        /// Under this key the provider sends it once, while it remembers the key.
        var key: String { "refund-\(id)" }

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
    /// Providers remember keys for a day. Money that was asked for longer ago than this is looked for among
    /// what they sent before it is sent again.
    static let keyMemory: Milliseconds = 20 * Span.hour
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
                let reference = try await send(refund)
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

    /// Sends money back, if it has not gone: the answer to an earlier attempt may have been lost, or its worker died.
    private func send(_ refund: Due) async throws -> String {
        if clock.now() - refund.requestedAt >= Self.keyMemory,
            let known = try await provider.findRefund(refund.reference, idempotencyKey: refund.key)
        {
            return known
        }
        return try await provider.refund(
            refund.reference,
            amount: refund.amount,
            idempotencyKey: refund.key
        )
    }

    /// Lets the provider be asked again at once about money that it has not returned yet; false if there is none.
    func retry(_ id: Int64) async throws -> Bool {
        try await database.write {
            try $0.run(
                """
                UPDATE refunds SET due_at = ?, attempts = CASE WHEN state = ? THEN 0 ELSE attempts END, state = ?
                WHERE id = ? AND state <> ?
                """,
                [
                    clock.now(), RefundState.givenUp.rawValue, RefundState.requested.rawValue, id,
                    RefundState.returned.rawValue,
                ]
            ) == 1
        }
    }

    /// Takes money that was given up for returned, since somebody did so in another way; false if there is none.
    func settle(_ id: Int64) async throws -> Bool {
        let dead = try await moneyToReturn(
            where: "r.id = ? AND r.state = ?",
            [id, RefundState.givenUp.rawValue]
        )
        guard let refund = dead.first else { return false }
        return try await confirm(refund, "by hand", from: .givenUp)
    }

    /// Money that was given up, oldest first.
    func dead() async throws -> [Dead] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, o.code, r.amount, o.currency, r.attempts, r.last_error
                FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.state = ? ORDER BY r.id
                LIMIT \(Self.deadLimit)
                """,
                [RefundState.givenUp.rawValue]
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
            let count = { (state: RefundState) in
                try connection.first(
                    "SELECT COUNT(*) FROM refunds WHERE state = ?",
                    [state.rawValue]
                ) { try $0.int(0) } ?? 0
            }
            return (try count(.requested), try count(.givenUp))
        }
    }

    private func due() async throws -> [Due] {
        try await moneyToReturn(
            where: """
                r.state = ? AND r.due_at <= ? AND p.intent_ref IS NOT NULL ORDER BY r.due_at LIMIT \(Self.batchLimit)
                """,
            [RefundState.requested.rawValue, clock.now()]
        )
    }

    private func moneyToReturn(where condition: String, _ arguments: [Int64]) async throws -> [Due] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, r.order_id, COALESCE(p.intent_ref, ''), r.amount, p.currency, r.attempts, r.reason,
                  r.created_at
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
                    reason: try row.text(6),
                    requestedAt: try row.integer(7)
                )
            }
        }
    }

    /// Notes that money has gone back, and tells its owner; false if that was noted before.
    ///
    /// What the provider says is a fact, though somebody else may have given the refund up meanwhile.
    ///
    /// - Parameter state: what the refund is taken to be; given up counts always.
    private func confirm(
        _ refund: Due,
        _ reference: String,
        from state: RefundState = .requested
    ) async throws -> Bool {
        let isOurs = try await database.write { connection in
            let now = clock.now()
            let order = try OrderRows.seize(id: refund.order, connection)
            let changed = try connection.run(
                "UPDATE refunds SET state = ?, provider_ref = ? WHERE id = ? AND state IN (?, ?)",
                [
                    RefundState.returned.rawValue, reference, refund.id, state.rawValue,
                    RefundState.givenUp.rawValue,
                ]
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
        try await note(error, of: refund, state: .requested, dueAt: clock.now() + delay)
        metrics.count("bookme_refunds_total", ["outcome": "postponed"])
    }

    private func giveUp(_ refund: Due, _ error: any Error) async throws {
        try await note(error, of: refund, state: .givenUp, dueAt: clock.now())
        metrics.count("bookme_refunds_total", ["outcome": "dead"])
    }

    private func note(
        _ error: any Error,
        of refund: Due,
        state: RefundState,
        dueAt: Milliseconds
    ) async throws {
        let message = LastError.text(error)
        try await database.write { connection in
            try connection.run(
                """
                UPDATE refunds SET state = ?, attempts = attempts + 1, due_at = ?, last_error = ?
                WHERE id = ? AND state = ?
                """,
                [state.rawValue, dueAt, message, refund.id, RefundState.requested.rawValue]
            )
        }
    }
}
