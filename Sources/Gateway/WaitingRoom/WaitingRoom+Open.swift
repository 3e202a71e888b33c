import Synchronization

/// `on_store_loss: open`: while nobody can be asked whose turn it is, each gateway lets its part of the rate in.
extension WaitingRoom {
    /// Somebody who comes in without the store, or may; nil if that is not so just now.
    ///
    /// The session is the one that the ticket leads to, so that nobody has two of them when the store is back.
    ///
    /// - Parameter joins: whether it is a visit; a poll is told that one may be made.
    func opened(_ ticket: Ticket?, joins: Bool, _ request: WaitingRequest, now: Int64)
        -> Whereabouts?
    {
        guard settings.onStoreLoss == .open, isAway, mode.isAdmitting,
            occurrence(now).map({ $0.phase == .open }) ?? true,
            spendOpenBudget(isVisit: joins, now: now)
        else { return nil }
        guard joins else {
            let status = unplaced(.open)
            status.pollSeconds = 1
            return .outside(status, setCookies: [])
        }
        figures.openPasses.add(1, ordering: .relaxed)
        let kept = ticket ?? provisional(store.provision(now: now), now: now)
        let session = kept.session(binding: request.binding)
        // So that the store is told of it afterwards.
        _ = store.extend(session, until: now + sessionMilliseconds, now: now)
        let pass = pass(kept.epoch, session, until: now + sessionMilliseconds, now: now, request)
        return .inside(
            pass,
            setCookies: cookies(keeping: text(of: pass), request)
                + (ticket == nil ? cookies(keeping: kept, request) : [])
        )
    }

    /// Whether the rate, divided among the gateways, has an admission left, which a visit takes.
    private func spendOpenBudget(isVisit: Bool, now: Int64) -> Bool {
        var rules = QueueRules(settings)
        let count = Int64(store.nodeCount)
        rules.unitsPerMillisecond = max(rules.unitsPerMillisecond / count, 1)
        rules.burst = max(rules.burst / count, 1)
        return openBudget.withLock { budget in
            budget.advance(to: now, rules)
            guard budget.available(rules) > 0 else { return false }
            if isVisit { budget.spend() }
            return true
        }
    }
}
