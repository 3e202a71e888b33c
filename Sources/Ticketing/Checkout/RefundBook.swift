/// Writes down what becomes of money that goes back, in the transaction of whoever learns it, by asking or by
/// a message.
struct RefundBook: Sendable {
    let mint: IdentifierMint

    /// Acts on what a provider says of a refund by itself.
    func hear(
        _ said: ProviderRefund,
        from provider: String,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> PaymentDesk.WebhookOutcome {
        guard let refund = try find(said, of: provider, connection) else { return .unknown }
        let isNews =
            switch said.status {
            case .onItsWay: false
            // A refund that failed stays so: what says otherwise is older.
            case .returned
            where refund.name == said.name && refund.state != .onItsWay && !refund.isOverdue:
                false
            case .returned: try confirm(refund, said.name, at: now, connection)
            case .failed: try fail(refund, said.name, at: now, connection)
            }
        return isNews ? .applied : .stale
    }

    /// By its name or, if we have not noted that yet, by the key that it was asked for with.
    private func find(_ said: ProviderRefund, of provider: String, _ connection: SQLConnection)
        throws
        -> Refund?
    {
        let known = try Refund.all(
            where: "r.provider_ref = ? AND p.provider = ?",
            [said.name, provider],
            connection
        )
        if let refund = known.first { return refund }
        guard let key = said.key, let id = Refund.id(inKey: key) else { return nil }
        return try Refund.all(
            where: "r.id = ? AND p.provider = ? AND p.intent_ref = ?",
            [id, provider, said.payment ?? ""],
            connection
        ).first { $0.key == key }
    }

    /// Notes that money has gone back, and tells its owner; false if that was noted before.
    ///
    /// What the provider says is a fact, though somebody else may have given the refund up meanwhile.
    func confirm(
        _ refund: Refund,
        _ name: String,
        isByHand: Bool = false,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        let order = try OrderRows.seize(id: refund.order, connection)
        let changed = try connection.run(
            """
            UPDATE refunds SET state = ?, provider_ref = ? WHERE id = ? AND state <> ? AND (? = 0 OR state = ?)
            """,
            [
                RefundState.returned.rawValue, name, refund.id, RefundState.returned.rawValue,
                isByHand ? 1 : 0, RefundState.givenUp.rawValue,
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

    /// Notes that money did not arrive, so that people find another way; false if that was noted before. A bank may say
    /// so weeks after the provider took the money for returned.
    func fail(
        _ refund: Refund,
        _ name: String,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        let order = try OrderRows.seize(id: refund.order, connection)
        let givingUp = """
            UPDATE refunds SET state = ?, provider_ref = ?, last_error = ?,
              attempts = CASE WHEN attempts < \(RefundRunner.attemptLimit) THEN attempts + 1
                ELSE \(RefundRunner.attemptLimit) END
            WHERE id = ?
            """
        let values: [any SQLValue] = [
            RefundState.givenUp.rawValue, name,
            LastError.text(RefundDeclined(description: "refund \(name) failed")), refund.id,
        ]
        let wasReturned = try connection.run(
            "\(givingUp) AND state = ? AND provider_ref = ?",
            values + ([RefundState.returned.rawValue, name] as [any SQLValue])
        )
        if wasReturned == 1, refund.isOfOrder, let order {
            try connection.run(
                "UPDATE orders SET refunded = refunded - ? WHERE id = ?",
                [refund.amount.amount, order.id]
            )
            if order.state == .refunded {
                _ = try OrderRows.advance(order, .refundFailed, at: now, connection)
            }
        }
        if wasReturned == 1 { return true }
        return try connection.run(
            """
            \(givingUp) AND (state = ? AND provider_ref = ? OR state = ? AND COALESCE(provider_ref, '') <> ?
              OR state = ? AND provider_ref = ? AND attempts = \(RefundRunner.overdueMark))
            """,
            values
                + ([
                    RefundState.onItsWay.rawValue, name, RefundState.requested.rawValue, name,
                    RefundState.givenUp.rawValue, name,
                ] as [any SQLValue])
        ) == 1
    }
}
