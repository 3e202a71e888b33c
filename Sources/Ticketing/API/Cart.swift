import HTTPTypes
import Hummingbird
import Transport

/// Gives people without an account something to come back with.
struct Cart: Sendable {
    /// How long a cart's cookie lives.
    private static let lifetimeSeconds: Milliseconds = 7 * 24 * 3600
    /// A key of this length with so many different characters is taken to be unguessable, as a UUID is.
    private static let unguessable = (length: 16, variety: 8)

    let shop: Shop

    /// The visitor with a cart, and the token of the cart if it is new.
    ///
    /// Somebody who repeats a first request under the same unguessable key, since the answer was lost, gets the same
    /// cart again: otherwise the seats would be held for a cookie that nobody has. A key that comes with
    /// another wish is another visitor's.
    func visitor(
        for request: Request,
        _ visitor: Visitor,
        body: [UInt8] = []
    ) -> (visitor: Visitor, newCart: String?) {
        if visitor.identity != nil || visitor.cartHash != nil { return (visitor, nil) }
        let token = repeatable(request, body) ?? Token.secret()
        var visitor = visitor
        visitor.cartHash = Token.hash(token)
        return (visitor, token)
    }

    private func repeatable(_ request: Request, _ body: [UInt8]) -> String? {
        guard let name = HTTPField.Name.idempotencyKey, let key = request.headers[name],
            key.utf8.count >= Self.unguessable.length,
            Set(key.utf8).count >= Self.unguessable.variety
        else { return nil }
        let wish = Array("\(key)\n".utf8) + request.fingerprint(body)
        return Base64URL.encode(shop.secrets.cart.authenticate(wish))
    }

    /// The header that hands a cart to the visitor.
    static func header(_ token: String) -> String {
        ShopCookie.cart.header(token, seconds: lifetimeSeconds)
    }
}
