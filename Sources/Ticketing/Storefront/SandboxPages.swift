import HTTPTypes
import Hummingbird

/// The sandbox provider's hosted pay page. It knows the shop only by the address to send buyers back to.
struct SandboxPages: Sendable {
    let till: SandboxTill
    let pages: Pages

    func add(to router: Router<ShopContext>) {
        router.get("sandbox-psp/pay/:reference", use: show)
        router.post("sandbox-psp/pay/:reference", use: pay)
    }

    @Sendable private func show(_ request: Request, _ context: ShopContext) async throws -> Response {
        let intent = try await till.intent(try context.name("reference"))
        let cards = SandboxCard.allCases.enumerated().map { index, card -> [String: Any] in
            ["value": card.rawValue, "number": card.number, "fate": card.fate, "first": index == 0]
        }
        let values: [String: Any] = [
            "reference": intent.reference, "amount": intent.amount.description,
            "label": intent.label,
            "state": intent.state, "is_waiting": intent.outcome == .waiting, "cards": cards,
            "back": intent.returnPath,
        ]
        return .page(pages.render("pay", values))
    }

    @Sendable private func pay(_ request: Request, _ context: ShopContext) async throws -> Response {
        let intent = try await till.intent(try context.name("reference"))
        let form = try await request.form()
        guard let card = SandboxCard(rawValue: form["card"]) else {
            throw Problem.invalidBody("choose a card")
        }
        try await till.pay(intent, with: card)
        return .seeOther(intent.returnPath)
    }
}
