import HTTP

/// Sessions: what the admission cookie of a request amounts to.
extension WaitingRoom {
    /// A session that goes on.
    struct Standing: Sendable {
        let pass: Pass
        let setCookies: [String]
    }

    /// The session of an admission cookie; nil if it is none, or over.
    ///
    /// The usual case costs one authentication code and one look at the store's memory.
    func resume(_ admission: TokenReader, _ request: WaitingRequest) async -> Standing? {
        guard let pass = pass(admission, request) else { return nil }
        let now = environment.now()
        if case .active(let until) = store.touch(pass.session, now: now) {
            return standing(pass, until: until, now: now, request)
        }
        let longest = sessionMilliseconds + resignMilliseconds + Self.answerMilliseconds
        guard pass.untilMilliseconds > now || pass.signedMilliseconds + longest > now,
            let until = await end(of: pass.session, trusted: pass.untilMilliseconds, now: now)
        else { return nil }
        return standing(pass, until: until, now: now, request)
    }

    /// The session that a ticket has become, for an app that sends nothing else: the same as with its admission, and
    /// for the same kind of client alone.
    func resume(_ ticket: Ticket, _ request: WaitingRequest, now: Int64) async -> Pass? {
        // Who is still in line is told so without a look at the store.
        guard isCalled(ticket) else { return nil }
        let session = ticket.session(binding: request.binding)
        var until: Int64?
        if case .active(let known) = store.touch(session, now: now) { until = known }
        if until == nil { until = await end(of: session, trusted: 0, now: now) }
        return until.map { pass(ticket.epoch, session, until: $0, now: now, request) }
    }

    /// Puts off the end of a session that is not known to go on; nil if it is over.
    ///
    /// - Parameter trusted: until when it goes on in any case, as was signed: for a lease. The store knows it to its
    ///   end, and so does this node if it saw it.
    private func end(of session: SessionID, trusted: Int64, now: Int64) async -> Int64? {
        let isTrusted = trusted > now
        guard isTrusted || isAway || environment.allows(session.bytes) else { return nil }
        do throws(QueueStoreError) {
            return try await store.renew(session, adopts: isTrusted, now: now)
        } catch {
            // Nobody else gets in while the store is away, so a session may go on without it; or others do, who have
            // no better right.
            guard let end = store.extend(session, until: trusted, now: now) else { return nil }
            return settings.onStoreLoss == .open ? max(end, now + sessionMilliseconds) : end
        }
    }

    /// Whether the turn of a ticket may have come, so that there may be a session of it.
    private func isCalled(_ ticket: Ticket) -> Bool {
        let snapshot = store.snapshot()
        return (ticket.kind == .invited || ticket.position <= snapshot.serving)
            && snapshot.covers(epoch: ticket.epoch)
    }

    /// An admission cookie in this process's time: what is signed is in the store's, in which all gateways agree.
    private func pass(_ admission: TokenReader, _ request: WaitingRequest) -> Pass? {
        Pass(admission, keys: keys, binding: request.binding)?.shifted(by: -store.clockOffset)
    }

    /// What a visitor keeps of a pass.
    func text(of pass: Pass) -> String {
        pass.shifted(by: store.clockOffset).text(room: settings.name, keys: keys)
    }

    /// A moment of this process as the store counts it, in seconds: what tickets and codes are signed and read with.
    func signingSeconds(_ now: Int64) -> Int64 { (now + store.clockOffset) / 1_000 }

    /// The session that a request shows, whether it goes on or not.
    func session(of request: WaitingRequest) -> SessionID? {
        if request.showsTicketAlone {
            guard let ticket = numberedTicket(of: request), isCalled(ticket) else { return nil }
            return ticket.session(binding: request.binding)
        }
        return request.admission.flatMap { Pass($0, keys: keys, binding: request.binding) }?.session
    }

    private func standing(_ pass: Pass, until: Int64, now: Int64, _ request: WaitingRequest)
        -> Standing
    {
        guard now - pass.signedMilliseconds >= resignMilliseconds else {
            return Standing(pass: pass, setCookies: [])
        }
        let renewed = self.pass(pass.epoch, pass.session, until: until, now: now, request)
        return Standing(pass: renewed, setCookies: cookies(keeping: text(of: renewed), request))
    }

    /// The values that make a browser keep an admission.
    func cookies(keeping pass: String, _ request: WaitingRequest) -> [String] {
        cookies(isSecure: request.isSecure).admission.set(pass, request.cookies.admission)
    }

    /// What is signed is good without the store for a lease, and never longer than the store's own end.
    func pass(
        _ epoch: Int64,
        _ session: SessionID,
        until: Int64,
        now: Int64,
        _ request: WaitingRequest
    ) -> Pass {
        Pass(
            epoch: epoch,
            session: session,
            signedMilliseconds: now,
            untilMilliseconds: min(until, now + leaseMilliseconds) - Self.skewMilliseconds,
            binding: request.binding
        )
    }

    /// What gateways know of the store's clock may be this far apart.
    private static let skewMilliseconds: Int64 = 250

    /// A session counts from its last answer, and what was signed with the request may be so much older.
    private static let answerMilliseconds: Int64 = 120_000

    var sessionMilliseconds: Int64 { Int64(max(live.sessionSeconds, 1)) * 1_000 }

    private var leaseMilliseconds: Int64 {
        min(Int64(max(settings.leaseSeconds, 1)) * 1_000, sessionMilliseconds)
    }

    /// Signed again each quarter of a lease, and of a session if that is shorter.
    private var resignMilliseconds: Int64 { leaseMilliseconds / 4 }
}
