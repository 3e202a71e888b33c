/// The sandbox's own side: takes a card from a buyer and tells the shop what came of it.
struct SandboxTill: Sendable {
    /// How long the delayed card takes.
    static let delay: Milliseconds = 10 * Span.second
    /// How long the background leaves a message to the request that caused it.
    private static let grace: Milliseconds = 2 * Span.second
    private static let deliveryLimit = 20

    let database: Database
    let clock: WallClock
    let signature: WebhookSignature
    /// Hands a signed message to the shop; false if it has to be sent again.
    let deliver: @Sendable (_ body: [UInt8], _ signature: String) async -> Bool

    /// The payment behind a pay page; throws `not-found`.
    func intent(_ reference: String) async throws -> SandboxIntent {
        guard let intent = try await database.glance({ try SandboxRows.intent(reference, $0) })
        else {
            throw Problem.notFound
        }
        return intent
    }

    /// Uses a card and tells the shop at once. A payment that was decided before stays as it is, but what the shop has
    /// not been told of it, since a server ended in between, is told now.
    func pay(_ intent: SandboxIntent, with card: SandboxCard) async throws {
        let (decided, message) = try await database.write { connection in
            try decide(intent, with: card, at: clock.now(), connection)
        }
        if let message {
            try await tell(message, at: clock.now())
            if card == .twice { _ = await send(message.body) }
            return
        }
        guard decided == nil else { return }
        let known = try await self.intent(intent.reference)
        try await deliver(where: "event_ref = ?", SandboxRows.messageName(known))
    }

    /// The same for a payment of which only the name is known.
    func pay(_ reference: String, with card: SandboxCard) async throws {
        try await pay(try await intent(reference), with: card)
    }

    /// What the card makes of a payment, nil if that was decided before, and what the shop is to be told of it.
    private func decide(
        _ intent: SandboxIntent,
        with card: SandboxCard,
        at now: Milliseconds,
        _ connection: SQLConnection
    ) throws -> (decided: SandboxIntent?, message: SandboxRows.Delivery?) {
        var decided = intent
        var settlesAt: Milliseconds?
        switch card {
        case .accepted, .twice, .silent: decided.state = "succeeded"
        case .declined: decided.state = "failed"
        case .delayed:
            decided.state = "processing"
            settlesAt = now + Self.delay
        }
        let isDecided = try SandboxRows.advance(
            intent.reference,
            from: "waiting",
            to: decided.state,
            settlesAt: settlesAt,
            connection
        )
        guard isDecided else { return (nil, nil) }
        guard card != .silent else { return (decided, nil) }
        return (
            decided,
            try SandboxRows.enqueueMessage(decided, dueAt: now + Self.grace, connection)
        )
    }

    /// Settles payments whose delay is over and delivers what is due.
    func work() async throws {
        let now = clock.now()
        let settling = try await database.read { connection in
            try connection.rows(
                "SELECT ref FROM sandbox_intents WHERE settles_at <= ? LIMIT 100",
                [now]
            ) {
                try $0.text(0)
            }
        }
        for reference in settling {
            try await database.write { connection in
                guard
                    try SandboxRows.advance(
                        reference,
                        from: "processing",
                        to: "succeeded",
                        connection
                    )
                else {
                    return
                }
                guard let intent = try SandboxRows.intent(reference, connection) else { return }
                _ = try SandboxRows.enqueueMessage(intent, dueAt: now, connection)
            }
        }
        try await deliver(where: "due_at <= ?", now)
    }

    private func deliver(where condition: String, _ argument: any SQLValue) async throws {
        let now = clock.now()
        let due = try await database.read { connection in
            try connection.rows(
                "SELECT event_ref, payload FROM sandbox_deliveries WHERE \(condition) ORDER BY due_at LIMIT 100",
                [argument]
            ) { row in
                SandboxRows.Delivery(
                    reference: try row.text(0),
                    body: Array(try row.text(1).utf8)
                )
            }
        }
        // All at once, so that they share commits: who comes back after a crash has many to deliver.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for message in due {
                group.addTask { try await tell(message, at: now) }
            }
            try await group.waitForAll()
        }
    }

    private func send(_ body: [UInt8]) async -> Bool {
        await deliver(body, signature.header(for: body, at: clock.now()))
    }

    private func tell(_ message: SandboxRows.Delivery, at now: Milliseconds) async throws {
        let (reference, body) = (message.reference, message.body)
        let isDelivered = await send(body)
        try await database.write { connection in
            if isDelivered {
                try connection.run(
                    "DELETE FROM sandbox_deliveries WHERE event_ref = ?",
                    [reference]
                )
            } else {
                try postpone(reference, at: now, connection)
            }
        }
    }

    private func postpone(_ reference: String, at now: Milliseconds, _ connection: SQLConnection)
        throws
    {
        try connection.run(
            """
            UPDATE sandbox_deliveries SET attempts = attempts + 1, due_at = ? + 1000 * (attempts + 1) * (attempts + 1)
            WHERE event_ref = ?
            """,
            [now, reference]
        )
        try connection.run(
            "DELETE FROM sandbox_deliveries WHERE event_ref = ? AND attempts >= \(Self.deliveryLimit)",
            [reference]
        )
    }
}
