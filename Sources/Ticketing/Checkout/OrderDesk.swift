/// Turns holds into orders, and ends orders that nobody pays.
struct OrderDesk: Sendable {
    /// What a buyer sends to order held seats.
    struct Request: Sendable {
        let hold: Int64
        let email: EmailAddress
        /// The name on the tickets.
        let holder: String
    }

    let database: Database
    let mint: IdentifierMint
    let clock: WallClock
    let issuer: TicketIssuer
    let metrics: Metrics
    /// How long a buyer may take to pay.
    var paymentWindow: Milliseconds = 15 * Span.minute

    /// Orders the seats of a hold and answers 201 with the order. Throws `hold-expired`, `price-changed`,
    /// `limit-exceeded`, `not-found`.
    func create(
        _ request: Request,
        in listing: Listing,
        for visitor: Visitor,
        key: IdempotencyKey
    ) async throws -> Answer {
        let answer = try await database.write { connection in
            let now = clock.now()
            return try Idempotency.once(key, at: now, connection) {
                let order = try insert(request, listing, visitor, now, connection)
                let document = try OrderDocument.read(order.id, in: listing, connection)
                return Answer(status: 201, document)
            }
        }
        metrics.count("bookme_orders_total", ["outcome": answer.isReplay ? "replayed" : "created"])
        return answer
    }

    private func insert(
        _ request: Request,
        _ listing: Listing,
        _ visitor: Visitor,
        _ now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Order {
        guard let hold = try HoldRows.hold(id: request.hold, connection),
            visitor.owns(userId: hold.userId, sessionHash: hold.sessionHash),
            hold.eventId == listing.event.id
        else { throw Problem.notFound }
        guard hold.expiresAt > now, try HoldRows.compareAndSet(hold.id, to: .converted, connection)
        else {
            throw Problem.holdExpired
        }
        try checkPrices(of: hold, connection)
        try BuyerQuota.take(
            hold.items.count,
            event: hold.eventId,
            buyer: request.email.normalised,
            limit: listing.event.maxPerBuyer,
            connection
        )
        let order = order(for: request, hold, listing, visitor, now)
        try OrderRows.insert(order, connection)
        let extended = try connection.run(
            "UPDATE seat_claims SET expires_at = ? WHERE hold_id = ? AND state = 1",
            [now + paymentWindow, hold.id]
        )
        guard extended == hold.items.count else {
            throw SQLError.inconsistent("hold \(hold.id) lost seats")
        }
        if order.total == 0 { try confirm(order, .paymentSucceeded, at: now, connection) }
        return order
    }

    private func order(
        for request: Request,
        _ hold: Hold,
        _ listing: Listing,
        _ visitor: Visitor,
        _ now: Milliseconds
    ) -> Order {
        let subtotal = hold.items.reduce(0) { $0 + $1.amount }
        let fees = hold.items.reduce(0) { $0 + $1.fee }
        return Order(
            id: mint.next(),
            code: Token.readable(10),
            eventId: hold.eventId,
            userId: visitor.identity?.userId,
            sessionHash: hold.sessionHash,
            holdId: hold.id,
            email: request.email.text,
            emailNormalised: request.email.normalised,
            holder: request.holder,
            state: .pending,
            unitCount: hold.items.count,
            currency: listing.event.currency,
            subtotal: subtotal,
            fees: fees,
            total: subtotal + fees,
            refunded: 0,
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
        _ trigger: OrderTrigger,
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
        guard sold == order.unitCount else {
            throw SQLError.inconsistent("order \(order.code) lost seats")
        }
        try issuer.issue(
            for: order,
            items: try HoldRows.items(of: order.holdId, connection),
            connection
        )
        try HoldRows.touch(event: order.eventId, connection)
    }

    /// Ends a pending order: seats and quota go back, an attempt to pay ends. False if it was not pending any more.
    func close(_ id: Int64, _ trigger: OrderTrigger) async throws -> Bool {
        try await database.write { connection in
            let now = clock.now()
            guard let order = try OrderRows.order(id: id, connection), order.state == .pending,
                try OrderRows.advance(order, trigger, at: now, connection)
            else { return false }
            try HoldRows.releaseClaims(of: order.holdId, connection)
            try HoldRows.touch(event: order.eventId, connection)
            try BuyerQuota.giveBack(
                order.unitCount,
                event: order.eventId,
                buyer: order.emailNormalised,
                connection
            )
            try PaymentRows.cancelLive(order: order.id, at: now, connection)
            return true
        }
    }

    /// The order with this code, if it is the visitor's; throws `not-found`.
    func order(code: String, for visitor: Visitor) async throws -> Order {
        let order = try await database.read { try OrderRows.order(code: code.uppercased(), $0) }
        guard let order else { throw Problem.notFound }
        let isAdmin = visitor.identity?.role == .admin
        guard isAdmin || visitor.owns(userId: order.userId, sessionHash: order.sessionHash) else {
            throw Problem.notFound
        }
        return order
    }

    /// Ends the visitor's pending order. Cancelling twice is cancelling once; throws `order-closed` once it is paid.
    func cancel(code: String, for visitor: Visitor) async throws {
        let order = try await order(code: code, for: visitor)
        if order.state == .cancelled { return }
        guard try await close(order.id, .cancelled) else { throw Problem.orderClosed }
    }
}
