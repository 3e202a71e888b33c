/// Takes tickets back, and notes what money has to follow.
struct RefundDesk: Sendable {
    /// The reason of a refund of money that came to an order which was paid already.
    static let paidTwice = "paid twice"

    let database: Database
    let mint: IdentifierMint
    let clock: WallClock
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
        // What was asked for earlier may still be on its way: then its coming back is what ends the order.
        guard isAll, let due = try OrderRows.order(id: order.id, connection),
            due.refunded == due.total
        else { return }
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
}
