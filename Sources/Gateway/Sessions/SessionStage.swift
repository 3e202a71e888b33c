import HTTP
import Transport

/// Finds out who the visitor is and whether the route is for them.
///
/// An answer of the store is remembered for seconds, so that a busy visitor costs the store little; a session that was
/// revoked lives on for at most that long, and in a Redis that tells of it not at all. If the store does not answer,
/// guarded routes fail closed (503) and open ones go on anonymously.
final class SessionStage {
    /// What is known about a token. `session` is nil for one that the store does not know.
    private struct Known {
        let session: Session?
        let until: Instant
        var assertion: String?
        var assertionUntil: Instant
    }

    private let policy: SessionPolicy?
    private let lookup: SessionLookup
    private let news: SessionNews?
    private let reactor: Reactor
    private let date: DateField
    private var known: [[UInt8]: Known] = [:]
    /// The tokens of sessions that are known, by their id.
    private var tokens: [String: [UInt8]] = [:]
    /// How often something was forgotten: what was asked before may be out of date when the answer comes.
    private var changeCount = 0

    /// Tokens remembered at once; beyond that all are forgotten, which costs lookups and nothing else.
    private static let rememberedLimit = 10_000
    private static let tokenBytesLimit = 256

    init(
        _ policy: SessionPolicy?,
        lookup: SessionLookup,
        news: SessionNews?,
        reactor: Reactor,
        date: DateField
    ) {
        self.policy = policy
        self.lookup = lookup
        self.news = news
        self.reactor = reactor
        self.date = date
    }

    /// Refuses with 401 a visitor without the session that the route asks for, with 403 one of another role.
    @inline(__always)
    func verify(_ exchange: Exchange, _ route: Route) async throws(Failure) -> Response? {
        if let policy, let token = token(in: exchange.head, policy) {
            do throws(Failure) {
                try await identify(exchange, token, policy)
            } catch {
                guard route.session == .none else { throw error }
            }
        }
        return refusal(exchange, route)
    }

    /// The token that the client sent, if it could be one.
    private func token(in head: RequestHead, _ policy: SessionPolicy) -> [UInt8]? {
        let token = unsafe policy.cookie.withUnsafeBytes { name in
            unsafe Cookies(head.fields).first(named: ByteView(name))
        }
        guard let token, !token.isEmpty, token.count <= Self.tokenBytesLimit else { return nil }
        return token.bytes
    }

    private func identify(_ exchange: Exchange, _ token: [UInt8], _ policy: SessionPolicy)
        async throws(Failure)
    {
        var entry: Known
        if let remembered = known[token], remembered.until > reactor.now {
            entry = remembered
        } else {
            if policy.isInRedis { news?.tell(self) }
            let count = changeCount
            let session = try await lookup.session(of: token, policy)
            let until = reactor.now.advanced(
                byNanoseconds: changeCount == count ? policy.rememberNanoseconds : 0
            )
            entry = Known(session: session, until: until, assertionUntil: Instant(nanoseconds: 0))
        }
        guard let session = entry.session, session.expiresAt > date.seconds else {
            return remember(entry, token)
        }
        if entry.assertionUntil <= reactor.now, let key = policy.assertionKey {
            entry.assertion = Assertion.sign(session, with: key, now: date.seconds)
            entry.assertionUntil = reactor.now.advanced(
                byNanoseconds: UInt64(Assertion.lifetimeSeconds / 2) * 1_000_000_000
            )
        }
        remember(entry, token)
        exchange.session = session
        exchange.assertion = entry.assertion
    }

    private func remember(_ entry: Known, _ token: [UInt8]) {
        if known.count >= Self.rememberedLimit, known[token] == nil {
            forgetAll()
        }
        known[token] = entry
        if let session = entry.session { tokens[session.id] = token }
    }

    /// The store is asked again about a session.
    func forget(_ id: String) {
        changeCount += 1
        if let token = tokens.removeValue(forKey: id) { known[token] = nil }
    }

    func forgetAll() {
        changeCount += 1
        known.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
    }

    private func refusal(_ exchange: Exchange, _ route: Route) -> Response? {
        switch route.session {
        case .none: return nil
        case .user where exchange.session != nil: return nil
        case .role(let role) where exchange.session?.role == role: return nil
        default: break
        }
        guard exchange.session == nil else {
            return Page.answer(
                status: 403,
                reason: "role",
                text: "Your account may not come here.",
                for: exchange
            )
        }
        return Page.answer(
            status: 401,
            reason: "session",
            text: "Please sign in first.",
            for: exchange
        )
    }
}
