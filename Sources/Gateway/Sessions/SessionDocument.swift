/// Reads the JSON object that a session store answers with.
///
/// The store is trusted but its text is bytes from a network: what is not exactly such an object is no session.
enum SessionDocument {
    private static let limitBytes = 4096

    /// The session; nil if `bytes` are not an object with the members `sub`, `sid`, `role` and `exp`, each name once.
    static func parse(_ bytes: [UInt8]) -> Session? {
        guard bytes.count <= limitBytes, let document = try? JSONReader.read(bytes[...], .utf8),
            case .object(let members) = document,
            Set(members.map { $0.key }).count == members.count,
            case .bytes(let subject) = document["sub"], case .bytes(let id) = document["sid"],
            case .bytes(let role) = document["role"], case .integer(let end) = document["exp"]
        else { return nil }
        return Session(
            subject: String(decoding: subject, as: UTF8.self),
            id: String(decoding: id, as: UTF8.self),
            role: String(decoding: role, as: UTF8.self),
            expiresAt: end
        )
    }
}
