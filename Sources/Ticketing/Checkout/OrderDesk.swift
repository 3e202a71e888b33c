/// Turns holds into orders, and ends orders that nobody pays.
struct OrderDesk: Sendable {
    /// What a buyer sends to order held seats.
    struct Request: Sendable {
        let hold: Hold
        let email: EmailAddress
        /// The name on the tickets.
        let holder: String
        /// A name for each ticket, or none.
        var holders: [String] = []
        var voucher: String?
        /// The house gives the seats away.
        var isFree = false
    }

    let database: Database
    let mint: IdentifierMint
    let clock: WallClock
    let issuer: TicketIssuer
    let metrics: Metrics
    let orderSecret: OrderSecret
    /// How long a buyer may take to pay.
    var paymentWindow: Milliseconds = 15 * Span.minute

    /// Orders the seats of a hold and answers 201 with the order. Throws `hold-expired`, `price-changed`,
    /// `limit-exceeded`, `not-found`.
    func create(
        _ request: Request,
        in listing: Listing,
        for visitor: Visitor,
        key: IdempotencyKey?
    ) async throws -> Answer {
        let answer = try await database.write { connection in
            let now = clock.now()
            var hold = request.hold
            guard visitor.owns(userId: hold.userId, sessionHash: hold.sessionHash) else {
                throw Problem.notFound
            }
            // First, so that nobody can exchange what it keeps.
            if try !HoldRows.convert(hold, connection) {
                // Somebody was faster: one that changed something, or this very request, sent before.
                guard let present = try convertAnew(hold.id, connection) else {
                    let stored = try key.flatMap { try Idempotency.answer($0, connection) }
                    guard let stored else { throw Problem.holdExpired }
                    return stored
                }
                hold = present
            }
            let order = try insert(request, hold, listing, visitor, now, connection)
            let answer = Answer(status: 201, order)
            if let key { try Idempotency.keep(answer, under: key, at: now, connection) }
            return answer
        }
        metrics.count("bookme_orders_total", ["outcome": answer.isReplay ? "replayed" : "created"])
        return answer
    }

    /// The hold as it is now, converted, at prices that are read anew; nil if it is not to be had any more.
    /// This waits for whoever converts it just now, so that an answer is there to be found afterwards.
    private func convertAnew(_ id: Int64, _ connection: SQLConnection) throws -> Hold? {
        let isConverted = try HoldRows.compareAndSet(id, to: .converted, connection)
        guard let hold = try HoldRows.hold(id: id, connection) else { throw Problem.notFound }
        guard isConverted else { return nil }
        try checkPrices(of: hold, connection)
        return hold
    }

    private func insert(
        _ request: Request,
        _ hold: Hold,
        _ listing: Listing,
        _ visitor: Visitor,
        _ now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> OrderDocument {
        guard hold.eventId == listing.event.id else { throw Problem.notFound }
        guard hold.expiresAt > now else { throw Problem.holdExpired }
        guard listing.event.status != .cancelled else { throw Problem.saleClosed(.cancelled) }
        guard request.holders.isEmpty || request.holders.count == hold.items.count else {
            throw Problem.invalidBody("holders has one name for each seat, or none")
        }
        let isFirst = try BuyerQuota.take(
            hold.items.count,
            event: hold.eventId,
            buyer: request.email.normalised,
            limit: listing.event.maxPerBuyer,
            connection
        )
        let voucher = try request.voucher.map {
            try VoucherRows.voucher($0, event: hold.eventId, at: now, connection)
        }
        if let voucher { try VoucherRows.use(voucher, connection) }
        let order = order(for: request, hold, voucher, listing, visitor, now)
        // Most orders are still to be paid, and share one statement with others of the commit.
        if order.total > 0 {
            try OrderRows.append(order, connection)
        } else {
            try OrderRows.insert(order, connection)
        }
        let extended = try connection.run(
            "UPDATE seat_claims SET expires_at = ? WHERE hold_id = ? AND state = 1",
            [now + paymentWindow, hold.id]
        )
        guard extended == hold.items.seats.count else {
            throw SQLError.inconsistent("hold \(hold.id) lost seats")
        }
        if order.total == 0 {
            try confirm(
                order,
                hold.items,
                .paymentSucceeded,
                sendsTickets: request.isFree || isFirst
                    || BuyerQuota.takeMail(.tickets, of: order, connection),
                at: now,
                connection
            )
            return try OrderDocument.read(order.id, in: listing, connection)
        }
        if paymentWindow > Self.reminderLead,
            try isFirst || BuyerQuota.takeMail(.reminder, of: order, connection)
        {
            try Outbox.add(
                .mailReminder,
                order.code,
                id: mint.next(),
                dueAt: now + paymentWindow - Self.reminderLead,
                at: now,
                connection
            )
        }
        return OrderDocument(order, items: hold.items, tickets: [], in: listing)
    }

    /// How long before the end of the payment window a buyer is reminded.
    private static let reminderLead = 5 * Span.minute

    private func order(
        for request: Request,
        _ hold: Hold,
        _ voucher: Voucher?,
        _ listing: Listing,
        _ visitor: Visitor,
        _ now: Milliseconds
    ) -> Order {
        let quote = Quote(hold, voucher: voucher, in: listing)
        // Who signed in meanwhile took the hold along, and so what is ordered of it.
        let hasMoved = hold.userId != request.hold.userId
        return Order(
            id: mint.next(),
            code: Token.readable(10),
            eventId: hold.eventId,
            userId: hasMoved ? hold.userId : visitor.identity?.userId,
            sessionHash: hasMoved ? hold.sessionHash : visitor.sessionHash,
            holdId: hold.id,
            email: request.email.text,
            emailNormalised: request.email.normalised,
            holder: request.holder,
            holders: request.holders,
            state: .pending,
            unitCount: hold.items.count,
            currency: listing.event.currency,
            subtotal: quote.subtotal,
            fees: quote.fees,
            discount: request.isFree ? quote.subtotal + quote.fees : quote.discount,
            total: request.isFree ? 0 : quote.total,
            refunded: 0,
            voucherId: voucher?.id,
            createdAt: now,
            expiresAt: now + paymentWindow,
            paidAt: nil,
            revision: 1
        )
    }

    private func checkPrices(of hold: Hold, _ connection: SQLConnection) throws {
        let tiers = try EventRows.tiers(of: hold.eventId, connection)
        for item in hold.items {
            guard let tier = tiers.first(where: { $0.number == item.tier }),
                tier.amount == item.amount,
                tier.fee == item.fee
            else { throw Problem.priceChanged }
        }
    }

    /// Makes an order paid: its claims become sold and its tickets exist, all in the caller's transaction.
    func confirm(
        _ order: Order,
        _ items: [HoldItem],
        _ trigger: OrderTrigger,
        sendsTickets: Bool = true,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        guard try OrderRows.advance(order, trigger, at: now, connection) else {
            throw SQLError.inconsistent("order \(order.code) moved while it was being paid")
        }
        let sold = try connection.run(
            "UPDATE seat_claims SET state = 2, order_id = ?, expires_at = NULL WHERE hold_id = ? AND state = 1",
            [order.id, order.holdId]
        )
        guard sold == items.seats.count, items.count == order.unitCount else {
            throw SQLError.inconsistent("order \(order.code) lost seats")
        }
        try issuer.issue(for: order, items: items, connection)
        HoldRows.touch(event: order.eventId, connection)
        guard sendsTickets else { return }
        try Outbox.add(
            .mailTickets,
            order.code,
            id: mint.next(),
            dueAt: now,
            at: now,
            connection
        )
    }

    /// Ends a pending order: seats and quota go back, an attempt to pay ends. False if it was not pending any more.
    func close(_ id: Int64, _ trigger: OrderTrigger) async throws -> Bool {
        try await database.write { connection in
            let now = clock.now()
            guard let order = try OrderRows.seize(id: id, connection), order.state == .pending,
                try OrderRows.advance(order, trigger, at: now, connection)
            else { return false }
            try HoldRows.giveBack(order.holdId, event: order.eventId, connection)
            if let voucher = order.voucherId { try VoucherRows.giveBack(voucher, connection) }
            try BuyerQuota.giveBack(
                order.unitCount,
                event: order.eventId,
                buyer: order.emailNormalised,
                connection
            )
            if let live = try PaymentRows.seizeLive(order: order.id, connection) {
                try PaymentRows.cancelLive(order: order.id, at: now, connection)
                if let reference = live.reference {
                    try Outbox.add(
                        .cancelPayment,
                        reference,
                        id: mint.next(),
                        dueAt: now,
                        at: now,
                        connection
                    )
                }
            }
            return true
        }
    }

    /// The order with this code, if it is the visitor's; throws `not-found`. `secret` is what a guest was sent by mail.
    func order(code: String, for visitor: Visitor, secret: String? = nil) async throws -> Order {
        let order = try await database.glance { try OrderRows.order(code: code.uppercased(), $0) }
        guard let order, isOpen(order, to: visitor, secret) else { throw Problem.notFound }
        return order
    }

    /// The same order with what is in it, as of one moment.
    func contents(code: String, for visitor: Visitor, secret: String? = nil) async throws
        -> OrderContents
    {
        let contents = try await database.glance { try OrderContents.read(code.uppercased(), $0) }
        guard let contents, isOpen(contents.order, to: visitor, secret) else {
            throw Problem.notFound
        }
        return contents
    }

    /// Whether a visitor may see an order, with what was sent by mail or without.
    func isOpen(_ order: Order, to visitor: Visitor, _ secret: String? = nil) -> Bool {
        let isAdmin = visitor.identity?.role == .admin
        let isSent = secret.map { orderSecret.isValid($0, for: order.code) } ?? false
        return isAdmin || isSent
            || visitor.owns(userId: order.userId, sessionHash: order.sessionHash)
    }

    /// Ends the visitor's pending order. Cancelling twice is cancelling once; throws `order-closed` once it is paid.
    func cancel(code: String, for visitor: Visitor) async throws {
        let order = try await order(code: code, for: visitor)
        if order.state == .cancelled { return }
        guard try await close(order.id, .cancelled) else {
            // Somebody who cancelled at the same moment may have been faster.
            let now = try await database.read { try OrderRows.order(id: order.id, $0) }
            guard now?.state == .cancelled else { throw Problem.orderClosed }
            return
        }
    }
}
