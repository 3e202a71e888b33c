/// Sessions and places: what the cookies of a request amount to.
extension WaitingRoom {
    /// A session that goes on.
    struct Standing: Sendable {
        let pass: Pass
        let setCookies: [String]
    }

    /// Where a visitor without a session turns out to be.
    enum Whereabouts: Sendable {
        case inside(Pass, setCookies: [String])
        case outside(WaitingStatus, setCookies: [String])
    }

    /// The session of an admission cookie; nil if it is none, or over.
    ///
    /// The usual case costs one authentication code and one look at the store's memory.
    func resume(_ bytes: [UInt8], _ request: WaitingRequest) async -> Standing? {
        guard let pass = Pass(bytes, room: settings.name, keys: keys, binding: request.binding)
        else { return nil }
        let now = environment.now()
        if case .active(let until) = store.touch(pass.session, now: now) {
            return standing(pass, until: until, now: now, request)
        }
        // A session outlives its signed end by at most the time between two signatures.
        guard pass.untilMilliseconds + resignMilliseconds > now else { return nil }
        do {
            guard let until = try await store.renew(pass.session, now: now) else { return nil }
            return standing(pass, until: until, now: now, request)
        } catch {
            // Nobody else gets in while the store is away, so a session may go on without it.
            return pass.untilMilliseconds > now ? Standing(pass: pass, setCookies: []) : nil
        }
    }

    /// The place of a visitor without a session: keeps it, takes the turn if it has come, or gives out a new one.
    func place(_ request: WaitingRequest, joins: Bool, holds: Bool) async -> Whereabouts {
        let ticket = ticket(of: request)
        do throws(QueueStoreError) {
            if let ticket, !ticket.isProvisional,
                let found = try await turn(ticket, request, holds: holds)
            {
                return found
            }
            guard joins || ticket?.isProvisional == true else { return nowhere(ticket) }
            guard settings.mode != .closed else { return turnedAway(.roomClosed) }
            let now = environment.now()
            // Short, since who never comes back would hold a slot that long; the answer puts it off by its poll.
            guard let place = try await store.join(aliveUntil: now + 4_000, now: now) else {
                return turnedAway(.lineFull)
            }
            let joined = Ticket(
                epoch: place.epoch,
                position: place.position,
                id: ticket?.isProvisional == true ? ticket?.id ?? newID() : newID(),
                issuedSeconds: now / 1_000,
                keys: keys
            )
            let setCookie = cookies(isSecure: request.isSecure).setPlace(
                joined.text(room: settings.name, keys: keys)
            )
            switch try await turn(joined, request, holds: false) {
            case .inside(let pass, let setCookies): return .inside(pass, setCookies: setCookies)
            case .outside(let status, _): return .outside(status, setCookies: [setCookie])
            case nil: return nowhere(joined)
            }
        } catch {
            return storeAway(ticket, request)
        }
    }

    func ticket(of request: WaitingRequest) -> Ticket? {
        guard let bytes = request.placeCookie ?? request.ticketField else { return nil }
        return Ticket(bytes, room: settings.name, keys: keys, nowSeconds: environment.now() / 1_000)
    }

    /// Takes the turn of a ticket if it has come; nil if the ticket is spent.
    private func turn(
        _ ticket: Ticket,
        _ request: WaitingRequest,
        holds: Bool
    ) async throws(QueueStoreError) -> Whereabouts? {
        let start = environment.now()
        let session = ticket.session(binding: request.binding)
        while true {
            let now = environment.now()
            let status = queued(ticket, now: now)
            let aliveUntil = now + 2_000 * (status.pollSeconds ?? 30) + 2_000
            switch try await claim(ticket, session: session, aliveUntil: aliveUntil, now: now) {
            case .admitted(let until):
                return admitted(ticket, session: session, until: until, now: now, request)
            case .spent: return nil
            case .later(let milliseconds) where now + milliseconds - start <= 5_000:
                await environment.pause(max(milliseconds, 1))
            case .later, .waiting:
                let ahead = status.ahead ?? .max
                guard holds, pauseReason == nil, await hold(ahead, heldMilliseconds: now - start)
                else {
                    return .outside(status, setCookies: [])
                }
            }
        }
    }

    /// Asks the store only where the turn may have come: all other polls are answered from the snapshot.
    private func claim(
        _ ticket: Ticket,
        session: SessionID,
        aliveUntil: Int64,
        now: Int64
    ) async throws(QueueStoreError) -> QueueClaim {
        let snapshot = store.snapshot()
        guard ticket.epoch >= snapshot.epoch else { return .spent }
        guard ticket.position <= snapshot.serving || ticket.epoch > snapshot.epoch else {
            store.mark(ticket.position, aliveUntil: aliveUntil)
            return .waiting
        }
        let place = QueuePlace(epoch: ticket.epoch, position: ticket.position)
        return try await store.claim(
            QueueTurn(place: place, session: session, aliveUntil: aliveUntil),
            now: now
        )
    }

    private func admitted(
        _ ticket: Ticket,
        session: SessionID,
        until: Int64,
        now: Int64,
        _ request: WaitingRequest
    ) -> Whereabouts {
        let pass = Pass(
            epoch: ticket.epoch,
            session: session,
            signedMilliseconds: now,
            untilMilliseconds: until,
            binding: request.binding
        )
        let text = pass.text(room: settings.name, keys: keys)
        return .inside(pass, setCookies: [cookies(isSecure: request.isSecure).setAdmission(text)])
    }

    private func standing(_ pass: Pass, until: Int64, now: Int64, _ request: WaitingRequest)
        -> Standing
    {
        var renewed = pass
        guard now - pass.signedMilliseconds >= resignMilliseconds else {
            return Standing(pass: pass, setCookies: [])
        }
        renewed = Pass(
            epoch: pass.epoch,
            session: pass.session,
            signedMilliseconds: now,
            untilMilliseconds: until,
            binding: pass.binding
        )
        let text = renewed.text(room: settings.name, keys: keys)
        return Standing(
            pass: renewed,
            setCookies: [cookies(isSecure: request.isSecure).setAdmission(text)]
        )
    }

    /// Signed again each quarter of a lease, and of a session if that is shorter.
    private var resignMilliseconds: Int64 {
        Int64(min(max(settings.leaseSeconds, 1), max(settings.sessionSeconds, 1))) * 250
    }

    private func newID() -> [UInt8] { environment.randomBytes(12) }
}
