import HTTPTypes
import Hummingbird

/// The sandbox as a company of its own: Stripe's API as far as we use it, a pay page, and messages to a shop.
struct StripeStandIn: Sendable {
    /// The payment method that is always declined at once.
    static let decliningMethod = "sandbox_declined"
    /// What is less is not worth its charge, as with Stripe.
    private static let smallestAmount: Int64 = 50
    /// For so long a key gives the same refund; after that it is one more, as with Stripe.
    static let keyMemory: Milliseconds = Span.day
    private static let pageLimit = 100

    let provider: SandboxProvider
    let till: SandboxTill
    let pages: Pages
    let secretKey: String
    /// Scheme and authority under which buyers see the pay page.
    let publicOrigin: String

    func router() -> Router<ShopContext> {
        let router = Router(context: ShopContext.self)
        router.add(
            middleware: OutcomeMiddleware(
                metrics: Metrics(),
                pages: pages,
                formTargets: "http: https:"
            )
        )
        router.get("readyz") { _, _ in "ready\n" }
        router.post("v1/payment_intents", use: create)
        router.get("v1/payment_intents/:id") { request, context in
            try authorise(request)
            return try await document(try context.name("id"))
        }
        router.post("v1/payment_intents/:id/cancel", use: cancel)
        router.post("v1/refunds", use: refund)
        router.get("v1/refunds", use: refunds)
        router.get("v1/refunds/:id", use: showRefund)
        SandboxPages(till: till, pages: pages).add(to: router)
        pages.assets.add(to: router)
        return router
    }

    /// Stripe's words for one of our messages.
    static func event(_ message: SandboxProvider.Message) -> StripeShape.Event<StripeShape.Intent>? {
        guard let outcome = ProviderOutcome(rawValue: message.type) else { return nil }
        let (type, status) =
            switch outcome {
            case .succeeded: ("payment_intent.succeeded", "succeeded")
            case .processing: ("payment_intent.processing", "processing")
            case .failed: ("payment_intent.payment_failed", "requires_payment_method")
            case .waiting: ("payment_intent.requires_action", "requires_action")
            }
        let money = Money(amount: message.amount, currency: message.currency)
        let intent = intent(message.intent, status, money)
        return StripeShape.Event(id: message.id, type: type, data: .init(object: intent))
    }

    private static func intent(_ id: String, _ status: String, _ money: Money)
        -> StripeShape.Intent
    {
        StripeShape.Intent(
            id: id,
            object: "payment_intent",
            status: status,
            amount: money.amount,
            amountReceived: status == "succeeded" ? money.amount : 0,
            currency: money.currency.lowercased(),
            lastPaymentError: status == "requires_payment_method"
                ? .init(code: "card_declined") : nil
        )
    }

    private func authorise(_ request: Request) throws(Problem) {
        guard request.headers[.authorization] == "Bearer \(secretKey)" else {
            throw .invalidCredentials
        }
    }

    @Sendable private func create(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try authorise(request)
        let form = try await request.form()
        guard let amount = Int64(form["amount"]), (1...99_999_999).contains(amount),
            form["currency"].utf8.count == 3, form["confirm"] == "true",
            form["return_url"].hasPrefix("http"), form["return_url"].utf8.count <= 300
        else { return refusal("parameter_invalid") }
        guard amount >= Self.smallestAmount else { return refusal("amount_too_small") }
        guard form["payment_method_data[type]"] != Self.decliningMethod else {
            return refusal("card_declined", status: 402)
        }
        let key = HTTPField.Name.idempotencyKey.flatMap { request.headers[$0] }
        let step = try await provider.start(
            PaymentIntent(
                amount: Money(amount: amount, currency: form["currency"].uppercased()),
                label: String(form["description"].prefix(150)),
                returnPath: form["return_url"]
            ),
            idempotencyKey: key ?? Token.readable(20)
        )
        return try await document(step.reference)
    }

    private func document(_ id: String) async throws -> Response {
        guard let intent = try? await till.intent(id) else {
            return refusal("resource_missing", status: 404)
        }
        let status =
            switch intent.outcome {
            case .succeeded: "succeeded"
            case .processing: "processing"
            case .failed: "requires_payment_method"
            case .waiting: "requires_action"
            }
        var answer = Self.intent(intent.reference, status, intent.amount)
        if intent.outcome == .waiting {
            answer.nextAction = .init(
                type: "redirect_to_url",
                redirectToUrl: .init(url: "\(publicOrigin)/sandbox-psp/pay/\(intent.reference)")
            )
        }
        return .json(answer)
    }

    @Sendable private func cancel(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try authorise(request)
        let id = try context.name("id")
        guard let intent = try? await till.intent(id) else {
            return refusal("resource_missing", status: 404)
        }
        guard intent.outcome == .waiting else { return refusal("payment_intent_unexpected_state") }
        try await provider.cancel(id)
        return try await document(id)
    }

    @Sendable private func refund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try authorise(request)
        let form = try await request.form()
        let reference = form["payment_intent"]
        guard let intent = try? await till.intent(reference) else {
            return refusal("resource_missing", status: 404)
        }
        guard intent.outcome == .succeeded, let amount = Int64(form["amount"]),
            (1...intent.amount.amount).contains(amount)
        else { return refusal("charge_already_refunded") }
        let note = form["metadata[\(StripeShape.Refund.mark)]"]
        guard note.unicodeScalars.count <= 100 else { return refusal("parameter_invalid") }
        let key = HTTPField.Name.idempotencyKey.flatMap { request.headers[$0] }
        let id = try await provider.refund(
            reference,
            amount: Money(amount: amount, currency: intent.amount.currency),
            idempotencyKey: try await remembered(key, of: reference),
            note: note
        )
        return .json(Self.refund(id, note))
    }

    /// The sandbox's key for one of the shop's: another one once the first is forgotten, or if there is none.
    private func remembered(_ key: String?, of reference: String) async throws -> String {
        guard let key else { return Token.readable(20) }
        let latest = try await provider.refunds(of: reference).first {
            $0.key == key || $0.key.hasPrefix("\(key).")
        }
        guard let latest else { return key }
        let isRemembered = provider.clock.now() - latest.createdAt < Self.keyMemory
        return isRemembered ? latest.key : "\(key).\(Token.readable(8))"
    }

    @Sendable private func refunds(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try authorise(request)
        let reference = request.uri.queryParameters["payment_intent"].map(String.init) ?? ""
        guard (try? await till.intent(reference)) != nil else {
            return refusal("resource_missing", status: 404)
        }
        let refunds = try await provider.refunds(of: reference)
        return .json(
            StripeShape.RefundList(
                object: "list",
                data: refunds.prefix(Self.pageLimit).map { Self.refund($0.name, $0.note ?? "") },
                hasMore: refunds.count > Self.pageLimit
            )
        )
    }

    @Sendable private func showRefund(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        try authorise(request)
        guard let refund = try await provider.refund(named: try context.name("id")) else {
            return refusal("resource_missing", status: 404)
        }
        return .json(Self.refund(refund.name, refund.note ?? ""))
    }

    private static func refund(_ id: String, _ note: String) -> StripeShape.Refund {
        StripeShape.Refund(
            id: id,
            object: "refund",
            status: "succeeded",
            metadata: note.isEmpty ? [:] : [StripeShape.Refund.mark: note]
        )
    }

    private func refusal(_ code: String, status: Int = 400) -> Response {
        let detail = StripeShape.Failure.Detail(
            type: "invalid_request_error",
            code: code,
            message: code.split(separator: "_").joined(separator: " ")
        )
        return .json(status: status, StripeShape.Failure(error: detail))
    }
}
