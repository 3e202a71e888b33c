import HTTPTypes
import Hummingbird

extension Shop {
    /// Throws `not-admitted` for an event with a waiting room, unless the gateway says that the request came
    /// through one. Without a gateway's key there is nobody to say so.
    func requireAdmission(of request: Request, to event: Event) throws(Problem) {
        guard event.waitingRoom, let key = settings.gatewayKey else { return }
        guard let name = HTTPField.Name.admission, let token = request.headers[name],
            Assertion(key: key).isAdmission(token, at: databaseClock.own.now())
        else { throw .notAdmitted }
    }
}

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
                let identity = assertion.identity(from: token, at: clock.now())
            else { return .anonymous }
            await sessions.noteUse(identity.sessionId)
            return Visitor(identity: identity)
        }
        guard let token = ShopCookie.session.value(in: request) else { return .anonymous }
        return Visitor(identity: try await sessions.session(token: token)?.identity)
    }
}
