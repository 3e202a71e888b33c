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
        context.visitor = Visitor(
            identity: try await identity(of: request),
            cartHash: ShopCookie.cart.value(in: request).map(Token.hash)
        )
        return try await next(request, context)
    }

    private func identity(of request: Request) async throws -> Identity? {
        if let assertion {
            guard let name = HTTPField.Name.assertion, let token = request.headers[name] else {
                return nil
            }
            return assertion.identity(from: token, at: clock.now())
        }
        guard let token = ShopCookie.session.value(in: request) else { return nil }
        return try await sessions.session(token: token)?.identity
    }
}
