import HTTPTypes
import Hummingbird

/// Finds out who asks: from the gateway's assertion if we trust a gateway, else from the session cookie.
///
/// With a gateway's key a request without a valid assertion is anonymous, whatever cookies it carries: it fails closed.
struct VisitorMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let sessions: SessionStore
    let assertion: Assertion?
    let clock: WallClock

    func handle(
        _ request: Request,
        context: ShopContext,
        next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.visitor = try await visitor(of: request)
        context.visitor.cartHash = ShopCookie.cart.value(in: request).map(Token.hash)
        return try await next(request, context)
    }

    private func visitor(of request: Request) async throws -> Visitor {
        if let assertion {
            guard let name = HTTPField.Name.assertion, let token = request.headers[name],
                let statement = assertion.statement(in: token, at: clock.now())
            else { return .anonymous }
            await sessions.noteUse(statement.identity.sessionId)
            return Visitor(
                identity: statement.identity,
                admittedEvents: statement.admittedEvents
            )
        }
        guard let token = ShopCookie.session.value(in: request) else { return .anonymous }
        return Visitor(identity: try await sessions.session(token: token)?.identity)
    }
}
