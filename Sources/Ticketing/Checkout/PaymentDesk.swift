/// Starts payments with a provider and acts on what the provider says.
struct PaymentDesk: Sendable {
    /// What a client gets to know about its attempt.
    private struct Document: Encodable {
        let payment: String
        let order: String
        let state: String
        let redirect: String
    }

    /// Somebody whose server died waits no longer than this: two who begin at once share one attempt anyway.
    private static let abandonedAfter = Span.second

    let database: Database
    let provider: any PaymentProvider
    let orders: OrderDesk
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics
    /// By which signatures are judged, whatever time the database's server has.
    let ownClock: WallClock
    /// How long an attempt may stay silent before we ask the provider.
    var reconcileAfter: Milliseconds = 2 * Span.minute

    /// Begins to pay an order and answers 201 with the page to go to. An attempt that is live already is answered
    /// again, so that two tabs pay once. Throws `order-closed`.
    func start(order: Order, title: String, returnPath: String, key: IdempotencyKey?) async throws
        -> Answer
    {
        let payment: Payment
        switch try await open(order, key: key) {
        case .answered(let answer): return answer
        case .open(let attempt): payment = attempt
        }
        do {
            let step = try await begin(payment, title: title, returnPath: returnPath)
            let document = Document(
                payment: String(payment.id),
                order: order.code,
                state: PaymentState.action.name,
                redirect: step.redirect
            )
            let answer = Answer(status: 201, document)
            let isLive = try await database.write { connection in
                guard try PaymentRows.noteStep(step, payment: payment, connection) else {
                    try giveUp(payment, at: step, connection)
                    return false
                }
                if let key { try Idempotency.finish(key, with: answer, connection) }
                return true
            }
            guard isLive else { throw Problem.orderClosed }
            return answer
        } catch {
            if let key { try await database.write { try Idempotency.abandon(key, $0) } }
            throw error
        }
    }

    /// Asks the provider for a payment. One that it refuses for good is over, so that the buyer may try another; throws
    /// `payment-declined` then.
    private func begin(_ payment: Payment, title: String, returnPath: String) async throws
        -> NextStep
    {
        do {
            return try await provider.start(
                PaymentIntent(amount: payment.amount, label: title, returnPath: returnPath),
                idempotencyKey: "payment-\(payment.id)"
            )
        } catch let declined as PaymentDeclined {
            try await database.write { connection in
                _ = try OrderRows.seize(id: payment.orderId, connection)
                _ = try PaymentRows.advance(payment, to: .failed, at: clock.now(), connection)
            }
            metrics.count("bookme_payments_declined_total")
            var problem = Problem.paymentDeclined
            problem.detail = declined.reason
            throw problem
        }
    }

    /// The order ended while the provider was asked, and whoever ended it could not name what to call off.
    private func giveUp(_ payment: Payment, at step: NextStep, _ connection: SQLConnection) throws {
        let now = clock.now()
        try PaymentRows.name(payment, step.reference, connection)
        try Outbox.add(
            .cancelPayment,
            step.reference,
            id: mint.next(),
            dueAt: now,
            at: now,
            connection
        )
    }

    private enum Opening: Sendable {
        /// The same request came before.
        case answered(Answer)
        case open(Payment)
    }

    /// The attempt that is live, or a new one, under the key of the request.
    private func open(_ order: Order, key: IdempotencyKey?) async throws -> Opening {
        try await database.write { connection in
            let now = clock.now()
            let stored = try key.flatMap { key in
                try Idempotency.begin(
                    key,
                    at: now,
                    abandonedAfter: Self.abandonedAfter,
                    connection
                )
            }
            if let stored { return .answered(stored) }
            let payment = Payment(
                id: mint.next(),
                orderId: order.id,
                provider: provider.name,
                reference: nil,
                state: .created,
                amount: Money(amount: order.total, currency: order.currency),
                redirect: nil
            )
            if try PaymentRows.open(payment, at: now, connection) { return .open(payment) }
            guard try OrderRows.seize(id: order.id, connection)?.state == .pending else {
                throw Problem.orderClosed
            }
            guard let live = try PaymentRows.seizeLive(order: order.id, connection) else {
                throw SQLError.inconsistent("order \(order.code) has an attempt that is not there")
            }
            return .open(live)
        }
    }

    private var refunds: RefundBook { RefundBook(mint: mint) }

    /// What became of a provider's message.
    enum WebhookOutcome: String, Sendable, Encodable {
        case applied
        /// The same message came before.
        case duplicate
        /// It changes nothing any more, as a failure after a success.
        case stale
        /// No payment of this name yet: reconciling will find out.
        case unknown
        /// It is not about a payment.
        case ignored
        /// Another amount or currency than was asked for: kept for people to look at, never taken as paid.
        case mismatch
    }

    /// Takes a provider's message. The message and its effect are one transaction; repeating it changes nothing.
    func receive(_ body: [UInt8], signature: String?) async throws -> WebhookOutcome {
        guard
            let event = try provider.parseWebhook(
                body,
                signature: signature,
                now: ownClock.now()
            )
        else { return .ignored }
        let outcome = try await database.write { connection in
            let now = clock.now()
            let seen = try connection.run(
                """
                INSERT OR IGNORE INTO payment_events(provider, event_ref, received_at, payload, outcome)
                VALUES(?, ?, ?, ?, ?)
                """,
                [
                    provider.name, event.reference, now, String(decoding: body, as: UTF8.self),
                    WebhookOutcome.applied.rawValue,
                ]
            )
            guard seen == 1 else { return WebhookOutcome.duplicate }
            let outcome: WebhookOutcome
            switch event.matter {
            case .payment(let intent, let said, let amount):
                outcome = try apply(intent, said, amount, at: now, connection)
            case .refund(let refund):
                outcome = try refunds.hear(refund, from: provider.name, at: now, connection)
            }
            // As it was written down already.
            if outcome == .applied { return outcome }
            try connection.run(
                "UPDATE payment_events SET outcome = ? WHERE provider = ? AND event_ref = ?",
                [outcome.rawValue, provider.name, event.reference]
            )
            return outcome
        }
        metrics.count("bookme_webhooks_total", ["outcome": outcome.rawValue])
        return outcome
    }

    /// Asks the provider about attempts that have been silent for long, and returns how many of them moved. One that
    /// the provider will not talk about is asked for next time, and keeps no other waiting.
    func reconcile() async throws -> Int {
        let now = clock.now()
        let waiting = try await database.read {
            try PaymentRows.waiting(since: now - reconcileAfter, at: now, $0)
        }
        guard !waiting.isEmpty else { return 0 }
        try await database.write { try PaymentRows.noteAsked(waiting, at: now, $0) }
        var moved = 0
        for payment in waiting {
            guard let reference = payment.reference else { continue }
            do {
                if try await ask(about: reference) == .applied { moved += 1 }
            } catch is ProviderSilent {
                metrics.count("bookme_reconcile_failures_total")
            }
        }
        return moved
    }

    /// Gives up a payment at the provider, and acts on what became of it: it may have gone through a moment before,
    /// and the message about that may be lost.
    func callOff(_ reference: String) async throws {
        try await provider.cancel(reference)
        _ = try await ask(about: reference)
    }

    /// The provider did not say how a payment stands.
    private struct ProviderSilent: Error, CustomStringConvertible {
        let description: String
    }

    private func ask(about reference: String) async throws -> WebhookOutcome {
        let status: ProviderStatus?
        do { status = try await provider.fetch(reference) } catch {
            throw ProviderSilent(description: "\(error)")
        }
        guard let status else { return .unknown }
        return try await database.write { connection in
            let outcome = try apply(
                reference,
                status.outcome,
                status.amount,
                at: clock.now(),
                connection
            )
            if status.isFinal {
                try PaymentRows.noteFinal(provider: provider.name, reference: reference, connection)
            }
            return outcome
        }
    }

    private func apply(
        _ reference: String,
        _ outcome: ProviderOutcome,
        _ amount: Money,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> WebhookOutcome {
        guard
            let (payment, order, items) = try PaymentRows.seize(
                provider: provider.name,
                reference: reference,
                connection
            )
        else {
            return .unknown
        }
        guard amount == payment.amount else { return .mismatch }
        let next: PaymentState
        switch outcome {
        case .waiting: return .stale
        case .processing: next = .processing
        case .failed: next = .failed
        case .succeeded: next = .succeeded
        }
        guard try PaymentRows.advance(payment, to: next, at: now, connection) else { return .stale }
        if next == .succeeded { try settle(payment, order, items, at: now, connection) }
        return .applied
    }

    /// Money arrived: the order is paid, or the money goes back.
    private func settle(
        _ payment: Payment,
        _ order: Order,
        _ items: [HoldItem],
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        switch order.state {
        case .pending:
            try orders.confirm(order, items, .paymentSucceeded, at: now, connection)
            metrics.count("bookme_orders_total", ["outcome": "paid"])
        case .expired, .cancelled:
            try settleLate(payment, order, items, at: now, connection)
        case .paid, .refundDue, .refunded, .partiallyRefunded:
            try giveBack(payment, because: RefundDesk.paidTwice, at: now, connection)
        }
    }

    /// The order had ended. If all that it gave back is free again it gets that back, else the money goes back; so it
    /// does once the event has begun.
    private func settleLate(
        _ payment: Payment,
        _ order: Order,
        _ items: [HoldItem],
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        if try EventRows.isAhead(order.eventId, at: now, connection),
            try reclaim(order, items, until: now, connection)
        {
            // The buyer has paid: the limit per buyer no longer decides, but the seats count.
            try connection.run(
                "UPDATE buyer_quota SET units = units + ? WHERE event_id = ? AND email_norm = ?",
                [order.unitCount, order.eventId, order.emailNormalised]
            )
            try orders.confirm(order, items, .latePaymentSeatsFree, at: now, connection)
            metrics.count("bookme_orders_total", ["outcome": "paid_late"])
        } else {
            guard try OrderRows.advance(order, .latePaymentSeatsGone, at: now, connection) else {
                throw SQLError.inconsistent("order \(order.code) moved while it was being paid")
            }
            try giveBack(payment, because: "paid late, seats or voucher gone", at: now, connection)
            try Outbox.add(
                .mailSorry,
                order.code,
                id: mint.next(),
                dueAt: now,
                at: now,
                connection
            )
            metrics.count("bookme_orders_total", ["outcome": "refund_due"])
        }
    }

    private func giveBack(
        _ payment: Payment,
        because reason: String,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws {
        try PaymentRows.requestRefund(
            mint.next(),
            of: payment,
            reason: reason,
            at: now,
            connection
        )
    }

    /// Takes what an ended order had, all or nothing. The voucher, too: else one that several orders had after each
    /// other would make each of them cheaper, however seldom it may be used.
    private func reclaim(
        _ order: Order,
        _ items: [HoldItem],
        until now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Bool {
        struct Gone: Error {}
        do {
            try connection.savepoint {
                let taken = try HoldRows.claim(
                    items.seats,
                    event: order.eventId,
                    hold: order.holdId,
                    until: now,
                    connection
                )
                guard taken.isEmpty,
                    try StandingStock.retake(
                        items,
                        hold: order.holdId,
                        event: order.eventId,
                        connection
                    ),
                    try order.voucherId.map({ try VoucherRows.take($0, connection) }) ?? true
                else { throw Gone() }
            }
            return true
        } catch is Gone {
            return false
        }
    }
}
