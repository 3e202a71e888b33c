/// Sends money back through the provider until the provider confirms it.
struct RefundDesk: Sendable {
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

    /// The reason of a refund of money that came to an order which was paid already.
    static let paidTwice = "paid twice"

    let database: Database
    let provider: any PaymentProvider
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics
    /// How long before an event its buyers may still give tickets back by themselves; always, if it is cancelled.
    var buyerDeadline: Milliseconds = 7 * Span.day

    /// Which tickets of an order go back.
    enum Selection: Sendable {
        case all
        case serials([String])
        /// Those that were used, too: the event was cancelled.
        case everything

        fileprivate var isOfUsed: Bool { if case .everything = self { true } else { false } }
    }

    /// Takes back all that an order of a cancelled event has and tells its buyer; does nothing if there is nothing.
    func takeBackAll(of order: Int64) async throws {
        try await database.write { connection in
            let now = clock.now()
            guard let order = try OrderRows.seize(id: order, connection),
                order.state == .paid || order.state == .partiallyRefunded
            else { return }
            try takeBack(.everything, of: order, at: now, connection)
            try Outbox.add(
                .mailCancelled,
                order.code,
                id: mint.next(),
                dueAt: now,
                at: now,
                connection
            )
        }
    }

    /// Takes tickets back and asks for their money to be returned: seats go on sale again at once, the money follows.
    /// Throws `order-closed` if there is nothing to give back and `refund-closed` after the buyers' deadline.
    func request(
        _ selection: Selection,
        of order: Order,
        in listing: Listing,
        byBuyer: Bool,
        key: IdempotencyKey?
    ) async throws -> Answer {
        try await database.write { connection in
            let now = clock.now()
            return try Idempotency.once(key, at: now, connection) {
                guard let order = try OrderRows.seize(id: order.id, connection) else {
                    throw Problem.notFound
                }
                let isInTime = now < listing.event.startsAt - buyerDeadline
                guard !byBuyer || isInTime || listing.event.status == .cancelled else {
                    throw Problem.refundClosed
                }
                try takeBack(selection, of: order, at: now, connection)
                return Answer(
                    status: 201,
                    try OrderDocument.read(order.id, in: listing, connection)
                )
            }
        }
    }

    private func takeBack(
        _ selection: Selection,
        of order: Order,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let live = try OrderRows.tickets(of: order.id, connection).filter {
            $0.isValid && ($0.usedAt == nil || selection.isOfUsed)
        }
        let chosen: [Ticket]
        switch selection {
        case .all, .everything: chosen = live
        case .serials(let serials):
            chosen = live.filter { serials.contains($0.serial) }
            guard chosen.count == Set(serials).count else { throw Problem.ticketNotRefundable }
        }
        guard !chosen.isEmpty, order.state == .paid || order.state == .partiallyRefunded else {
            throw Problem.orderClosed
        }
        let isAll = try chosen.count == validCount(order, connection)
        let trigger: OrderTrigger = isAll ? .refundRequested : .refundedInPart
        guard try OrderRows.advance(order, trigger, at: now, connection) else {
            throw Problem.orderClosed
        }
        for ticket in chosen {
            try void(ticket, evenUsed: selection.isOfUsed, of: order, connection)
        }
        HoldRows.touch(event: order.eventId, connection)
        try BuyerQuota.giveBack(
            chosen.count,
            event: order.eventId,
            buyer: order.emailNormalised,
            connection
        )
        try returnMoney(for: chosen, of: order, isAll: isAll, at: now, connection)
    }

    /// How many tickets of the order nobody has given back.
    private func validCount(_ order: Order, _ connection: SQLConnection) throws -> Int {
        try OrderRows.tickets(of: order.id, connection).filter(\.isValid).count
    }

    private func void(
        _ ticket: Ticket,
        evenUsed: Bool,
        of order: Order,
        _ connection: SQLConnection
    ) throws {
        let changed = try connection.run(
            """
            UPDATE tickets SET state = 1, live_seat = NULL
            WHERE id = ? AND state = 0 AND (used_at IS NULL OR ? = 1)
            """,
            [ticket.id, evenUsed ? 1 : 0]
        )
        guard changed == 1 else { throw Problem.ticketNotRefundable }
        if let seat = ticket.seat {
            try connection.run(
                "DELETE FROM seat_claims WHERE event_id = ? AND seat_no = ? AND order_id = ?",
                [order.eventId, seat, order.id]
            )
        } else {
            let items = try HoldRows.items(of: order.holdId, connection)
            try StandingStock.giveBack(
                items.filter { $0.number == ticket.itemNumber },
                event: order.eventId,
                connection
            )
        }
    }

    /// What the tickets cost; a discount is shared by all tickets of the order in proportion.
    private func returnMoney(
        for tickets: [Ticket],
        of order: Order,
        isAll: Bool,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        let open = order.total - (try requested(of: order, connection))
        let gross = order.subtotal + order.fees
        let share = tickets.reduce(0) { $0 + $1.amount }
        let amount =
            isAll || gross == 0 ? open : min(open, Self.part(share, of: gross, in: order.total))
        if amount > 0 {
            guard let payment = try PaymentRows.succeeded(order: order.id, connection) else {
                throw SQLError.inconsistent("order \(order.code) was paid by nothing")
            }
            return try PaymentRows.requestRefund(
                mint.next(),
                of: payment,
                amount: amount,
                reason: "requested \(order.revision)",
                at: now,
                connection
            )
        }
        guard isAll, let due = try OrderRows.order(id: order.id, connection) else { return }
        _ = try OrderRows.advance(due, .refundConfirmed, at: now, connection)
    }

    /// The part of `total` that `share` is of `gross`, rounded down, however large the three are.
    static func part(_ share: Int64, of gross: Int64, in total: Int64) -> Int64 {
        guard gross > 0, (0...gross).contains(share), total >= 0 else { return 0 }
        return gross.dividingFullWidth(total.multipliedFullWidth(by: share)).quotient
    }

    /// What was asked back for an order so far, confirmed or not.
    private func requested(of order: Order, _ connection: SQLConnection) throws -> Int64 {
        try connection.first(
            "SELECT COALESCE(SUM(amount), 0) FROM refunds WHERE order_id = ? AND reason LIKE 'requested%'",
            [order.id]
        ) { try $0.integer(0) } ?? 0
    }

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

    /// Lets the provider be asked again at once about money that it has not returned yet; false if there is none.
    func retry(_ id: Int64) async throws -> Bool {
        try await database.write {
            try $0.run(
                "UPDATE refunds SET due_at = ? WHERE id = ? AND state = 0",
                [clock.now(), id]
            ) == 1
        }
    }

    private func due() async throws -> [Due] {
        let now = clock.now()
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT r.id, r.order_id, p.intent_ref, r.amount, p.currency, r.attempts, r.reason
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
                    attempts: try row.int(5),
                    reason: try row.text(6)
                )
            }
        }
    }

    private func confirm(_ refund: Due, _ reference: String) async throws {
        try await database.write { connection in
            let now = clock.now()
            let order = try OrderRows.seize(id: refund.order, connection)
            let changed = try connection.run(
                "UPDATE refunds SET state = 1, provider_ref = ? WHERE id = ? AND state = 0",
                [reference, refund.id]
            )
            guard changed == 1, refund.isOfOrder, let order,
                order.state == .refundDue || order.state == .partiallyRefunded
            else { return }
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
