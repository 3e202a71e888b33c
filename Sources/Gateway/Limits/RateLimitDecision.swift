/// What a limit says about one request.
struct RateLimitDecision: Hashable, Sendable {
    let allowed: Bool
    /// The quota the limit was configured with.
    let limit: Int
    /// Requests that would be accepted at once right after this one.
    let remaining: Int
    /// Seconds, rounded up, until the whole burst is available again.
    let resetSeconds: Int
    /// Seconds until a retry is accepted if nothing else comes meanwhile; 0 if allowed, else at least 1.
    let retryAfterSeconds: Int
}

extension RateLimitDecision {
    /// A refusal for so long, whatever the rate says.
    static func refused(_ limit: RateLimit, forNanoseconds span: UInt64) -> RateLimitDecision {
        let seconds = Int(clamping: span / 1_000_000_000 + (span % 1_000_000_000 == 0 ? 0 : 1))
        return RateLimitDecision(
            allowed: false,
            limit: limit.quota,
            remaining: 0,
            resetSeconds: seconds,
            retryAfterSeconds: max(seconds, 1)
        )
    }
}
