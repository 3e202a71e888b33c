/// A payment as the sandbox knows it.
struct SandboxIntent: Sendable {
    let reference: String
    let amount: Money
    let label: String
    let returnPath: String
    var state: String

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

/// Money that the sandbox sent back.
struct SandboxRefund: Sendable {
    let key: String
    /// What the shop wants to be remembered of it.
    let note: String?
    let createdAt: Milliseconds

    var name: String { Self.prefix + key }

    static let prefix = "re_"
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

    /// What went back of a payment, the latest first.
    static func refunds(of reference: String, _ connection: SQLConnection) throws -> [SandboxRefund] {
        try connection.rows(
            "SELECT idem_key, note, created_at FROM sandbox_refunds WHERE ref = ? ORDER BY created_at DESC LIMIT 101",
            [reference],
            refund
        )
    }

    /// The refund with this name.
    static func refund(named name: String, _ connection: SQLConnection) throws -> SandboxRefund? {
        guard name.hasPrefix(SandboxRefund.prefix) else { return nil }
        return try connection.first(
            "SELECT idem_key, note, created_at FROM sandbox_refunds WHERE idem_key = ?",
            [String(name.dropFirst(SandboxRefund.prefix.count))],
            refund
        )
    }

    private static func refund(_ row: SQLRow) throws -> SandboxRefund {
        SandboxRefund(
            key: try row.text(0),
            note: try row.optionalText(1),
            createdAt: try row.integer(2)
        )
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

    /// A message that the shop has to be told.
    struct Delivery: Sendable {
        let reference: String
        let body: [UInt8]
    }

    /// Queues a message about a payment as it stands.
    static func enqueueMessage(
        _ intent: SandboxIntent,
        dueAt: Milliseconds,
        _ connection: SQLConnection
    ) throws -> Delivery {
        let message = SandboxProvider.Message(
            id: messageName(intent),
            type: intent.outcome.rawValue,
            intent: intent.reference,
            amount: intent.amount.amount,
            currency: intent.amount.currency
        )
        let delivery = Delivery(reference: message.id, body: JSON.encode(message))
        connection.append(
            "INSERT INTO sandbox_deliveries(event_ref, payload, due_at)",
            [delivery.reference, String(decoding: delivery.body, as: UTF8.self), dueAt]
        )
        return delivery
    }
}
