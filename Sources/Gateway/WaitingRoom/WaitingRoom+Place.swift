import HTTP
import Synchronization

/// Places: what the ticket of a request amounts to.
extension WaitingRoom {
    /// Where a visitor without a session turns out to be.
    enum Whereabouts {
        case inside(Pass, setCookies: [String])
        case outside(WaitingStatus, setCookies: [String])
    }

    /// The place of a visitor without a session: keeps it, takes the turn if it has come, or gives out a new one.
    ///
    /// - Parameters:
    ///   - shown: a ticket that counts in place of the request's.
    ///   - client: who may be kept waiting for a turn that is near; nil for nobody.
    @inline(__always)
    func place(
        _ request: WaitingRequest,
        _ shown: Ticket? = nil,
        joins: Bool,
        client: ParkedClient?
    ) async -> Whereabouts {
        let now = environment.now()
        let ticket = shown ?? ticket(of: request, now: now)
        if ticket == nil, request.ticket?.isEmpty == false {
            figures.cheats.add(1, ordering: .relaxed)
        }
        if request.showsTicketAlone, let ticket = ticket.flatMap(numbered),
            let pass = await resume(ticket, request, now: now)
        {
            return .inside(pass, setCookies: [])
        }
        if let refusal = refusal(now) { return refusal }
        if let opened = opened(ticket, joins: joins, request, now: now) { return opened }
        do throws(QueueStoreError) {
            let registers = settings.isRandom && occurrence(now)?.phase == .prequeue
            if let ticket, !registers || numbered(ticket) != nil {
                // Most tickets are plain ones, and a step more is felt where all polls take it.
                let found =
                    ticket.kind == .numbered && !request.mayGoFirst
                    ? try await turn(ticket, request, client, now: now)
                    : try await resolved(ticket, request, client, now: now)
                if let found { return found }
            }
            if registers { return try await registered(ticket, joins: joins, request, now: now) }
            guard joins else { return nowhere(ticket) }
            guard mode != .draining else { return turnedAway(.roomClosed) }
            return try await joined(request, now: now)
        } catch {
            return storeAway(ticket, error, joins: joins, request)
        }
    }

    func ticket(of request: WaitingRequest, now: Int64? = nil) -> Ticket? {
        guard let token = request.ticket else { return nil }
        let now = now ?? environment.now()
        let opensAt = settings.schedule?.occurrence(at: now + store.clockOffset).opensAt ?? 0
        return Ticket(
            token,
            keys: keys,
            nowSeconds: signingSeconds(now),
            opensSeconds: opensAt / 1_000
        )
    }

    /// The values that make a browser keep a ticket.
    func cookies(keeping ticket: Ticket, _ request: WaitingRequest) -> [String] {
        cookies(isSecure: request.isSecure).place.set(
            ticket.text(room: settings.name),
            request.cookies.place
        )
    }

    /// Why everybody outside is turned away; nil if that is not so.
    func refusal(_ now: Int64) -> Whereabouts? {
        if mode == .rejecting { return turnedAway(.roomClosed) }
        if inventory.isSoldOut(now) { return turnedAway(.soldOut) }
        switch occurrence(now)?.phase {
        case .over: return turnedAway(.roomClosed)
        case .early: return .outside(early(now), setCookies: [])
        default: return nil
        }
    }

    /// Why this client gets no further place just now; nil if it does.
    private func refusal(of request: WaitingRequest) -> Whereabouts? {
        guard let limit = settings.placesPerClient, !request.identity.isEmpty else { return nil }
        let seconds = environment.secondsUntilPlace(request.identity, limit)
        guard seconds > 0 else { return nil }
        figures.crowding.add(1, ordering: .relaxed)
        return turnedAway(.tooManyPlaces, retryAfterSeconds: Int64(seconds))
    }

    /// A newcomer's place at the end of the line, and the turn if it has come already.
    private func joined(_ request: WaitingRequest, now: Int64)
        async throws(QueueStoreError) -> Whereabouts
    {
        if let refusal = refusal(of: request) { return refusal }
        // Short, since who never comes back would hold a slot that long; the answer puts it off by its poll. Where work
        // is wanted first no slot waits for it at all.
        let aliveUntil = now + (settings.proof == nil ? 4_000 : 200)
        guard let place = try await store.join(aliveUntil: aliveUntil, now: now) else {
            return turnedAway(.lineFull)
        }
        figures.joins.add(1, ordering: .relaxed)
        let isInvited = try await invite(place.position, moves: 0, request, now: now)
        let joined = Ticket(
            epoch: place.epoch,
            position: place.position,
            kind: isInvited ? .invited : .numbered,
            id: newID(),
            issuedSeconds: signingSeconds(now),
            bits: workBits(request, now: now),
            keys: keys
        )
        // Who need not wait at all is asked for nothing.
        switch try await turn(joined, request, nil, now: environment.now(), isNew: true) {
        case .inside(let pass, let setCookies):
            return .inside(pass, setCookies: setCookies + cookies(keeping: joined, request))
        case .outside(let status, _):
            status.challenge = work(joined)
            return .outside(status, setCookies: cookies(keeping: joined, request))
        case nil: return nowhere(joined)
        }
    }

    private func invite(_ position: Int64, moves: Int64, _ request: WaitingRequest, now: Int64)
        async throws(QueueStoreError) -> Bool
    {
        guard let invitation = invitation(of: request, now: now) else { return false }
        return try await store.invite(position, moves: moves, invitation: invitation, now: now)
    }

    private func invitation(of request: WaitingRequest, now: Int64) -> Invitation? {
        if request.goesFirst { return Invitation(name: "r", uses: .max) }
        guard let bytes = request.invitation else { return nil }
        if let uses = settings.codes[bytes.string] {
            return Invitation(name: "c:" + bytes.string, uses: uses)
        }
        return Invitation(bytes, room: settings.name, keys: keys, nowSeconds: signingSeconds(now))
    }

    /// Where a ticket stands, whatever its kind; nil if it leads nowhere any more.
    private func resolved(
        _ ticket: Ticket,
        _ request: WaitingRequest,
        _ client: ParkedClient?,
        now: Int64
    ) async throws(QueueStoreError) -> Whereabouts? {
        switch ticket.kind {
        case .numbered:
            if request.mayGoFirst, store.snapshot().covers(epoch: ticket.epoch),
                try await invite(ticket.position, moves: ticket.moves, request, now: now)
            {
                let place = QueuePlace(epoch: ticket.epoch, position: ticket.position)
                let invited = ticket.numbered(place, kind: .invited, keys)
                let found = try await turn(invited, request, client, now: environment.now())
                return adding(invited, to: found, request)
            }
            return try await turn(ticket, request, client, now: now)
        case .invited:
            return try await turn(ticket, request, client, now: now)
        case .provisional(let provisional):
            guard environment.allows(ticket.id.bytes),
                let place = try await store.place(provisional, now: now)
            else { return .outside(settling(now), setCookies: []) }
            let numbered = ticket.numbered(place, keys)
            let found = try await turn(numbered, request, nil, now: environment.now())
            return adding(numbered, to: found, request)
        case .registration(_, let name):
            guard let drawn = numbered(ticket) else {
                guard let opensAt = opening(of: name, ticket, now: now) else { return nil }
                return .outside(prequeue(opensAt, ticket, now), setCookies: [])
            }
            // From now on it is a numbered one: the next draw, or other keys, change nothing about it.
            let found = try await turn(drawn, request, client, now: now)
            return adding(drawn, to: found, request)
        }
    }

    /// When those are drawn who registered under that name; nil if they were, or are not known any more.
    private func opening(of name: Int64, _ ticket: Ticket, now: Int64) -> Int64? {
        let snapshot = store.snapshot()
        let known = snapshot.registration
        // A node that has not heard of the room yet knows nothing better than the name.
        if snapshot.epoch == 0 { return name }
        guard snapshot.covers(epoch: ticket.epoch) || ticket.epoch > snapshot.epoch,
            name > snapshot.draw.name
        else { return nil }
        if name == known.name { return known.opensAt }
        return name > known.name && name >= now + store.clockOffset - 10_000 ? name : nil
    }

    /// The numbered ticket of a request; nil if it has none, or none yet.
    func numberedTicket(of request: WaitingRequest) -> Ticket? {
        ticket(of: request).flatMap(numbered)
    }

    func numbered(_ ticket: Ticket) -> Ticket? {
        switch ticket.kind {
        case .numbered, .invited: return ticket
        case .provisional: return nil
        case .registration(let index, let name): return drawn(ticket, index, name, store.snapshot())
        }
    }

    /// The place that the draw gave to somebody who came before the opening.
    private func drawn(_ ticket: Ticket, _ index: Int64, _ name: Int64, _ snapshot: QueueSnapshot)
        -> Ticket?
    {
        let draw = snapshot.draw
        guard draw.name == name, snapshot.covers(epoch: ticket.epoch),
            let place = raffle(draw)?.place(of: index - 1)
        else { return nil }
        let position = draw.after + 1 + place
        return ticket.drawn(
            QueuePlace(epoch: snapshot.epoch, position: position),
            nowSeconds: signingSeconds(environment.now()),
            keys.generation(numbered: draw.key)
        )
    }

    /// Somebody before the opening of a room whose order is drawn.
    private func registered(
        _ ticket: Ticket?,
        joins: Bool,
        _ request: WaitingRequest,
        now: Int64
    ) async throws(QueueStoreError) -> Whereabouts {
        let opensAt = occurrence(now)?.opensAt ?? now
        var provisional: ProvisionalPlace?
        switch ticket?.kind {
        case .registration(_, let name):
            if let ticket, opening(of: name, ticket, now: now) != nil {
                return .outside(prequeue(opensAt, ticket, now), setCookies: [])
            }
        // Whoever came while the store was away is registered as soon as it is back.
        case .provisional(let place):
            guard let ticket, environment.allows(ticket.id.bytes) else {
                return .outside(settling(now), setCookies: [])
            }
            provisional = place
        case .numbered, .invited, nil: break
        }
        // A request that began before the configuration was read again knows another opening, perhaps.
        guard joins || provisional != nil, !memory.isOver(generation) else {
            let status = prequeue(opensAt, nil, now)
            status.reason = .noTicket
            return .outside(status, setCookies: [])
        }
        if let refusal = refusal(of: request) { return refusal }
        guard
            let registration = try await store.register(
                opensAt: opensAt,
                key: keys.current.number,
                insteadOf: provisional,
                now: now
            )
        else { return turnedAway(.lineFull) }
        figures.joins.add(1, ordering: .relaxed)
        let registered = Ticket(
            epoch: store.snapshot().epoch,
            position: 0,
            kind: .registration(index: registration.count, name: registration.name),
            id: newID(),
            issuedSeconds: signingSeconds(now),
            keys: keys
        )
        return .outside(
            prequeue(opensAt, registered, now),
            setCookies: cookies(keeping: registered, request)
        )
    }

    private func adding(_ ticket: Ticket, to found: Whereabouts?, _ request: WaitingRequest)
        -> Whereabouts?
    {
        let kept = cookies(keeping: ticket, request)
        return switch found {
        case .inside(let pass, let setCookies): .inside(pass, setCookies: setCookies + kept)
        case .outside(let status, let setCookies): .outside(status, setCookies: setCookies + kept)
        case nil: nil
        }
    }

    func newID() -> TicketID { TicketID(from: environment.randomBytes) }
}
