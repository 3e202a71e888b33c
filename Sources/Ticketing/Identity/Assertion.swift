import FoundationEssentials
import Transport

/// What the gateway says about the visitor of a request, in a signed header that lives a minute.
///
/// A compact JWS (RFC 7515) with the one algorithm EdDSA (RFC 8037): there is no choice of algorithm to get wrong.
struct Assertion: Sendable {
    private struct Header: Decodable {
        let alg: String
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
    }

    private struct Admission: Decodable {
        let iss: String
        let aud: String
        /// The waiting room that the request came through.
        let adm: String
        let iat: Int64
        let exp: Int64
    }

    private static let leewaySeconds: Int64 = 5
    private static let lifetimeSeconds: Int64 = 60
    private static let byteLimit = 4096

    let key: Ed25519PublicKey

    /// The identity that a token asserts at `now`; nil unless every part of it is right.
    func identity(from token: String, at now: Milliseconds) -> Identity? {
        guard let claims = claims(Claims.self, in: token),
            isOurs(claims.iss, claims.aud, claims.iat, claims.exp, at: now / Span.second),
            let user = Int64(claims.sub), let role = Role(name: claims.role),
            claims.sid.utf8.count == 64, Token.bytes(hexadecimal: claims.sid) != nil
        else { return nil }
        return Identity(userId: user, sessionId: claims.sid.lowercased(), role: role)
    }

    /// Whether a token asserts at `now` that its request came through a waiting room.
    func isAdmission(_ token: String, at now: Milliseconds) -> Bool {
        guard let claims = claims(Admission.self, in: token) else { return false }
        return !claims.adm.isEmpty
            && isOurs(claims.iss, claims.aud, claims.iat, claims.exp, at: now / Span.second)
    }

    /// What a token says that has our gateway's signature.
    private func claims<Claims: Decodable>(_ type: Claims.Type, in token: String) -> Claims? {
        guard token.utf8.count <= Self.byteLimit else { return nil }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), signature.count == 64
        else { return nil }
        let signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        guard let head = try? JSONDecoder().decode(Header.self, from: Data(header)),
            head.alg == "EdDSA",
            head.crit == nil, key.isValid(signature: signature, for: signed)
        else { return nil }
        return try? JSONDecoder().decode(type, from: Data(payload))
    }

    private func isOurs(
        _ issuer: String,
        _ audience: String,
        _ issuedAt: Int64,
        _ expiresAt: Int64,
        at seconds: Int64
    ) -> Bool {
        let (leeway, times) = (Self.leewaySeconds, 0...Int64(253_402_300_799))
        return issuer == "haniel" && audience == "bookme"
            && times.contains(expiresAt) && times.contains(issuedAt)
            && expiresAt > seconds - leeway
            && expiresAt <= seconds + Self.lifetimeSeconds + leeway
            && issuedAt <= seconds + leeway
    }
}
