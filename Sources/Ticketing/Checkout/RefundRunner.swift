/// Sends money back through the provider until the provider confirms it.
///
/// Money that the provider will never return, or has not returned for days, waits for people: they let it be tried
/// again, or return it in another way and say so.
struct RefundRunner: Sendable {
    /// Money that was given up.
    struct Dead: Encodable, Sendable {
        let id: String
        let order: String
        let amount: Int64
        let currency: String
        let attempts: Int
        let error: String?
    }

    /// With pauses of ten minutes these are three days; money that is on its way, of which is asked each hour, has
    /// eighteen.
    static let attemptLimit = 440
    /// What stands for the attempts of money that was given up while it was on its way: it may arrive yet.
    static let overdueMark = attemptLimit + 1
    /// Providers remember keys for a day. Money that was asked for longer ago than this is looked for among
    /// what they sent before it is sent again.
    static let keyMemory: Milliseconds = 20 * Span.hour
    /// Banks take days; what they decide the provider tells by itself, too.
    private static let askingPause = Span.hour
    /// How many are worked off at once, those to be sent first: what banks have in hand keeps none of them waiting.
    private static let batchLimits: [(RefundState, Int)] = [(.requested, 50), (.onItsWay, 25)]
    private static let deadLimit = 500

    let database: Database
    let provider: any PaymentProvider
    let mint: IdentifierMint
    let clock: WallClock
    let metrics: Metrics

    private var book: RefundBook { RefundBook(mint: mint) }

    /// Works off what is due and returns how many refunds were confirmed.
    func work() async throws -> Int {
        var confirmed = 0
        for refund in try await due() {
            do {
                let known = try await refund.state == .onItsWay ? ask(refund) : send(refund)
                if try await note(known, of: refund) { confirmed += 1 }
            } catch let error as RefundDeclined {
                try await giveUp(refund, error)
            } catch {
                // How long money is on its way is counted in answers alone.
                if refund.state == .onItsWay || refund.attempts + 1 < Self.attemptLimit {
                    try await postpone(refund, error)
                } else {
                    try await giveUp(refund, error)
                }
            }
        }
        return confirmed
    }

    /// Sends money back, if it has not gone: the answer to an earlier attempt may have been lost, or its worker died.
    private func send(_ refund: Refund) async throws -> ProviderRefund {
        // It may have been given up because nobody could be asked about it: sent again it might go back twice.
        if let name = refund.name, let known = try await provider.fetchRefund(name),
            known.status != .failed
        {
            return known
        }
        if clock.now() - refund.requestedAt >= Self.keyMemory,
            let known = try await provider.findRefund(refund.payment, idempotencyKey: refund.key)
        {
            return known
        }
        return try await provider.refund(
            refund.payment,
            amount: refund.amount,
            idempotencyKey: refund.key
        )
    }

    /// Asks about money that the provider has in hand.
    private func ask(_ refund: Refund) async throws -> ProviderRefund {
        let name = refund.name ?? ""
        guard let known = try await provider.fetchRefund(name) else {
            throw RefundDeclined(description: "the provider knows no refund \(name)")
        }
        return known
    }

    /// Writes down how far money is; true if it has gone back.
    private func note(_ known: ProviderRefund, of refund: Refund) async throws -> Bool {
        let now = clock.now()
        switch known.status {
        case .returned:
            return try await confirm(refund, known.name)
        case .onItsWay:
            let asked = refund.state == .onItsWay ? refund.attempts + 1 : 0
            guard asked <= Self.attemptLimit else {
                throw RefundDeclined(
                    description: "refund \(known.name) has been on its way too long"
                )
            }
            try await noteOnItsWay(refund, known.name, asked: asked, at: now)
        case .failed:
            try await database.write { _ = try book.fail(refund, known.name, at: now, $0) }
            metrics.count("bookme_refunds_total", ["outcome": "dead"])
        }
        return false
    }

    private func noteOnItsWay(_ refund: Refund, _ name: String, asked: Int, at now: Milliseconds)
        async throws
    {
        try await database.write { connection in
            try connection.run(
                """
                UPDATE refunds SET state = ?, provider_ref = ?, attempts = ?, last_error = NULL, due_at = ?
                WHERE id = ? AND state = ?
                """,
                [
                    RefundState.onItsWay.rawValue, name, asked, now + Self.askingPause, refund.id,
                    refund.state.rawValue,
                ]
            )
        }
        metrics.count("bookme_refunds_total", ["outcome": "pending"])
    }

    /// Lets the provider be asked again at once about money that it has not returned yet; false if there is none.
    func retry(_ id: Int64) async throws -> Bool {
        try await database.write {
            try $0.run(
                """
                UPDATE refunds SET due_at = ?, attempts = CASE WHEN state = ? THEN 0 ELSE attempts END,
                  state = CASE WHEN state = ? THEN ? ELSE state END
                WHERE id = ? AND state <> ?
                """,
                [
                    clock.now(), RefundState.givenUp.rawValue, RefundState.givenUp.rawValue,
                    RefundState.requested.rawValue, id, RefundState.returned.rawValue,
                ]
            ) == 1
        }
    }

    /// Takes money that was given up for returned, since somebody did so in another way; false if there is none.
    func settle(_ id: Int64) async throws -> Bool {
        let dead = try await database.read { connection in
            try Refund.all(
                where: "r.id = ? AND r.state = ?",
                [id, RefundState.givenUp.rawValue],
                connection
            )
        }
        guard let refund = dead.first else { return false }
        return try await confirm(refund, "by hand", isByHand: true)
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

    /// How many refunds wait, how many the provider has in hand, and how many were given up.
    func depth() async throws -> (waiting: Int, onTheirWay: Int, dead: Int) {
        try await database.read { connection in
            let count = { (state: RefundState) in
                try connection.first(
                    "SELECT COUNT(*) FROM refunds WHERE state = ?",
                    [state.rawValue]
                ) { try $0.int(0) } ?? 0
            }
            return (try count(.requested), try count(.onItsWay), try count(.givenUp))
        }
    }

    private func due() async throws -> [Refund] {
        let now = clock.now()
        return try await database.read { connection in
            try Self.batchLimits.flatMap { state, limit in
                try Refund.all(
                    where: """
                        r.state = ? AND r.due_at <= ? AND p.intent_ref IS NOT NULL
                        ORDER BY r.due_at LIMIT \(limit)
                        """,
                    [state.rawValue, now],
                    connection
                )
            }
        }
    }

    private func confirm(_ refund: Refund, _ name: String, isByHand: Bool = false) async throws
        -> Bool
    {
        let now = clock.now()
        let isOurs = try await database.write { connection in
            try book.confirm(refund, name, isByHand: isByHand, at: now, connection)
        }
        if isOurs { metrics.count("bookme_refunds_total", ["outcome": "confirmed"]) }
        return isOurs
    }

    /// Tries again after 2 s, 4 s, 8 s … at most ten minutes, and asks again about what is on its way after those.
    private func postpone(_ refund: Refund, _ error: any Error) async throws {
        let doublings = refund.state == .onItsWay ? 10 : min(refund.attempts, 10)
        let delay = min(2 * Span.second << Milliseconds(doublings), 10 * Span.minute)
        try await note(error, of: refund, state: refund.state, dueAt: clock.now() + delay)
        metrics.count("bookme_refunds_total", ["outcome": "postponed"])
    }

    private func giveUp(_ refund: Refund, _ error: any Error) async throws {
        try await note(error, of: refund, state: .givenUp, dueAt: clock.now())
        metrics.count("bookme_refunds_total", ["outcome": "dead"])
    }

    private func note(
        _ error: any Error,
        of refund: Refund,
        state: RefundState,
        dueAt: Milliseconds
    ) async throws {
        let message = LastError.text(error)
        let attempts =
            switch (refund.state, state) {
            case (.onItsWay, .givenUp): Self.overdueMark
            case (.onItsWay, _): refund.attempts
            default: refund.attempts + 1
            }
        try await database.write { connection in
            try connection.run(
                """
                UPDATE refunds SET state = ?, attempts = ?, due_at = ?, last_error = ?
                WHERE id = ? AND state = ?
                """,
                [
                    state.rawValue, attempts, dueAt, message, refund.id, refund.state.rawValue,
                ]
            )
        }
    }
}
