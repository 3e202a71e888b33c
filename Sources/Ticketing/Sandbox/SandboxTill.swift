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
        guard let intent = try await database.read({ try SandboxRows.intent(reference, $0) }) else {
            throw Problem.notFound
        }
        return intent
    }

    /// Uses a card and tells the shop at once. A payment that was decided before stays as it is, but what the shop has
    /// not been told of it, since a server ended in between, is told now.
    func pay(_ reference: String, with card: SandboxCard) async throws {
        let message = try await database.write { connection -> String? in
            let now = clock.now()
            let (next, settlesAt): (String, Milliseconds?) =
                switch card {
                case .accepted, .silent: ("succeeded", nil)
                case .declined: ("failed", nil)
                case .delayed: ("processing", now + Self.delay)
                }
            let moved = try SandboxRows.advance(
                reference,
                from: "waiting",
                to: next,
                settlesAt: settlesAt,
                connection
            )
            guard moved else {
                return try SandboxRows.intent(reference, connection).map(SandboxRows.messageName)
            }
            guard card != .silent else { return nil }
            return try SandboxRows.enqueueMessage(reference, dueAt: now + Self.grace, connection)
        }
        if let message { try await deliver(where: "event_ref = ?", message) }
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
                _ = try SandboxRows.enqueueMessage(reference, dueAt: now, connection)
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
            ) { (reference: try $0.text(0), body: Array(try $0.text(1).utf8)) }
        }
        // All at once, so that they share commits: who comes back after a crash has many to deliver.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for message in due {
                group.addTask { try await tell(message.reference, message.body, at: now) }
            }
            try await group.waitForAll()
        }
    }

    private func tell(_ reference: String, _ body: [UInt8], at now: Milliseconds) async throws {
        let isDelivered = await deliver(body, signature.header(for: body, at: clock.now()))
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
