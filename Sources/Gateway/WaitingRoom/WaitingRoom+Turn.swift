import HTTP
import Synchronization

/// Turns: a visitor with a ticket goes in, or learns where it stands.
extension WaitingRoom {
    /// Takes the turn of a ticket if it has come; nil if the ticket is spent.
    func turn(
        _ ticket: Ticket,
        _ request: WaitingRequest,
        _ client: ParkedClient?,
        now: Int64,
        isNew: Bool = false
    ) async throws(QueueStoreError) -> Whereabouts? {
        var now = now
        if !isNew, let challenged = challenged(ticket) {
            return .outside(challenged, setCookies: [])
        }
        var stay = Stay(
            position: ticket.position,
            client: client,
            start: now,
            isBeforeLine: ticket.kind == .invited,
            isNew: isNew
        )
        defer { if stay.isParked { memory.parked.end(stay.position) } }
        while true {
            // Asked before the snapshot is taken, which may only be newer.
            let isCurrent = store.isCurrent(since: stay.start)
            let snapshot = store.snapshot()
            let status = queued(ticket, snapshot, now: now, isNew: isNew)
            if stay.isParked, let end = end(of: client, status, now: now) { return end }
            let answer: QueueClaim
            do throws(QueueStoreError) {
                answer = try await claim(
                    ticket,
                    snapshot,
                    request,
                    asks: stay.asksStore || (stay.isBeforeLine && mayBeCalled(stay, snapshot)),
                    aliveUntil: now + presence(ticket, status),
                    now: now
                )
            } catch {
                guard await waitsOut(&stay, status, snapshot, now: now) else { throw error }
                now = environment.now()
                continue
            }
            switch answer {
            case .admitted(let until):
                if stay.isParked { figures.parkedTurns.add(1, ordering: .relaxed) }
                return admitted(ticket, until: until, now: now, request)
            case .spent:
                figures.spentTickets.add(1, ordering: .relaxed)
                return nil
            case .held(let admissions):
                return .outside(heldBack(status, ticket, admissions: admissions), setCookies: [])
            case .later(let milliseconds) where lingers(&stay, milliseconds, now: now):
                await environment.pause(max(milliseconds, 1))
            case .later, .waiting:
                guard let pause = pause(&stay, status, snapshot, isCurrent: isCurrent, now: now)
                else {
                    // The store may have said for the first time how things are, or that it lets nobody in.
                    let isNews = status.epoch == 0 || status.ahead == 0
                    let told =
                        isNews ? queued(ticket, now: environment.now(), isNew: isNew) : status
                    forecast.remember(told, now: now)
                    return .outside(told, setCookies: [])
                }
                if pause > 0 { await environment.pause(pause) }
            }
            now = environment.now()
        }
    }

    /// What becomes of a parked poll before its turn, if nobody waits for it any more or nobody is let in; nil if it
    /// goes on.
    private func end(of client: ParkedClient?, _ status: WaitingStatus, now: Int64) -> Whereabouts? {
        guard client?.isGone() == true else { return refusal(now) }
        // Nobody would use the slot of somebody who closed the page.
        figures.parkedGone.add(1, ordering: .relaxed)
        return .outside(status, setCookies: [])
    }

    /// Whether somebody who goes before the line may have been called up: asked with each poll, and while
    /// that is parked when not all slots are those of people inside.
    private func mayBeCalled(_ stay: Stay, _ snapshot: QueueSnapshot) -> Bool {
        !stay.isParked || snapshot.reservedCount > 0 || snapshot.activeCount < snapshot.capacity
    }

    /// Asks the store only where the turn may have come: all other polls are answered from the snapshot.
    private func claim(
        _ ticket: Ticket,
        _ snapshot: QueueSnapshot,
        _ request: WaitingRequest,
        asks: Bool,
        aliveUntil: Int64,
        now: Int64
    ) async throws(QueueStoreError) -> QueueClaim {
        let isNewer = ticket.epoch > snapshot.epoch
        guard isNewer || snapshot.covers(epoch: ticket.epoch) else { return .spent }
        let isCalled = ticket.kind != .invited && ticket.position <= snapshot.serving
        guard asks || isCalled || isNewer else {
            store.mark(ticket.position, aliveUntil: aliveUntil)
            return .waiting
        }
        guard !isShedding else { return .waiting }
        if let left = admissionsLeft(ticket.position, snapshot, now: now) {
            return .held(admissions: left)
        }
        guard environment.allows(ticket.id.bytes) else {
            figures.hasty.add(1, ordering: .relaxed)
            return .waiting
        }
        let place = QueuePlace(epoch: ticket.epoch, position: ticket.position)
        let isCapped = settings.hasCaps && ticket.kind != .invited
        let claim = try await store.claim(
            QueueTurn(
                place: place,
                session: ticket.session(binding: request.binding),
                aliveUntil: aliveUntil,
                moves: ticket.moves,
                origin: isCapped
                    ? keys.origin(client: request.client, fingerprint: request.fingerprint)
                    : CrowdOrigin()
            ),
            now: now
        )
        if case .held(let admissions) = claim {
            noteHeld(ticket.position, admissions: admissions, now: now)
        }
        return claim
    }

    private func admitted(
        _ ticket: Ticket,
        until: Int64,
        now: Int64,
        _ request: WaitingRequest
    ) -> Whereabouts {
        figures.admissions.add(1, ordering: .relaxed)
        let session = ticket.session(binding: request.binding)
        let pass = pass(ticket.epoch, session, until: until, now: now, request)
        return .inside(pass, setCookies: cookies(keeping: text(of: pass), request))
    }
}
