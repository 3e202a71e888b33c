import FoundationEssentials
import Transport

/// What the gateway says about the visitor of a request, in a signed header that lives a minute.
///
/// A compact JWS (RFC 7515) with the one algorithm EdDSA (RFC 8037): there is no choice of algorithm to get wrong.
struct Assertion: Sendable {
    private struct Header: Decodable {
        let alg: String
        let typ: String?
        let crit: [String]?
    }

    private struct Claims: Decodable {
        let iss: String
        let aud: String
        let sub: String
        let sid: String
        let role: String
        let iat: Int64
        let exp: Int64
        /// The events that the visitor was let through to.
        let adm: [Int64]?
    }

    /// What a token says.
    struct Statement: Sendable, Equatable {
        let identity: Identity
        let admittedEvents: Set<Int64>?
    }

    private static let leewaySeconds: Int64 = 5
    private static let lifetimeSeconds: Int64 = 60
    private static let byteLimit = 4096

    let key: Ed25519PublicKey

    /// The identity that a token asserts at `now`; nil unless every part of it is right.
    func identity(from token: String, at now: Milliseconds) -> Identity? {
        statement(in: token, at: now)?.identity
    }

    /// All that a token asserts at `now`; nil unless every part of it is right.
    func statement(in token: String, at now: Milliseconds) -> Statement? {
        guard token.utf8.count <= Self.byteLimit else { return nil }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), signature.count == 64
        else { return nil }
        let signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        guard let head = try? JSONDecoder().decode(Header.self, from: Data(header)),
            head.alg == "EdDSA",
            head.crit == nil, key.isValid(signature: signature, for: signed),
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(payload)),
            let identity = identity(claims, at: now / Span.second)
        else { return nil }
        return Statement(identity: identity, admittedEvents: claims.adm.map(Set.init))
    }

    private func identity(_ claims: Claims, at seconds: Int64) -> Identity? {
        let leeway = Self.leewaySeconds
        guard claims.iss == "haniel", claims.aud == "bookme",
            (0...253_402_300_799).contains(claims.exp), (0...253_402_300_799).contains(claims.iat),
            claims.exp > seconds - leeway, claims.exp <= seconds + Self.lifetimeSeconds + leeway,
            claims.iat <= seconds + leeway,
            let user = Int64(claims.sub), let role = Role(name: claims.role),
            claims.sid.utf8.count == 64, Token.bytes(hexadecimal: claims.sid) != nil
        else { return nil }
        return Identity(userId: user, sessionId: claims.sid.lowercased(), role: role)
    }
}
