import Transport

/// A queue kept in this process, with what makes it outlive it: one step at a time, by whoever holds the lock.
struct ProcessQueue: Sendable {
    private(set) var machine: WaitingRoomStateMachine
    private(set) var journal: QueueJournal?
    private(set) var control: RoomControl
    private(set) var log = AdmissionLog()
    private var provisions = ProvisionalNumbers()
    private var profile = CrowdProfile()
    private var profiledAt: Int64 = 0
    private var writtenAt: Int64 = 0
    /// How far the line had come when that was last written.
    private var servedWritten: Int64 = 0
    private var writeMilliseconds: Int64 = 1_000
    /// What is known of it; nil when something has happened since that was asked.
    private var known: QueueSnapshot?

    /// An empty queue.
    init(rules: QueueRules, epoch: Int64, journal: QueueJournal? = nil) {
        machine = WaitingRoomStateMachine(rules: rules, epoch: epoch)
        control = RoomControl()
        self.journal = journal
        write(now: epoch * 1_000)
    }

    /// Goes on from a record, after a gap of so many numbers, and writes it down.
    init(
        rules: QueueRules,
        record: QueueRecord,
        control: RoomControl,
        gap: Int64 = 0,
        journal: QueueJournal?,
        now: Int64
    ) {
        machine = WaitingRoomStateMachine(rules: rules, record: record, gap: gap, now: now)
        self.control = control
        self.journal = journal
        provisions = ProvisionalNumbers(record.moment.provisions)
        journal?.proceed(from: record)
        write(now: now)
    }

    mutating func answer(_ question: QueueQuestion, now: Int64) -> [Int64] {
        known = nil
        drawIfDue(now: now)
        switch question {
        case .state(let hasKeys):
            let numbers = machine.snapshot.numbers
            return (hasKeys ? numbers[...] : numbers.prefix(QueueSnapshot.olderCount))
                + [control.version]
        case .touch(let session): return machine.renew(session, now: now).map { [$0] } ?? []
        case .mark(let position, let aliveUntil):
            mark(position, aliveUntil: aliveUntil)
            return []
        case .join(let aliveUntil): return join(aliveUntil: aliveUntil, now: now)
        case .register(let opensAt, let key): return register(opensAt: opensAt, key, now: now)
        case .provision(let place):
            _ = number(place, now: now)
            return [1]
        // One that is not known was given out by a process that is gone with what it knew: numbered when it is seen.
        case .place(let place): return number(place, now: now).map { [machine.epoch, $0] } ?? []
        case .claim(let turn): return claim(turn, now: now).numbers
        case .invite(let position, let moves, let invitation):
            return invite(position, moves, invitation, now: now) ? [1] : []
        case .offer(let offer, let code):
            guard offer.place.epoch == machine.epoch else { return [] }
            return machine.offer(offer, code: code, now: now) ? [1] : []
        case .redeem(let code): return redeem(code, now: now)
        case .renew(let session, let adopts):
            return renew(session, adopts: adopts, now: now).map { [$0] } ?? []
        case .leave(let session):
            machine.leave(session, now: now)
            journal?.left(session)
            return []
        case .giveUp(let position, let moves):
            if machine.giveUp(position, moves: moves, now: now) { journal?.gaveUp(position) }
            return []
        case .withdraw(let index, let name, let epoch):
            if machine.withdraw(index, of: name, epoch: epoch) {
                journal?.withdrew(index, of: name)
            }
            return []
        case .decide(let text):
            control = RoomControl(text: text, version: control.version + 1)
            write(now: now)
            return []
        }
    }

    /// Some of those who left before a draw.
    mutating func takeWithdrawn(from draw: QueueDraw) -> [Int64] {
        machine.takeWithdrawn(from: draw, limit: 500)
    }

    /// Whoever has a place without a number asks again within this time.
    private static let backWithin: Int64 = 14_000

    /// Nothing that is known of the whole line changes with it: most polls are one of these and a look.
    mutating func mark(_ position: Int64, aliveUntil: Int64) {
        machine.mark(position, aliveUntil: aliveUntil)
    }

    var snapshot: QueueSnapshot {
        mutating get {
            if let known { return known }
            var snapshot = machine.snapshot
            snapshot.profile = profile
            known = snapshot
            return snapshot
        }
    }

    mutating func configure(_ rules: QueueRules, now: Int64) {
        known = nil
        machine.configure(rules, now: now)
    }

    /// Draws the order of those who registered, if it is time, and writes that down: a second draw would give their
    /// numbers to others.
    private mutating func drawIfDue(now: Int64) {
        guard machine.isRegistering else { return }
        machine.drawIfDue(now)
        if !machine.isRegistering { write(now: now) }
    }

    mutating func tick(now: Int64) {
        known = nil
        drawIfDue(now: now)
        machine.tick(now: now)
        noteServing()
        provisions.drop(through: machine.floor)
        if now - profiledAt >= 1_000 || now < profiledAt {
            profiledAt = now
            profile = machine.profile(now: now)
        }
        guard journal != nil, now - writtenAt >= writeMilliseconds || now < writtenAt else {
            return
        }
        write(now: now)
    }

    /// Everything another process needs to go on at once.
    var record: QueueRecord {
        var record = machine.wholeRecord
        record.control = control.text
        record.journal = journal?.number ?? 0
        record.moment.provisions = provisions.numbers
        return record
    }

    /// Writes down where it is, and lets another process have its files.
    mutating func close(now: Int64) {
        write(now: now)
        journal?.release()
    }

    /// The number of a place that was given out without one: the same however often it is asked for.
    private mutating func number(_ place: ProvisionalPlace, now: Int64) -> Int64? {
        if let number = provisions.number(of: place) { return number }
        guard !provisions.isFull,
            let number = join(aliveUntil: now + Self.backWithin, now: now).last
        else { return nil }
        provisions.add(place, number: number)
        return number
    }

    private mutating func join(aliveUntil: Int64, now: Int64) -> [Int64] {
        guard let position = machine.join(aliveUntil: aliveUntil, now: now) else { return [] }
        journal?.issued(position)
        return [machine.epoch, position]
    }

    private mutating func register(opensAt: Int64, _ key: Int64, now: Int64) -> [Int64] {
        guard let registration = machine.register(opensAt: opensAt, key: key, now: now) else {
            return []
        }
        journal?.registered(registration)
        return registration.numbers
    }

    private mutating func claim(_ turn: QueueTurn, now: Int64) -> QueueClaim {
        guard turn.place.epoch == machine.epoch else { return .spent }
        let before = machine.figures.admissions
        let answer = machine.claim(
            turn.place.position,
            session: turn.session,
            aliveUntil: turn.aliveUntil,
            moves: turn.moves,
            origin: turn.origin,
            now: now
        )
        if case .admitted(let until) = answer, machine.figures.admissions > before {
            noteServing()
            journal?.admitted(turn.place.position, turn.session, until: until)
            log.append(turn.place.position, turn.session, now: now)
        }
        return answer
    }

    private mutating func invite(
        _ position: Int64,
        _ moves: Int64,
        _ invitation: Invitation,
        now: Int64
    ) -> Bool {
        let uses = machine.uses(of: invitation.name)
        let isTaken = machine.invite(
            position,
            moves: moves,
            invitation: invitation.name,
            uses: invitation.uses,
            now: now
        )
        if isTaken {
            let isUse = machine.uses(of: invitation.name) > uses
            journal?.invited(position, invitation.name, isUse: isUse)
        }
        return isTaken
    }

    private mutating func redeem(_ code: String, now: Int64) -> [Int64] {
        guard let offer = machine.redeem(code, now: now) else { return [] }
        journal?.moved(offer.place.position, count: offer.moves)
        return [
            offer.place.epoch, offer.place.position, offer.isInvited ? 1 : 0, offer.moves,
        ]
    }

    private mutating func renew(_ session: SessionID, adopts: Bool, now: Int64) -> Int64? {
        if let until = machine.renew(session, now: now) { return until }
        guard adopts, let until = machine.adopt(session, now: now) else { return nil }
        journal?.admitted(0, session, until: until)
        return until
    }

    /// Writes how far the line has come, if that has changed: nobody's place may seem to move back.
    private mutating func noteServing() {
        let serving = machine.line.serving
        guard let journal, serving != servedWritten else { return }
        servedWritten = serving
        journal.served(serving)
    }

    /// Writes the record, so often that it costs no more than a fiftieth of a core.
    ///
    /// In one step, so that no event falls between the record and its journal; what it costs is made of the people
    /// inside and of those whose turn came within the grace.
    private mutating func write(now: Int64) {
        guard let journal else { return }
        let start = Instant.current()
        var record = machine.record(now: now)
        record.control = control.text
        journal.write(record)
        servedWritten = record.serving
        writtenAt = now
        let cost = Int64(Instant.current().nanoseconds(since: start) / 1_000_000)
        writeMilliseconds = min(max(50 * cost, 1_000), 30_000)
    }
}
