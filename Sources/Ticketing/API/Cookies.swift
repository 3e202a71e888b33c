import HTTPTypes
import Hummingbird

/// The cookies of the service. `__Host-` binds them to this host and to TLS.
enum ShopCookie: String {
    /// The token of a session.
    case session = "__Host-bmh_sid"
    /// The token of a cart: what somebody without an account returns to.
    case cart = "__Host-bmh_cart"
    /// What a mail about an order says: who pays with it comes back to that order from the provider's page.
    case key = "__Host-bmh_key"

    private var length: Int { self == .key ? OrderSecret.length : 43 }

    /// The cookie's value in a request; nil if it is absent or not one of our tokens in shape.
    func value(in request: Request) -> String? {
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let trimmed = pair.drop { $0 == " " }
                guard trimmed.hasPrefix("\(rawValue)=") else { continue }
                let value = trimmed.dropFirst(rawValue.count + 1)
                return value.utf8.count == length ? String(value) : nil
            }
        }
        return nil
    }

    /// The header that sets it.
    func header(_ token: String, seconds: Milliseconds) -> String {
        "\(rawValue)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(seconds)"
    }

    /// The header that removes it.
    var clearingHeader: String { "\(rawValue)=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0" }

    /// The headers that remove them: who signs out leaves nothing behind.
    static var clearingHeaders: [String] { [session, cart, key].map(\.clearingHeader) }
}

extension SessionStore.Luggage {
    /// What comes with a request.
    init(of request: Request) {
        session = ShopCookie.session.value(in: request).map(Token.hash)
        cart = ShopCookie.cart.value(in: request).map(Token.hash)
    }
}

extension HTTPField.Name {
    /// The gateway's signed statement about the visitor.
    static let assertion = Self("Bmh-Assertion")
    /// The gateway's signed statement that the request came through a waiting room.
    static let admission = Self("Bmh-Admission")
    static let traceParent = Self("traceparent")
    static let idempotencyKey = Self("Idempotency-Key")
    static let idempotencyReplayed = Self("Idempotency-Replayed")
    static let secFetchSite = Self("Sec-Fetch-Site")
    static let waitingRoomCommand = Self("Waiting-Room-Command")
    static let referrerPolicy = Self("Referrer-Policy")
    static let requestID = Self("X-Request-Id")
}
