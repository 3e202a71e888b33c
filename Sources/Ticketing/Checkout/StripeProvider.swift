import Transport

/// Payments by Stripe, or whoever speaks like it: payment intents that send the buyer to a page of the provider.
///
/// No card number ever reaches this service: the methods are those with a page of their own.
struct StripeProvider: PaymentProvider {
    /// The operator's account with the provider.
    struct Account: Sendable {
        var url = "https://api.stripe.com"
        let secretKey: String
        let webhookKey: String
        /// The payment method whose page buyers are sent to.
        var method = "ideal"
        /// Certificates (PEM) that vouch for the provider, in place of the system's.
        var authorities: String?
        /// Where the provider's pages are, for browsers that are strict about where a form may lead.
        var pages = "https://*.stripe.com"
    }

    /// The provider did not do what it was asked.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    let account: Account
    /// Scheme and authority of this service, to which buyers come back.
    let publicOrigin: String
    let desk: TransferDesk
    private let signature: WebhookSignature

    init(account: Account, publicOrigin: String, desk: TransferDesk) {
        self.account = account
        self.publicOrigin = publicOrigin
        self.desk = desk
        signature = WebhookSignature(key: HMACKey(Array(account.webhookKey.utf8)))
    }

    var name: String { "stripe" }
    var signatureHeader: String { "Stripe-Signature" }
    var pages: String { account.pages }

    func start(_ intent: PaymentIntent, idempotencyKey: String) async throws -> NextStep {
        let body = FormBody.encode([
            "amount": String(intent.amount.amount),
            "currency": intent.amount.currency.lowercased(),
            "description": intent.label,
            "confirm": "true",
            "payment_method_types[]": account.method,
            "payment_method_data[type]": account.method,
            "return_url": publicOrigin + intent.returnPath,
        ])
        let started: StripeShape.Intent
        do {
            started = try await call(
                "POST",
                "/v1/payment_intents",
                body,
                key: idempotencyKey,
                as: StripeShape.Intent.self
            )
        } catch let answer as Unexpected where answer.status == 402 {
            // The provider answers this key so for a day: the attempt is over.
            throw PaymentDeclined()
        } catch let answer as Unexpected where Self.wrongAmounts.contains(answer.code) {
            // So it is if the provider takes no such amount, as one of a few cents.
            throw PaymentDeclined(reason: "the provider takes no payment of this amount")
        }
        guard let url = started.nextAction?.redirectToUrl?.url else {
            // Paid or declined already: the order's page says which.
            return NextStep(reference: started.id, redirect: intent.returnPath)
        }
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw Refused(description: "the provider sends buyers to no web page")
        }
        return NextStep(reference: started.id, redirect: url)
    }

    func parseWebhook(_ body: [UInt8], signature header: String?, now: Milliseconds) throws(Problem)
        -> ProviderEvent?
    {
        guard let header, signature.isValid(header, for: body, at: now) else { throw .badSignature }
        struct Kind: Decodable {
            let type: String
        }
        let type = try JSON.decode(Kind.self, from: body).type
        if type.hasPrefix("payment_intent.") { return try Self.payment(in: body) }
        if Self.refundEvents.contains(type) { return try Self.refund(in: body) }
        // An account's endpoint hears of more than that.
        return nil
    }

    private static let refundEvents = ["refund.updated", "refund.failed", "charge.refund.updated"]

    private static func payment(in body: [UInt8]) throws(Problem) -> ProviderEvent {
        let event = try JSON.decode(StripeShape.Event<StripeShape.Intent>.self, from: body)
        let intent = event.data.object
        try check(event.id, intent.id)
        let outcome: ProviderOutcome =
            switch event.type {
            case "payment_intent.succeeded": .succeeded
            case "payment_intent.processing": .processing
            case "payment_intent.payment_failed", "payment_intent.canceled": .failed
            default: .waiting
            }
        return ProviderEvent(
            reference: event.id,
            matter: .payment(intent.id, outcome, intent.money)
        )
    }

    private static func refund(in body: [UInt8]) throws(Problem) -> ProviderEvent {
        let event = try JSON.decode(StripeShape.Event<StripeShape.Refund>.self, from: body)
        try check(event.id, event.data.object.id)
        return ProviderEvent(reference: event.id, matter: .refund(event.data.object.inOurWords))
    }

    private static func check(_ names: String...) throws(Problem) {
        guard names.allSatisfy({ (1...80).contains($0.utf8.count) }) else {
            throw .invalidBody("not a message of this provider")
        }
    }

    func fetch(_ reference: String) async throws -> ProviderStatus? {
        let path = "/v1/payment_intents/\(FormBody.escape(reference))"
        do {
            let intent = try await call("GET", path, [], key: nil, as: StripeShape.Intent.self)
            return ProviderStatus(
                outcome: intent.outcome,
                amount: intent.money,
                isFinal: intent.isFinal
            )
        } catch let answer as Unexpected where answer.status == 404 {
            return nil
        }
    }

    func cancel(_ reference: String) async throws {
        let path = "/v1/payment_intents/\(FormBody.escape(reference))/cancel"
        do {
            _ = try await call("POST", path, [], key: nil, as: StripeShape.Intent.self)
        } catch let answer as Unexpected where answer.status == 400 || answer.status == 404 {
            // It has gone through or ended already: the message about that, or asking, tells which.
        }
    }

    func refund(_ reference: String, amount: Money, idempotencyKey: String) async throws
        -> ProviderRefund
    {
        do {
            return try await call(
                "POST",
                "/v1/refunds",
                FormBody.encode([
                    "payment_intent": reference, "amount": String(amount.amount),
                    "metadata[\(StripeShape.Refund.mark)]": idempotencyKey,
                ]),
                key: idempotencyKey,
                as: StripeShape.Refund.self
            ).inOurWords
        } catch let answer as Unexpected where Self.isFinal(refund: answer) {
            throw RefundDeclined(description: answer.description)
        }
    }

    func findRefund(_ reference: String, idempotencyKey: String) async throws -> ProviderRefund? {
        let path = "/v1/refunds?limit=100&payment_intent=\(FormBody.escape(reference))"
        let refunds: StripeShape.RefundList
        do {
            refunds = try await call("GET", path, [], key: nil, as: StripeShape.RefundList.self)
        } catch let answer as Unexpected where answer.code == "resource_missing" {
            return nil
        }
        if let known = refunds.standing(under: idempotencyKey) { return known.inOurWords }
        // Somebody made it by hand, or an older program did, which noted no keys: it may be this one.
        if let nameless = refunds.nameless {
            throw RefundDeclined(
                description: "refund \(nameless.id) of this payment does not say what for"
            )
        }
        // An order has far fewer tickets than that.
        guard !refunds.hasMore else {
            throw Refused(description: "payment \(reference) has more refunds than were looked at")
        }
        return nil
    }

    func fetchRefund(_ name: String) async throws -> ProviderRefund? {
        let path = "/v1/refunds/\(FormBody.escape(name))"
        do {
            return try await call("GET", path, [], key: nil, as: StripeShape.Refund.self).inOurWords
        } catch let answer as Unexpected where answer.status == 404 {
            return nil
        }
    }

    /// Whether asking again is in vain: the provider has no such payment, or nothing left of it.
    private static func isFinal(refund answer: Unexpected) -> Bool {
        ["resource_missing", "charge_already_refunded", "charge_disputed"].contains(answer.code)
    }

    /// Other codes say that we asked in a wrong way, which makes no payment of before worse.
    private static let wrongAmounts: Set<String?> = ["amount_too_small", "amount_too_large"]

    /// An answer that is not the thing asked for.
    private struct Unexpected: Error, CustomStringConvertible {
        let status: Int
        let code: String?
        let description: String
    }

    private func call<Value: Decodable>(
        _ method: String,
        _ path: String,
        _ body: [UInt8],
        key: String?,
        as type: Value.Type
    ) async throws -> Value {
        var headers = [
            "Authorization: Bearer \(account.secretKey)",
            "Content-Type: application/x-www-form-urlencoded", "Expect:",
        ]
        if let key { headers.append("Idempotency-Key: \(key)") }
        var transfer = Transfer(
            url: account.url + path,
            action: .request(method: method, headers: headers, body: body)
        )
        transfer.authorities = account.authorities
        let answer = try await desk.perform(transfer)
        switch answer.status {
        case 200..<300: return try JSON.decode(type, from: answer.body)
        case 409, 429, 500...: throw Problem.busy
        default:
            let failure = try? JSON.decode(StripeShape.Failure.self, from: answer.body)
            throw Unexpected(
                status: answer.status,
                code: failure?.error.code,
                description: failure?.error.message ?? "status \(answer.status)"
            )
        }
    }
}
