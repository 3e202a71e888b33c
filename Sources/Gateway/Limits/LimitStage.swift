import HTTP
import Locations
import Synchronization
import Transport

/// A rate limit of the configuration, with everything rendered that does not change.
final class LimitPolicy: Sendable {
    let limit: RateLimit
    /// What this gateway may let through alone when the others cannot be asked.
    let share: RateLimit
    let fields: RateLimitFields
    let key: Configuration.RateLimitKey
    /// The header's name as bytes, for limits keyed by a header.
    let headerName: [UInt8]
    /// Statuses whose responses are counted; empty counts every request.
    let statuses: Set<Int>
    /// The field of the backend's response that says what a request cost; nil for one each.
    let costHeader: [UInt8]?
    /// How long a key is refused once it went beyond the limit.
    let mitigationNanoseconds: UInt64
    /// Whether requests beyond the limit are only counted.
    let isDryRun: Bool
    /// Gateways that share the limit through Redis; 1 for a limit of this gateway's own.
    let gatewayCount: Int
    /// Requests beyond the limit: refused, or let through by a dry run.
    let exceeded = Atomic<Int>(0)

    init(_ configuration: Configuration.RateLimit) {
        limit = RateLimit(
            name: configuration.name,
            quota: configuration.rate.count,
            windowSeconds: Int(configuration.rate.period.components.seconds),
            burst: configuration.burst
        )
        gatewayCount = max(configuration.gateways, 1)
        share = RateLimit(
            name: configuration.name,
            quota: max(limit.quota / gatewayCount, 1),
            windowSeconds: limit.windowSeconds,
            burst: max(limit.burst / gatewayCount, 1)
        )
        fields = RateLimitFields(limit)
        key = configuration.key
        headerName =
            if case .header(let name) = configuration.key { Array(name.lowercased().utf8) } else {
                []
            }
        statuses = Set(configuration.statuses)
        costHeader = configuration.costHeader.map { Array($0.lowercased().utf8) }
        mitigationNanoseconds = configuration.mitigation.wholeNanoseconds
        isDryRun = configuration.dryRun
    }

    /// Whether what a request counts is known only from its response.
    var countsResponses: Bool { !statuses.isEmpty }
    /// Whether other gateways count against the same limit.
    var isShared: Bool { gatewayCount > 1 }
}

/// Counts requests against the limits of their route and refuses what is over.
///
/// Redis away (R5): a limit that gateways share is kept by each of them at its part of it.
struct LimitStage {
    let limiter: RateLimiter
    let leases: LimitLeases?
    let reactor: Reactor
    let counters: WorkerCounters

    /// What answers cost is charged in so many tasks of a worker at most. Beyond that answers wait for it: Redis does
    /// not keep up.
    static let chargeLimit = 1_024

    /// A 429 with a true `Retry-After` if a limit of the route is reached; nil lets the request pass, with the state of
    /// the last limit added to its response.
    @inline(__always)
    func check(_ exchange: Exchange, _ route: Route) async -> Response? {
        guard !route.limits.isEmpty else { return nil }
        if let refusal = firstRefusal(exchange, route) { return refusal }
        for policy in route.limits where policy.key != .session {
            if let refusal = await count(exchange, policy) { return refusal }
        }
        return nil
    }

    /// The refusal by one limit of several, looked for first: the request then uses nothing of the others.
    private func firstRefusal(_ exchange: Exchange, _ route: Route) -> Response? {
        guard route.limits.count > 1 else { return nil }
        let now = reactor.now.nanoseconds
        for policy in route.limits
        where policy.key != .session && !policy.isShared && !policy.isDryRun {
            let key = key(exchange, policy)
            if let refused = standingRefusal(key, policy, now) {
                return conclude(refused, policy, exchange)
            }
            let decision = limiter.look(key: key, against: policy.limit, nowNanoseconds: now)
            guard !decision.allowed else { continue }
            return conclude(block(key, policy, decision, now), policy, exchange)
        }
        return nil
    }

    /// The same for limits per session, which can be counted only once the session is known to be one: a cookie that a
    /// client has made up would be a new key each time.
    @inline(__always)
    func checkSession(_ exchange: Exchange, _ route: Route) async -> Response? {
        guard !route.limits.isEmpty else { return nil }
        for policy in route.limits where policy.key == .session {
            if let refusal = await count(exchange, policy) { return refusal }
        }
        return nil
    }

    /// Counts what only the response tells, once: statuses, whoever answers, and what the backend says a request cost.
    ///
    /// - Parameter fields: those of the backend's response, if it was the backend that answered.
    @inline(__always)
    func settle(_ exchange: Exchange, status: Int, fields: FieldSection? = nil) async {
        guard let route = exchange.route, !route.limits.isEmpty, !exchange.isSettled else { return }
        exchange.isSettled = true
        await settle(exchange, status, fields, route)
    }

    private func settle(
        _ exchange: Exchange,
        _ status: Int,
        _ fields: FieldSection?,
        _ route: Route
    ) async {
        for policy in route.limits where policy.countsResponses || policy.costHeader != nil {
            guard policy.statuses.isEmpty || policy.statuses.contains(status) else { continue }
            // A request that was counted as one already owes the rest.
            let cost = Self.cost(fields, policy) - (policy.countsResponses ? 0 : 1)
            guard cost > 0 else { continue }
            let left = await charge(key(exchange, policy), cost, policy)
            if let left, !policy.isDryRun { renewState(left, policy, exchange) }
        }
    }

    /// What is left; nil if only Redis could tell, for which no answer waits.
    private func charge(_ key: UInt64, _ cost: Int, _ policy: LimitPolicy) async
        -> RateLimitDecision?
    {
        let now = reactor.now.nanoseconds
        if let leases, policy.isShared {
            let (owed, left) = leases.pay(key, cost: cost, policy, now: now)
            if owed > 0 { await charge(key, owed: owed, policy, leases) }
            return left
        }
        limiter.charge(key: key, cost: cost, against: policy.limit, nowNanoseconds: now)
        return limiter.look(key: key, against: policy.limit, nowNanoseconds: now)
    }

    private func charge(_ key: UInt64, owed: Int, _ policy: LimitPolicy, _ leases: LimitLeases)
        async
    {
        let isCrowded = counters.chargesUnderWay.load(ordering: .relaxed) >= Self.chargeLimit
        counters.chargesUnderWay.add(1, ordering: .relaxed)
        let charge = { @Sendable [reactor, limiter, counters] in
            await leases.charge(key, owed: owed, policy, limiter) { reactor.now.nanoseconds }
            counters.chargesUnderWay.subtract(1, ordering: .relaxed)
        }
        if isCrowded { await charge() } else { reactor.spawn(charge) }
    }

    /// Has the answer say what is left after it.
    private func renewState(
        _ decision: RateLimitDecision,
        _ policy: LimitPolicy,
        _ exchange: Exchange
    ) {
        exchange.addedFields.removeAll { _, value in policy.fields.isState(value) }
        exchange.addedFields.append("ratelimit") { policy.fields.appendState(decision, to: $0) }
    }

    private static func cost(_ fields: FieldSection?, _ policy: LimitPolicy) -> Int {
        guard let name = policy.costHeader, let text = fields?.first(named: name) else { return 1 }
        return text.decimal.map { min($0, 1_000_000) } ?? 1
    }

    @inline(__always)
    private func count(_ exchange: Exchange, _ policy: LimitPolicy) async -> Response? {
        let now = reactor.now.nanoseconds
        let key = key(exchange, policy)
        if let refused = standingRefusal(key, policy, now) {
            return conclude(refused, policy, exchange)
        }
        var decision: RateLimitDecision
        if let leases, policy.isShared {
            decision = await leases.check(key, policy, limiter) { reactor.now.nanoseconds }
        } else {
            decision = decide(key, policy, now)
        }
        if !decision.allowed {
            decision = block(key, policy, decision, reactor.now.nanoseconds)
        }
        return conclude(decision, policy, exchange)
    }

    /// What a key gets that went beyond the limit a while ago; nil for one that did not.
    private func standingRefusal(_ key: UInt64, _ policy: LimitPolicy, _ now: UInt64)
        -> RateLimitDecision?
    {
        guard policy.mitigationNanoseconds > 0 else { return nil }
        let blocked = limiter.blockedNanoseconds(key: key, nowNanoseconds: now)
        return blocked > 0 ? .refused(policy.limit, forNanoseconds: blocked) : nil
    }

    private func decide(_ key: UInt64, _ policy: LimitPolicy, _ now: UInt64) -> RateLimitDecision {
        policy.countsResponses
            ? limiter.look(key: key, against: policy.limit, nowNanoseconds: now)
            : limiter.check(key: key, against: policy.limit, nowNanoseconds: now)
    }

    /// Refuses a key that goes beyond the limit also for a while from now on, if the limit says so.
    private func block(
        _ key: UInt64,
        _ policy: LimitPolicy,
        _ decision: RateLimitDecision,
        _ now: UInt64
    ) -> RateLimitDecision {
        guard policy.mitigationNanoseconds > 0 else { return decision }
        let until = now + policy.mitigationNanoseconds
        limiter.block(key: key, until: until, nowNanoseconds: now)
        let blocked = RateLimitDecision.refused(
            policy.limit,
            forNanoseconds: policy.mitigationNanoseconds
        )
        return blocked.retryAfterSeconds > decision.retryAfterSeconds ? blocked : decision
    }

    private func conclude(
        _ decision: RateLimitDecision,
        _ policy: LimitPolicy,
        _ exchange: Exchange
    ) -> Response? {
        if policy.isDryRun {
            if !decision.allowed { policy.exceeded.add(1, ordering: .relaxed) }
            return nil
        }
        exchange.addedFields.append("ratelimit-policy") { policy.fields.appendPolicy(to: $0) }
        exchange.addedFields.append("ratelimit") { policy.fields.appendState(decision, to: $0) }
        guard !decision.allowed else { return nil }
        policy.exceeded.add(1, ordering: .relaxed)
        return refusal(exchange, policy, decision)
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

    /// A request without the session, country or header that a limit counts by is counted by its client.
    private func key(_ exchange: Exchange, _ policy: LimitPolicy) -> UInt64 {
        switch policy.key {
        case .client: break
        case .session:
            if let session = exchange.session {
                return limiter.key(Array(session.id.utf8).span, policy.limit)
            }
        case .fingerprint:
            if !exchange.fingerprint.isEmpty {
                return limiter.key(exchange.fingerprint.bytes.span, policy.limit)
            }
        case .country:
            if let country = exchange.country {
                return limiter.key(country.letters.span, policy.limit)
            }
        case .header:
            if let value = exchange.head.fields.first(named: policy.headerName) {
                return limiter.key(value.bytes.span, policy.limit)
            }
        }
        return limiter.key(ClientPrefix(exchange.client), policy.limit)
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
