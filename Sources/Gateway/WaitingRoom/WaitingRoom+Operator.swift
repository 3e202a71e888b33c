import Synchronization
import Transport

/// What operators see of a room and change in it.
extension WaitingRoom {
    /// One object of JSON with everything that is known here.
    var report: String {
        let now = environment.now()
        let snapshot = store.snapshot()
        let effective = store.control.applied(to: settings)
        var members: [(String, String)] = [
            ("room", JSONValue.quoted(settings.name)),
            ("mode", JSONValue.quoted(mode.rawValue)),
            ("decided", JSONValue.quoted(store.control.text)),
            // Those in line still come in: the pulse, which they read, does not say so.
            ("state", JSONValue.quoted((mode == .draining ? .full : stateNow(now)).rawValue)),
            ("waiting", "\(snapshot.waitingCount)"), ("inside", "\(snapshot.activeCount)"),
            ("called", "\(snapshot.reservedCount)"), ("capacity", "\(snapshot.capacity)"),
            ("configured_capacity", "\(effective.capacity)"),
            ("rate", "\(effective.ratePerSecond)"), ("burst", "\(effective.burst)"),
            ("session", "\(effective.sessionSeconds)"), ("serving", "\(snapshot.serving)"),
            ("tail", "\(snapshot.tail)"), ("epoch", "\(snapshot.epoch)"),
            ("registered", "\(snapshot.registration.count)"),
            ("admitted", "\(snapshot.figures.admissions)"),
            ("no_shows", "\(snapshot.figures.noShows)"),
            ("passed_over", "\(snapshot.figures.passedOver)"),
            ("held", "\(snapshot.heldCount)"), ("held_back", "\(snapshot.figures.heldBack)"),
            ("parked", "\(parked.count)"),
            ("store_away", pauseReason(now) == .storeAway ? "true" : "false"),
        ]
        members += figures.members
        let wait = forecast.estimate(
            people: snapshot.profile.present(after: snapshot.serving, before: snapshot.tail + 1)
        )
        members.append(("wait", wait.map { "\($0.seconds)" } ?? "null"))
        members.append(("wait_high", wait.map { "\($0.highSeconds)" } ?? "null"))
        members.append(("remaining", inventory.remaining(now).map { "\($0)" } ?? "null"))
        members.append(("opens_at", occurrence(now).map { "\($0.opensAt)" } ?? "null"))
        members.append(("root", JSONValue.quoted(log.roots.last?.hash ?? log.start)))
        members.append(("now", "\(now)"))
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// What a newcomer would be told just now.
    func stateNow(_ now: Int64) -> WaitingStatus.State {
        switch mode {
        case .paused, .maintenance: return .paused
        case .rejecting: return .full
        case .open: return .open
        case .automatic, .queueAll, .draining: break
        }
        switch occurrence(now)?.phase {
        case .over: return .full
        case .early: return .paused
        case .prequeue: return settings.isRandom ? .prequeue : .paused
        case .open, nil: return store.snapshot().waitingCount > 0 ? .queued : .open
        }
    }

    /// Changes what is given, for all gateways and until it is given back with `default`.
    ///
    /// - Returns: what is wrong with the change; nil once it is in force.
    func change(_ changes: [(key: String, value: String)], by operatorName: String) async -> String? {
        var control = store.control
        let before = control.text
        guard !changes.isEmpty else { return "nothing to change" }
        for (key, value) in changes where !control.set(key, to: value) {
            return "\(key)=\(value) cannot be: " + RoomControl.expectation(of: key)
        }
        do throws(QueueStoreError) {
            try await store.decide(control, now: environment.now())
        } catch {
            return "the store of the room is away; nothing has changed"
        }
        environment.report(
            "a room was changed",
            ["room": settings.name, "by": operatorName, "before": before, "after": control.text]
        )
        await tick()
        return nil
    }

    /// New invitations, each good for so many visitors and seconds.
    func invitations(count: Int, uses: Int, seconds: Int, by operatorName: String) -> [String] {
        let expires = signingSeconds(environment.now()) + Int64(seconds)
        environment.report(
            "invitations were made",
            ["room": settings.name, "by": operatorName, "count": "\(count)", "uses": "\(uses)"]
        )
        return (0..<count).map { _ in
            Invitation.text(
                room: settings.name,
                keys: keys,
                id: environment.randomBytes(9),
                uses: uses,
                expiresSeconds: expires
            )
        }
    }
}

extension RoomFigures {
    /// What this node has counted, by name.
    var counts: [(name: String, value: Int)] {
        [
            ("polls", polls.load(ordering: .relaxed)), ("joins", joins.load(ordering: .relaxed)),
            ("cheats", cheats.load(ordering: .relaxed)),
            ("spent_tickets", spentTickets.load(ordering: .relaxed)),
            ("hasty", hasty.load(ordering: .relaxed)),
            ("bypasses", bypasses.load(ordering: .relaxed)),
            ("open_passes", openPasses.load(ordering: .relaxed)),
            ("provisional", provisional.load(ordering: .relaxed)),
            ("moves", moves.load(ordering: .relaxed)),
            ("parked_turns", parkedTurns.load(ordering: .relaxed)),
            ("parked_gone", parkedGone.load(ordering: .relaxed)),
            ("crowding", crowding.load(ordering: .relaxed)),
            ("proofs", proofs.load(ordering: .relaxed)),
            ("questions", questions.load(ordering: .relaxed)),
            ("wrong_proofs", wrongProofs.load(ordering: .relaxed)),
            ("estimates", estimates.load(ordering: .relaxed)),
            ("estimates_close", estimatesClose.load(ordering: .relaxed)),
            ("estimates_kept", estimatesKept.load(ordering: .relaxed)),
        ]
    }

    fileprivate var members: [(String, String)] { counts.map { ($0.name, "\($0.value)") } }
}
