import Transport

/// The header that proves who sent a message and when: `t=<seconds>,v1=<hexadecimal HMAC-SHA-256 of "t.body">`.
struct WebhookSignature: Sendable {
    /// How far the sender's clock, or a captured message, may be from now.
    static let tolerance: Milliseconds = 300 * Span.second

    let key: HMACKey

    /// The header for a message sent now.
    func header(for body: [UInt8], at now: Milliseconds) -> String {
        let seconds = String(now / Span.second)
        return "t=\(seconds),v1=\(Token.hexadecimal(code(seconds, body)))"
    }

    /// Whether the header was made with our key for this body within the tolerance.
    func isValid(_ header: String, for body: [UInt8], at now: Milliseconds) -> Bool {
        guard header.utf8.count <= 300 else { return false }
        var seconds: Substring?
        var codes: [[UInt8]] = []
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return false }
            if pair[0] == "t" { seconds = pair[1] }
            if pair[0] == "v1", let code = Token.bytes(hexadecimal: pair[1]) { codes.append(code) }
        }
        guard let seconds, seconds.utf8.count <= 12, let sentAt = Milliseconds(seconds),
            sentAt >= 0,
            abs(now - sentAt * Span.second) <= Self.tolerance
        else { return false }
        let expected = code(String(seconds), body)
        return codes.contains { Digest.isEqual($0, expected) }
    }

    private func code(_ seconds: String, _ body: [UInt8]) -> [UInt8] {
        key.authenticate(Array("\(seconds).".utf8) + body)
    }
}
