import HTTP
import Transport

/// A rate limit of the configuration, with everything rendered that does not change.
final class LimitPolicy: Sendable {
    let limit: RateLimit
    let fields: RateLimitFields
    let key: Configuration.RateLimitKey
    /// The header's name as bytes, for limits keyed by a header.
    let headerName: [UInt8]

    init(_ configuration: Configuration.RateLimit) {
        limit = RateLimit(
            name: configuration.name,
            quota: configuration.rate.count,
            windowSeconds: Int(configuration.rate.period.components.seconds),
            burst: configuration.burst
        )
        fields = RateLimitFields(limit)
        key = configuration.key
        headerName =
            if case .header(let name) = configuration.key { Array(name.lowercased().utf8) } else {
                []
            }
    }
}

/// Counts requests against the limits of their route and refuses what is over.
struct LimitStage {
    let limiter: RateLimiter
    let reactor: Reactor

    /// A 429 with a true `Retry-After` if a limit of the route is reached; nil lets the request pass, with the state of
    /// the last limit added to its response.
    func check(_ exchange: Exchange, _ route: Route) -> Response? {
        guard !route.limits.isEmpty else { return nil }
        for policy in route.limits where policy.key != .session {
            if let refusal = count(exchange, policy) { return refusal }
        }
        return nil
    }

    /// The same for limits per session, which can be counted only once the session is known to be one: a cookie that a
    /// client has made up would be a new key each time.
    func checkSession(_ exchange: Exchange, _ route: Route) -> Response? {
        guard !route.limits.isEmpty else { return nil }
        for policy in route.limits where policy.key == .session {
            if let refusal = count(exchange, policy) { return refusal }
        }
        return nil
    }

    private func count(_ exchange: Exchange, _ policy: LimitPolicy) -> Response? {
        let decision = decide(exchange, policy)
        exchange.addedFields.append("ratelimit-policy") { policy.fields.appendPolicy(to: $0) }
        exchange.addedFields.append("ratelimit") { policy.fields.appendState(decision, to: $0) }
        return decision.allowed ? nil : refusal(exchange, policy, decision)
    }

    private func refusal(_ exchange: Exchange, _ policy: LimitPolicy, _ decision: RateLimitDecision)
        -> Response
    {
        var response = Page.answer(
            status: 429,
            reason: "rate-limit-\(policy.limit.name)",
            text: "Too many requests. Please try again in \(decision.retryAfterSeconds) seconds.",
            for: exchange
        )
        response.fields.append(("retry-after", "\(decision.retryAfterSeconds)"))
        return response
    }

    /// A request without the session or header that a limit counts by is counted by its client.
    private func decide(_ exchange: Exchange, _ policy: LimitPolicy) -> RateLimitDecision {
        let now = reactor.now.nanoseconds
        switch policy.key {
        case .client: break
        case .session:
            if let session = exchange.session {
                let key = Array(session.id.utf8)
                return limiter.check(key.span, against: policy.limit, nowNanoseconds: now)
            }
        case .fingerprint:
            if !exchange.fingerprint.isEmpty {
                let key = exchange.fingerprint.bytes
                return limiter.check(key.span, against: policy.limit, nowNanoseconds: now)
            }
        case .header:
            if let value = exchange.head.fields.first(named: policy.headerName) {
                return limiter.check(value.bytes.span, against: policy.limit, nowNanoseconds: now)
            }
        }
        return limiter.check(
            ClientPrefix(exchange.client),
            against: policy.limit,
            nowNanoseconds: now
        )
    }
}

extension ClientPrefix {
    /// The prefix that `address` belongs to.
    init(_ address: IPAddress) {
        if address.isIPv6 {
            self.init(ipv6High: address.high, low: address.low)
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.low))
        }
    }
}

extension FieldSection {
    /// The value of the first field of this name, given in lower case.
    func first(named name: [UInt8]) -> ByteView? {
        unsafe name.withUnsafeBytes { unsafe first(named: ByteView($0)) }
    }
}
