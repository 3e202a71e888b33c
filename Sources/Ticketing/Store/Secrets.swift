import Transport

/// The service's own keys. They are made once and kept in the database, so that all processes on it share them.
struct Secrets: Sendable {
    /// Signs tickets.
    let ticketKey: Ed25519PrivateKey
    /// Signs the sandbox provider's messages to us.
    let sandboxWebhook: HMACKey
    /// Derives the cart of a visitor who repeats a request without having received the first answer.
    let cart: HMACKey

    /// Reads the keys, making those that are missing.
    static func load(_ database: Database) throws -> Secrets {
        try database.prepare { connection in
            let pem = try value("ticket.signing", connection) {
                guard let key = Ed25519PrivateKey.generate() else {
                    throw SQLError.inconsistent("no signing key")
                }
                return key.pem
            }
            return Secrets(
                ticketKey: try Ed25519PrivateKey(pem: pem),
                sandboxWebhook: try hmac("webhook.sandbox", connection),
                cart: try hmac("cart", connection)
            )
        }
    }

    private static func hmac(_ name: String, _ connection: SQLConnection) throws -> HMACKey {
        let text = try value(name, connection) { Token.secret() }
        return HMACKey(Array(text.utf8))
    }

    private static func value(
        _ name: String,
        _ connection: SQLConnection,
        _ make: () throws -> String
    ) throws -> String {
        if let value = try read(name, connection) { return value }
        // Another process may be faster: then its value counts.
        try connection.run(
            "INSERT OR IGNORE INTO secrets(name, value) VALUES(?, ?)",
            [name, try make()]
        )
        guard let value = try read(name, connection) else {
            throw SQLError.inconsistent("a secret that was not kept")
        }
        return value
    }

    private static func read(_ name: String, _ connection: SQLConnection) throws -> String? {
        try connection.first(
            "SELECT value FROM secrets WHERE name = ?\(connection.dialect.forUpdate)",
            [name]
        ) { try $0.text(0) }
    }
}
