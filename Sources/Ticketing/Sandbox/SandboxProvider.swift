/// A payment service without money, so that everything can be tried. It keeps its own tables, as another company would.
struct SandboxProvider: PaymentProvider {
    /// A message as it travels: Stripe-like in shape.
    struct Message: Codable, Sendable {
        let id: String
        let type: String
        let intent: String
        let amount: Int64
        let currency: String
    }

    let database: Database
    let clock: WallClock
    let signature: WebhookSignature

    var name: String { "sandbox" }
    var signatureHeader: String { "Bmh-Signature" }
    var pages: String { "" }

    func start(_ intent: PaymentIntent, idempotencyKey: String) async throws -> NextStep {
        let reference = "pi_" + Token.readable(20)
        let stored = try await database.write { connection -> String? in
            let inserted = try connection.run(
                """
                INSERT OR IGNORE INTO sandbox_intents(ref, idem_key, amount, currency, label, return_url, state,
                  created_at) VALUES(?, ?, ?, ?, ?, ?, 'waiting', ?)
                """,
                [
                    reference, idempotencyKey, intent.amount.amount, intent.amount.currency,
                    intent.label,
                    intent.returnPath, clock.now(),
                ]
            )
            if inserted == 1 { return reference }
            return try connection.first(
                "SELECT ref FROM sandbox_intents WHERE idem_key = ?",
                [idempotencyKey]
            ) {
                try $0.text(0)
            }
        }
        let known = stored ?? reference
        return NextStep(reference: known, redirect: "/sandbox-psp/pay/\(known)")
    }

    func parseWebhook(_ body: [UInt8], signature header: String?, now: Milliseconds) throws(Problem)
        -> ProviderEvent?
    {
        guard let header, signature.isValid(header, for: body, at: now) else { throw .badSignature }
        let message = try JSON.decode(Message.self, from: body)
        guard let outcome = ProviderOutcome(rawValue: message.type),
            (1...80).contains(message.id.utf8.count),
            (1...80).contains(message.intent.utf8.count)
        else { throw .invalidBody("not a message of this provider") }
        return ProviderEvent(
            reference: message.id,
            matter: .payment(
                message.intent,
                outcome,
                Money(amount: message.amount, currency: message.currency)
            )
        )
    }

    func fetch(_ reference: String) async throws -> ProviderStatus? {
        try await database.read { connection in
            guard let intent = try SandboxRows.intent(reference, connection) else { return nil }
            return ProviderStatus(outcome: intent.outcome, amount: intent.amount)
        }
    }

    func cancel(_ reference: String) async throws {
        try await database.write { connection in
            try connection.run(
                "UPDATE sandbox_intents SET state = 'failed' WHERE ref = ? AND state = 'waiting'",
                [reference]
            )
        }
    }

    func refund(_ reference: String, amount: Money, idempotencyKey: String) async throws
        -> ProviderRefund
    {
        let name = try await refund(
            reference,
            amount: amount,
            idempotencyKey: idempotencyKey,
            note: nil
        )
        return ProviderRefund(name: name, status: .returned)
    }

    func findRefund(_ reference: String, idempotencyKey: String) async throws -> ProviderRefund? {
        try await refunds(of: reference).first { $0.key == idempotencyKey }
            .map { ProviderRefund(name: $0.name, status: .returned) }
    }

    func fetchRefund(_ name: String) async throws -> ProviderRefund? {
        try await refund(named: name).map { ProviderRefund(name: $0.name, status: .returned) }
    }

    /// The refund with this name.
    func refund(named name: String) async throws -> SandboxRefund? {
        try await database.glance { try SandboxRows.refund(named: name, $0) }
    }

    /// What went back of a payment, the latest first.
    func refunds(of reference: String) async throws -> [SandboxRefund] {
        try await database.glance { try SandboxRows.refunds(of: reference, $0) }
    }

    /// The same with what the shop wants to be remembered of it.
    func refund(
        _ reference: String,
        amount: Money,
        idempotencyKey: String,
        note: String?
    ) async throws -> String {
        let refund = SandboxRefund(key: idempotencyKey, note: note, createdAt: clock.now())
        return try await database.write { connection in
            let inserted = try connection.run(
                "INSERT OR IGNORE INTO sandbox_refunds(idem_key, ref, amount, created_at, note) VALUES(?, ?, ?, ?, ?)",
                [refund.key, reference, amount.amount, refund.createdAt, refund.note]
            )
            if inserted == 1 {
                let changed = try connection.run(
                    "UPDATE sandbox_intents SET refunded = refunded + ? WHERE ref = ? AND state = 'succeeded'",
                    [amount.amount, reference]
                )
                guard changed == 1 else {
                    guard try SandboxRows.intent(reference, connection) != nil else {
                        throw RefundDeclined(
                            description: "the sandbox knows no payment \(reference) any more"
                        )
                    }
                    throw Problem.invalidBody("nothing was paid")
                }
            }
            return refund.name
        }
    }
}
