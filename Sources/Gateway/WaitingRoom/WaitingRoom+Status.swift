/// What those outside are told.
extension WaitingRoom {
    func queued(_ ticket: Ticket, now: Int64) -> WaitingStatus {
        let snapshot = store.snapshot()
        let ahead = max(ticket.position - snapshot.serving - 1, 0)
        let reason = pauseReason
        let estimate = reason == nil ? estimate(ahead: ahead) : nil
        return WaitingStatus(
            state: reason == nil ? .queued : .paused,
            room: settings.name,
            ticket: ticket.position,
            ahead: ahead,
            estimate: estimate,
            pollSeconds: pollSeconds(ticket, ahead: ahead, estimate: estimate),
            epoch: snapshot.epoch,
            nowMilliseconds: now,
            reason: reason
        )
    }

    /// A tenth of the wait, spread by a tenth either way so that a crowd that came together does not poll together.
    private func pollSeconds(_ ticket: Ticket, ahead: Int64, estimate: WaitEstimator.Estimate?)
        -> Int64
    {
        guard pauseReason == nil else { return 5 }
        guard let estimate else { return ahead < 50 ? 1 : 5 }
        let seconds = min(max(estimate.seconds / 10, 1), 30)
        let spread = Int64(ticket.id.first ?? 0) % 21 - 10
        return min(max(seconds + seconds * spread / 100, 1), 30)
    }

    /// A visitor who asks for a status without a place.
    func nowhere(_ ticket: Ticket?) -> Whereabouts {
        let snapshot = store.snapshot()
        let isOpen =
            ticket == nil && settings.mode == .automatic && snapshot.waitingCount == 0
            && snapshot.activeCount + snapshot.reservedCount < snapshot.capacity
        var status = unplaced(isOpen ? .open : .expired)
        status.pollSeconds = 5
        if !isOpen { status.reason = ticket == nil ? .noTicket : .ticketSpent }
        return .outside(status, setCookies: [])
    }

    func turnedAway(_ reason: WaitingStatus.Reason) -> Whereabouts {
        var status = unplaced(.full)
        status.reason = reason
        return .outside(status, setCookies: [])
    }

    func inside(_ pass: Pass) -> WaitingStatus {
        var status = unplaced(.admitted)
        status.sessionUntilMilliseconds = pass.untilMilliseconds
        status.pollSeconds = 30
        return status
    }

    /// The store is away: those in line keep their places, newcomers get one without a number.
    func storeAway(_ ticket: Ticket?, _ request: WaitingRequest) -> Whereabouts {
        if let ticket, !ticket.isProvisional {
            var status = queued(ticket, now: environment.now())
            status.state = .paused
            status.estimate = nil
            status.pollSeconds = 5
            status.reason = .storeAway
            return .outside(status, setCookies: [])
        }
        guard settings.onStoreLoss != .closed else { return turnedAway(.storeAway) }
        var status = unplaced(.paused)
        status.pollSeconds = 5
        status.reason = .storeAway
        guard ticket == nil else { return .outside(status, setCookies: []) }
        let provisional = Ticket(
            epoch: status.epoch,
            position: 0,
            id: environment.randomBytes(12),
            issuedSeconds: environment.now() / 1_000,
            keys: keys
        )
        let text = provisional.text(room: settings.name, keys: keys)
        return .outside(status, setCookies: [cookies(isSecure: request.isSecure).setPlace(text)])
    }

    func unplaced(_ state: WaitingStatus.State) -> WaitingStatus {
        WaitingStatus(
            state: state,
            room: settings.name,
            epoch: store.snapshot().epoch,
            nowMilliseconds: environment.now()
        )
    }
}
