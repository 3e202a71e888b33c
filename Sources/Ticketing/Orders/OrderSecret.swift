import Transport

/// Lets a guest come back to an order from the mail about it: a code that only we can make, and that opens one order.
struct OrderSecret: Sendable {
    /// How many characters a secret has.
    static let length = 22

    let key: HMACKey

    /// The secret of an order.
    func text(for code: String) -> String {
        Base64URL.encode(Array(key.authenticate(Array("order:\(code)".utf8)).prefix(16)))
    }

    /// Whether somebody was sent this secret for this order.
    func isValid(_ secret: String, for code: String) -> Bool {
        secret.utf8.count == Self.length
            && Digest.isEqual(Array(secret.utf8), Array(text(for: code).utf8))
    }
}
