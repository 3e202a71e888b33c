import HTTP

/// The response fields that tell a client about a limit, rendered without an allocation.
///
/// Source: draft-ietf-httpapi-ratelimit-headers.
struct RateLimitFields: Sendable {
    /// The value of `RateLimit-Policy`, which never changes for a limit.
    private let policy: [UInt8]
    /// What the value of `RateLimit` begins with.
    private let statePrefix: [UInt8]

    init(_ limit: RateLimit) {
        let name = Self.quoted(limit.name)
        policy = Array("\(name);q=\(limit.quota);w=\(limit.windowSeconds)".utf8)
        statePrefix = Array("\(name);r=".utf8)
    }

    /// Appends the value of `RateLimit-Policy`.
    func appendPolicy(to output: OutputBuffer) {
        output.append(policy)
    }

    /// Appends the value of `RateLimit`: what is left, and in how many seconds all of it is back.
    func appendState(_ decision: RateLimitDecision, to output: OutputBuffer) {
        output.append(statePrefix)
        output.append(decimal: decision.remaining)
        output.append(";t=")
        output.append(decimal: decision.resetSeconds)
    }

    /// Whether `appendState` wrote this.
    func isState(_ value: ByteView) -> Bool { value.prefix(statePrefix.count).bytes == statePrefix }

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
