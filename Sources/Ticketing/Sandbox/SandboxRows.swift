/// A payment as the sandbox knows it.
struct SandboxIntent: Sendable {
    let reference: String
    let amount: Money
    let label: String
    let returnPath: String
    let state: String

    /// What the sandbox would say about it.
    var outcome: ProviderOutcome {
        switch state {
        case "processing": .processing
        case "succeeded": .succeeded
        case "failed": .failed
        default: .waiting
        }
    }
}

/// The statements behind the sandbox.
enum SandboxRows {
    /// The payment with this name.
    static func intent(_ reference: String, _ connection: SQLConnection) throws -> SandboxIntent? {
        try connection.first(
            "SELECT ref, amount, currency, label, return_url, state FROM sandbox_intents WHERE ref = ?",
            [reference]
        ) { row in
            SandboxIntent(
                reference: try row.text(0),
                amount: Money(amount: try row.integer(1), currency: try row.text(2)),
                label: try row.text(3),
                returnPath: try row.text(4),
                state: try row.text(5)
            )
        }
    }

    /// Moves a payment on; false if it is not in state `from`.
    static func advance(
        _ reference: String,
        from: String,
        to: String,
        settlesAt: Milliseconds? = nil,
        _ connection: SQLConnection
    ) throws -> Bool {
        try connection.run(
            "UPDATE sandbox_intents SET state = ?, settles_at = ? WHERE ref = ? AND state = ?",
            [to, settlesAt, reference, from]
        ) == 1
    }

    /// The name of the one message about a payment in this state.
    static func messageName(_ intent: SandboxIntent) -> String {
        "evt_\(intent.reference.dropFirst(3))_\(intent.outcome.rawValue)"
    }

    /// Queues a message about a payment as it stands, and returns its name.
    static func enqueueMessage(
        _ reference: String,
        dueAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> String {
        guard let intent = try intent(reference, connection) else { throw Problem.notFound }
        let message = SandboxProvider.Message(
            id: messageName(intent),
            type: intent.outcome.rawValue,
            intent: reference,
            amount: intent.amount.amount,
            currency: intent.amount.currency
        )
        try connection.run(
            "INSERT INTO sandbox_deliveries(event_ref, payload, due_at) VALUES(?, ?, ?)",
            [message.id, String(decoding: JSON.encode(message), as: UTF8.self), dueAt]
        )
        return message.id
    }
}
