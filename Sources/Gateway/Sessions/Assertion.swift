import Transport

/// The gateway's signed word on who a visitor is, for the upstream: a compact JWT (RFC 7519) signed with EdDSA
/// (RFC 8037).
///
/// Short-lived, so that one that leaks is worth little; the upstream accepts identity from nowhere else.
enum Assertion {
    /// How long one is valid, in seconds.
    static let lifetimeSeconds = 60
    private static let header = Base64URL.encode(Array(#"{"alg":"EdDSA","typ":"JWT"}"#.utf8))

    /// Signs `session`; nil if the key fails.
    static func sign(_ session: Session, with key: Ed25519PrivateKey, now: Int) -> String? {
        let claims = """
            {"iss":"haniel","aud":"bookme","sub":\(JSONValue.quoted(session.subject)),\
            "sid":\(JSONValue.quoted(session.id)),\
            "role":\(JSONValue.quoted(session.role)),\
            "iat":\(now),"exp":\(min(now + lifetimeSeconds, session.expiresAt))}
            """
        return sign(claims, with: key)
    }

    /// Signs that a request came through the waiting room of this name, whoever sent it; nil if the key fails.
    static func sign(admissionTo room: String, with key: Ed25519PrivateKey, now: Int) -> String? {
        let claims = """
            {"iss":"haniel","aud":"bookme","adm":\(JSONValue.quoted(room)),\
            "iat":\(now),"exp":\(now + lifetimeSeconds)}
            """
        return sign(claims, with: key)
    }

    private static func sign(_ claims: String, with key: Ed25519PrivateKey) -> String? {
        let signed = header + "." + Base64URL.encode(Array(claims.utf8))
        return key.sign(Array(signed.utf8)).map { signed + "." + Base64URL.encode($0) }
    }
}
