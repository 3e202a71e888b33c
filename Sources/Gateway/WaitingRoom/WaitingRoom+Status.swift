import Synchronization
import Transport

/// What those outside are told.
extension WaitingRoom {
    func queued(_ ticket: Ticket, now: Int64, isNew: Bool = false) -> WaitingStatus {
        queued(ticket, store.snapshot(), now: now, isNew: isNew)
    }

    /// - Parameter isNew: whether the place has just been given out. A crowd's first poll comes early, since who
    ///   does not come back counts as there until then.
    func queued(_ ticket: Ticket, _ snapshot: QueueSnapshot, now: Int64, isNew: Bool = false)
        -> WaitingStatus
    {
        let ahead = ticket.kind == .invited ? 0 : snapshot.ahead(of: ticket.position)
        let reason = pauseReason(now) ?? (snapshot.holdUntil > now ? .recovering : nil)
        let people =
            ticket.kind == .invited
            ? 0 : snapshot.profile.present(after: snapshot.serving, before: ticket.position)
        let estimate = reason == nil && mode != .queueAll ? forecast.estimate(people: people) : nil
        let status = unplaced(reason == nil ? .queued : .paused, epoch: snapshot.epoch, now: now)
        status.ticket = ticket.position
        status.ahead = ahead
        status.people = people
        status.estimate = estimate
        status.reason = reason ?? (mode == .queueAll ? .queueAll : nil)
        status.opensAtMilliseconds = reason == .notOpenYet ? occurrence(now)?.opensAt : nil
        status.remaining = inventory.remaining(now)
        status.remainingVisitors = inventory.visitors(now)
        status.pollSeconds =
            status.opensAtMilliseconds.map { pollSeconds(before: $0, ticket, now) }
            ?? pollSeconds(ticket, ahead: ahead, estimate: estimate, isPaused: reason != nil)
        if isNew, reason == nil, ahead < 5_000, let poll = status.pollSeconds {
            status.pollSeconds = min(poll, 2)
        }
        return status
    }

    /// Somebody whose turn comes after so many admissions, since many came from the same place.
    func heldBack(_ status: WaitingStatus, _ ticket: Ticket, admissions: Int64) -> WaitingStatus {
        guard status.state == .queued else { return status }
        status.reason = .heldBack
        status.estimate = forecast.estimate(people: admissions)
        status.pollSeconds = pollSeconds(
            ticket,
            ahead: admissions,
            estimate: status.estimate,
            isPaused: false
        )
        return status
    }

    /// A tenth of the wait, spread by a tenth either way so that a crowd that came together does not poll together.
    private func pollSeconds(
        _ ticket: Ticket,
        ahead: Int64,
        estimate: WaitEstimator.Estimate?,
        isPaused: Bool
    ) -> Int64 {
        guard !isPaused else { return mode == .automatic && ahead < 500 ? 1 : 5 }
        guard let estimate else { return ahead < 50 ? 1 : 5 }
        let seconds = min(max(estimate.seconds / 10, 1), 30)
        let spread = Int64(ticket.id.first) % 21 - 10
        return min(max(seconds + seconds * spread / 100, 1), 30)
    }

    /// Half a minute, and just after the opening when that is nearer, spread over some seconds.
    private func pollSeconds(before opensAt: Int64, _ ticket: Ticket?, _ now: Int64) -> Int64 {
        let left = max(opensAt - now - store.clockOffset, 0)
        let spread = Int64(ticket?.id.first ?? .random(in: 0...255)) % 5
        return left > 40_000 ? 30 - spread : min(left / 1_000 + 1 + spread, 30)
    }

    /// A visitor who asks for a status without a place.
    func nowhere(_ ticket: Ticket?) -> Whereabouts {
        let snapshot = store.snapshot()
        let isOpen =
            ticket == nil && mode == .automatic && snapshot.waitingCount == 0
            && snapshot.activeCount + snapshot.reservedCount < snapshot.capacity
        let status = unplaced(isOpen ? .open : .expired)
        status.pollSeconds = 5
        if !isOpen { status.reason = ticket == nil ? .noTicket : .ticketSpent }
        return .outside(status, setCookies: [])
    }

    func turnedAway(_ reason: WaitingStatus.Reason, retryAfterSeconds: Int64? = nil)
        -> Whereabouts
    {
        let status = unplaced(.full)
        status.pollSeconds = retryAfterSeconds
        status.reason = reason
        if reason == .soldOut { status.remaining = 0 }
        return .outside(status, setCookies: [])
    }

    func inside(_ pass: Pass, until: Int64? = nil) -> WaitingStatus {
        let status = unplaced(.admitted)
        status.sessionUntilMilliseconds = (until ?? pass.untilMilliseconds) + store.clockOffset
        status.pollSeconds = 30
        return status
    }

    /// Nobody is let in, not even those who are inside; places are kept.
    func maintenance() -> WaitingStatus {
        let status = unplaced(.paused)
        status.reason = .maintenance
        status.pollSeconds = 30
        return status
    }

    /// Too early to register.
    func early(_ now: Int64) -> WaitingStatus {
        let status = unplaced(.paused)
        status.reason = .notOpenYet
        let opensAt = occurrence(now)?.opensAt
        status.opensAtMilliseconds = opensAt
        let begins = (opensAt ?? now) - (settings.schedule?.prequeueMilliseconds ?? 0)
        status.pollSeconds = pollSeconds(before: begins, nil, now)
        return status
    }

    /// What is told of the seed of the next draw: the same from the first word of it to the draw, whenever that is.
    func seedDigest(opensAt: Int64) -> String {
        let snapshot = store.snapshot()
        let (name, key) =
            snapshot.isRegistering
            ? (snapshot.registration.name, snapshot.registration.key)
            : (
                QueueRegistration.name(opensAt: opensAt, after: snapshot.draw.name),
                keys.current.number
            )
        return Hexadecimal.encode(Digest.sha256(keys.seed(of: name, key: key)))
    }

    /// Registered, or able to: the order is drawn at the opening.
    func prequeue(_ opensAt: Int64, _ ticket: Ticket?, _ now: Int64) -> WaitingStatus {
        let status = unplaced(.prequeue)
        status.opensAtMilliseconds = opensAt
        status.seedDigest = seedDigest(opensAt: opensAt)
        if case .registration(let index, _) = ticket?.kind { status.registration = index }
        status.pollSeconds = pollSeconds(before: opensAt, ticket, now)
        return status
    }

    /// A place that has no number yet.
    func settling(_ now: Int64) -> WaitingStatus {
        let status = unplaced(.paused)
        status.reason = .storeAway
        status.pollSeconds = store.snapshot().isSettling ? 1 : 5
        return status
    }

    /// The store is away, or back and not ready: those in line keep their places, newcomers get one without a number.
    func storeAway(
        _ ticket: Ticket?,
        _ error: QueueStoreError,
        joins: Bool,
        _ request: WaitingRequest
    ) -> Whereabouts {
        let now = environment.now()
        if let ticket {
            guard ticket.isNumbered else { return .outside(settling(now), setCookies: []) }
            let status = queued(ticket, now: now)
            status.state = .paused
            status.estimate = nil
            // Those who are next are back soon after the store is, and so before others.
            status.pollSeconds = (status.ahead ?? .max) < 500 ? 1 : 5
            status.reason = .storeAway
            return .outside(status, setCookies: [])
        }
        guard settings.onStoreLoss != .closed else { return turnedAway(.storeAway) }
        guard joins else { return .outside(settling(now), setCookies: []) }
        let place: ProvisionalPlace
        if case .settling(let given) = error {
            place = given
        } else {
            place = store.provision(now: now)
        }
        return .outside(
            settling(now),
            setCookies: cookies(keeping: provisional(place, now: now), request)
        )
    }

    /// The ticket of a place that has no number yet.
    func provisional(_ place: ProvisionalPlace, now: Int64) -> Ticket {
        figures.provisional.add(1, ordering: .relaxed)
        return Ticket(
            epoch: 0,
            position: 0,
            kind: .provisional(place),
            id: newID(),
            issuedSeconds: signingSeconds(now),
            keys: keys
        )
    }

    func unplaced(_ state: WaitingStatus.State) -> WaitingStatus {
        unplaced(state, epoch: store.snapshot().epoch, now: environment.now())
    }

    private func unplaced(_ state: WaitingStatus.State, epoch: Int64, now: Int64) -> WaitingStatus {
        WaitingStatus(
            state: state,
            room: settings.name,
            epoch: epoch,
            nowMilliseconds: now + store.clockOffset
        )
    }

    /// A sentence for people where there is more to say than numbers. Most polls get none, and are asked for no
    /// language.
    func message(_ status: WaitingStatus, in language: @autoclosure () -> WaitingLanguage)
        -> String?
    {
        switch status.state {
        case .queued where status.reason != .heldBack: nil
        case .admitted, .open: nil
        default: language().text(status)
        }
    }
}
