import HTTP
import Transport

/// Finds out who the visitor is and whether the route is for them.
///
/// An answer of the store is remembered for seconds, so that a busy visitor costs the store little; a session that was
/// revoked lives on for at most that long, and in a Redis that tells of it not at all. If the store does not answer,
/// guarded routes fail closed (503) and open ones go on anonymously.
final class SessionStage {
    private let policy: SessionPolicy?
    private let lookup: SessionLookup
    private let news: SessionNews?
    private let reactor: Reactor
    private let date: DateField
    private var memory = SessionMemory()
    /// Whether it is told of sessions that are revoked.
    private var hearsNews = false

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
        let remembered = memory.entry(of: token, at: reactor.now)
        var entry: SessionMemory.Entry
        if let remembered { entry = remembered } else { entry = try await ask(token, policy) }
        guard let session = entry.session, session.expiresAt > date.seconds else { return }
        if entry.assertionUntil <= reactor.now, let key = policy.assertionKey {
            entry.assertion = Assertion.sign(session, with: key, now: date.seconds)
            entry.assertionUntil = reactor.now.advanced(
                byNanoseconds: UInt64(Assertion.lifetimeSeconds / 2) * 1_000_000_000
            )
            if entry.until > reactor.now { memory.keep(entry, of: token) }
        }
        exchange.session = session
        exchange.assertion = entry.assertion
    }

    /// What the store says now. It is remembered, unless it may have changed while it was on its way.
    private func ask(_ token: [UInt8], _ policy: SessionPolicy) async throws(Failure)
        -> SessionMemory.Entry
    {
        listen(policy)
        let asked = memory.beginQuestion()
        defer { memory.endQuestion() }
        let session = try await lookup.session(of: token, policy)
        guard memory.isCurrent(session, since: asked) else {
            return SessionMemory.Entry(session: session, until: reactor.now)
        }
        let until = reactor.now.advanced(byNanoseconds: policy.rememberNanoseconds)
        let entry = SessionMemory.Entry(session: session, until: until)
        memory.keep(entry, of: token)
        return entry
    }

    private func listen(_ policy: SessionPolicy) {
        guard policy.isInRedis, !hearsNews else { return }
        hearsNews = true
        news?.tell(self)
    }

    /// The store is asked again about a session.
    func forget(_ id: String) { memory.forget(id) }

    func forgetAll() { memory.forgetAll() }

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
