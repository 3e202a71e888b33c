import HTTPTypes
import Hummingbird
import Logging

/// Where payment providers report.
struct WebhookRoutes: Sendable {
    private struct Outcome: Encodable {
        let outcome: PaymentDesk.WebhookOutcome
    }

    private static let bodyLimitBytes = 64 * 1024 - 1
    private static let refusalInterval = Span.second

    private let refusals = UseNotes()

    let shop: Shop

    func add(to group: RouterGroup<ShopContext>) {
        group.post("webhooks/:provider", use: receive)
    }

    @Sendable private func receive(_ request: Request, _ context: ShopContext) async throws
        -> Response
    {
        guard try context.name("provider") == shop.payments.provider.name else {
            throw Problem.notFound
        }
        // No provider's message is this long, so that a longer one cannot be theirs.
        guard let body = try? await request.bytes(limit: Self.bodyLimitBytes) else {
            throw Problem.badSignature
        }
        let signature = HTTPField.Name(shop.payments.provider.signatureHeader)
            .flatMap { request.headers[$0] }
        do {
            return .json(
                Outcome(outcome: try await shop.payments.receive(body, signature: signature))
            )
        } catch let problem as Problem where problem == .badSignature {
            shop.metrics.count("bookme_webhooks_total", ["outcome": problem.slug])
            context.logger.warning("a webhook with a wrong signature was refused")
            // Anybody can send these, so that only some are written down.
            guard
                refusals.isDue("webhook", at: shop.clock.now(), every: Self.refusalInterval)
            else { throw problem }
            try await shop.audit.note(
                "webhook refused",
                by: shop.payments.provider.name,
                about: "webhook",
                "\(body.count) bytes"
            )
            throw problem
        }
    }
}
