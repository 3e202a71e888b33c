import HTTPTypes
import Hummingbird
import Transport

/// Gives people without an account something to come back with.
struct Cart: Sendable {
    /// How long a cart's cookie lives.
    private static let lifetimeSeconds: Milliseconds = 7 * 24 * 3600
    /// From this length on an idempotency key is taken to be unguessable.
    private static let unguessableKeyLength = 16

    let shop: Shop

    /// The visitor with a cart, and the token of the cart if it is new.
    ///
    /// Somebody who repeats a first request under the same unguessable key, since the answer was lost, gets the same
    /// cart again: otherwise the seats would be held for a cookie that nobody has.
    func visitor(for request: Request, _ visitor: Visitor) -> (visitor: Visitor, newCart: String?) {
        if visitor.identity != nil || visitor.cartHash != nil { return (visitor, nil) }
        let token = repeatable(request) ?? Token.secret()
        var visitor = visitor
        visitor.cartHash = Token.hash(token)
        return (visitor, token)
    }

    private func repeatable(_ request: Request) -> String? {
        guard let name = HTTPField.Name.idempotencyKey, let key = request.headers[name],
            key.utf8.count >= Self.unguessableKeyLength
        else { return nil }
        return Base64URL.encode(shop.secrets.cart.authenticate(Array(key.utf8)))
    }

    /// The header that hands a cart to the visitor.
    static func header(_ token: String) -> String {
        ShopCookie.cart.header(token, seconds: lifetimeSeconds)
    }
}
