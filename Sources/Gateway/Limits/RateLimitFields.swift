/// The response fields that tell a client about a limit.
///
/// Sources: draft-ietf-httpapi-ratelimit-headers; RFC 9110 section 10.2.3 for `Retry-After`.
struct RateLimitFields: Hashable, Sendable {
    /// `RateLimit-Policy`, constant for a limit: render it once.
    let policy: String
    private let quotedName: String

    init(_ limit: RateLimit) {
        quotedName = Self.quoted(limit.name)
        policy = "\(quotedName);q=\(limit.quota);w=\(limit.windowSeconds)"
    }

    /// `RateLimit`: what is left, and in how many seconds all of it is back.
    func state(_ decision: RateLimitDecision) -> String {
        "\(quotedName);r=\(decision.remaining);t=\(decision.resetSeconds)"
    }

    /// Every field of an answer, `Retry-After` only on a refusal.
    func fields(_ decision: RateLimitDecision) -> [(String, String)] {
        var fields = [("RateLimit-Policy", policy), ("RateLimit", state(decision))]
        if !decision.allowed { fields.append(("Retry-After", "\(decision.retryAfterSeconds)")) }
        return fields
    }

    /// An RFC 9651 string; bytes it cannot hold are dropped, for a broken field would lose the whole line.
    private static func quoted(_ name: String) -> String {
        var result = "\""
        for byte in name.utf8 where byte >= 0x20 && byte < 0x7f {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { result += "\\" }
            result.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return result + "\""
    }
}
