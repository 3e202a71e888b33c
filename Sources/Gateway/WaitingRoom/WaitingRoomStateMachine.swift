/// A queue in front of a limited number of slots: who comes, who may enter, who is inside.
///
/// Pure: the clock is passed in as milliseconds since 1970, and nothing happens between calls. A number goes through
///
///     issued -> waiting -> reserved -> inside -> left
///                  |          |
///                  +-> late <-+      turn came while silent: keeps the place, costs no slot, first when back
///                       ^     |
///                       +-- held     many of its kind came in before: keeps the place for so many admissions
///
/// - *waiting*: above `serving`. Can transition to: reserved, late, spent (given up).
/// - *reserved*: holds a slot until its deadline. Can transition to: inside, late, held, spent.
/// - *late*: at or below `serving` without a slot. Can transition to: reserved, spent (grace over).
/// - *held*: as late, and not called up before its admission comes, unless nobody else is there. Can transition to:
///   late, spent.
/// - *inside*: holds a slot until its session ends. Can transition to: spent, its slot free after a delay, in which the
///   next is called up already.
struct WaitingRoomStateMachine: Sendable {
    private(set) var rules: QueueRules
    let epoch: Int64
    var line: WaitingPositions
    var reserved = ExpiringSet<Int64>()
    private var late = LatePositions()
    var caps = CrowdCaps()
    var active = ExpiringSet<SessionID>()
    /// Sessions young enough for their claim to be repeated.
    private var fresh = ExpiringSet<SessionID>()
    /// Slots of sessions that left, by number of departure.
    private var departing = ExpiringSet<Int64>()
    private var departureCount: Int64 = 0
    private var spent: PositionBits
    private var turns: TurnHistory
    var releases = AdmissionBudget()
    private var entries = AdmissionBudget()
    /// Nobody is admitted before this moment, so that sessions older than this machine can be known again.
    private var holdUntil: Int64 = 0
    private var unused = UnusedNumbers()
    /// Those who came before an opening, and the last draw of their order.
    var registration = QueueRegistration()
    var draw = QueueDraw()
    /// Those of the last registration who left before its draw and whose numbers were not given up yet.
    var withdrawn: Set<Int64> = []
    var figures = QueueFigures()
    private var invited = InvitedPlaces()
    private var moving = MovingPlaces()

    init(rules: QueueRules, epoch: Int64) {
        self.rules = rules
        self.epoch = epoch
        line = WaitingPositions(serving: 0)
        spent = PositionBits()
        turns = TurnHistory(floor: 0)
    }

    /// Goes on from what an earlier machine left behind.
    ///
    /// The tail is moved up by `gap` numbers, more than can have been issued since the record was made: nobody holds
    /// them, so they are passed over at no cost, and no number is issued twice. Everybody in line has one grace to show
    /// up, and admission waits for one session length, in which the passes of people inside are taken over.
    init(rules: QueueRules, record: QueueRecord, gap: Int64, now: Int64) {
        self.rules = rules
        epoch = record.epoch
        line = WaitingPositions(serving: record.serving)
        let moment = record.moment
        // Not the room's present limit: a smaller one must not make numbers that were given out come again.
        let waiting = min(max(record.tail - record.serving, 0), QueueMoment.placeLimit)
        if !moment.alive.isEmpty, Int64(moment.alive.count) == waiting {
            line.append(times: moment.alive)
        } else {
            // Whoever is still there asks again within the longest poll interval of a place that is near.
            line.append(count: waiting, aliveUntil: now + 8_000)
            for position in record.silent.after(line.serving) { line.silence(position) }
        }
        unused = moment.unused.after(line.serving)
        if gap > 0 {
            let count = min(gap, 1_000_000)
            unused.add(after: line.tail, through: line.tail + count)
            line.append(count: count, aliveUntil: 0)
        }
        spent = record.spent
        turns = TurnHistory(floor: min(record.floor, record.serving))
        turns.record(serving: record.serving, now: now)
        registration = record.registration
        draw = record.draw
        for (session, until) in record.sessions where until > now {
            active.insert(session, until: until)
        }
        holdUntil = record.knowsSessions ? moment.holdUntil : now + rules.sessionMilliseconds
        resume(moment, now: now)
    }

    /// Goes on with what was under way.
    private mutating func resume(_ moment: QueueMoment, now: Int64) {
        // Whoever was called up before a restart and is there asks again within some seconds.
        let latest = now + (moment.alive.isEmpty ? 8_000 : 60_000)
        (releases, entries, figures) = (moment.releases, moment.entries, moment.figures)
        for (position, until) in moment.reserved
        where (1...max(line.serving, 1)).contains(position) && !spent.contains(position) {
            reserved.insert(position, until: min(until, latest))
        }
        for (position, until) in moment.late
        where (1...max(line.tail, 1)).contains(position) && !spent.contains(position) {
            late.insert(position, aliveUntil: until)
        }
        caps = CrowdCaps(
            held: moment.held.filter {
                (1...max(line.serving, 1)).contains($0.position) && !spent.contains($0.position)
            },
            cells: moment.cells
        )
        for (session, until) in moment.fresh where active[session] != nil {
            fresh.insert(session, until: until)
        }
        for until in moment.departing {
            departureCount += 1
            departing.insert(departureCount, until: min(until, now + rules.departureMilliseconds))
        }
        // Nobody whose turn came or who went before the line is to be called up from it, too.
        for position in moment.reserved.map(\.0) + moment.late.map(\.0) { line.forget(position) }
        for position in spent.after(line.serving) { line.forget(position) }
        let before = (moment.reserved + moment.late).map(\.0).filter { $0 > line.serving }
        invited = InvitedPlaces(uses: moment.invitations, places: Set(moment.invited + before))
        for position in invited.places { line.forget(position) }
        moving = MovingPlaces(moves: moment.moves)
        withdrawn = Set(moment.withdrawn)
    }

    var snapshot: QueueSnapshot {
        var snapshot = QueueSnapshot()
        snapshot.epoch = epoch
        snapshot.baseEpoch = epoch
        snapshot.serving = line.serving
        snapshot.tail = line.tail
        snapshot.activeCount = Int64(active.count + departing.count)
        snapshot.reservedCount = Int64(reserved.count)
        snapshot.heldCount = Int64(caps.count)
        snapshot.capacity = rules.capacity
        snapshot.unused = unused
        snapshot.registration = registration
        snapshot.draw = draw
        snapshot.figures = figures
        snapshot.holdUntil = holdUntil
        return snapshot
    }

    /// What a machine that begins later needs.
    func record(now: Int64) -> QueueRecord {
        var record = record
        record.silent = line.silent(now: now)
        return record
    }

    /// The same with what every place in line was seen last, for one that goes on at once.
    var wholeRecord: QueueRecord {
        var record = record
        record.moment.alive = line.times
        return record
    }

    private var record: QueueRecord {
        QueueRecord(
            epoch: epoch,
            serving: line.serving,
            tail: line.tail,
            floor: turns.floor,
            spent: spent,
            registration: registration,
            draw: draw,
            sessions: active.entries,
            knowsSessions: true,
            moment: moment
        )
    }

    private var moment: QueueMoment {
        QueueMoment(
            releases: releases,
            entries: entries,
            figures: figures,
            unused: unused,
            holdUntil: holdUntil,
            reserved: reserved.entries,
            late: late.entries,
            fresh: fresh.entries,
            held: caps.held,
            cells: caps.cells,
            departing: departing.entries.map(\.1),
            invitations: invited.uses,
            invited: Array(invited.places),
            moves: moving.moves,
            withdrawn: Array(withdrawn)
        )
    }

    /// How many of those in line are still there.
    func profile(now: Int64) -> CrowdProfile {
        line.profile(now: now, unused: unused)
    }

    /// Takes over new numbers from the operator; people inside stay, also above a smaller capacity.
    mutating func configure(_ rules: QueueRules, now: Int64) {
        releases.advance(to: now, self.rules)
        entries.advance(to: now, self.rules)
        self.rules = rules
        if isRegistering, rules.drawsMilliseconds > 0 {
            registration.opensAt = rules.drawsMilliseconds
        }
    }

    /// Issues the next number to somebody who came now; nil if the line is full, or others are to be numbered first.
    mutating func join(aliveUntil: Int64, now: Int64) -> Int64? {
        expire(now)
        drawIfDue(now)
        guard !isRegistering else { return nil }
        let places = line.tail - line.serving
        let people = places - unused.count(after: line.serving, through: line.tail)
        guard people < rules.queueLimit, places < QueueMoment.joinLimit else { return nil }
        line.append(aliveUntil: aliveUntil)
        let position = line.tail
        release(now)
        return position
    }

    /// Calls somebody up before the line; false if the invitation was used up, or the ticket is good no more. A place
    /// counts once, however often it is called up.
    ///
    /// - Parameter moves: how often the place had been moved when the ticket was made.
    mutating func invite(
        _ position: Int64,
        moves: Int64 = 0,
        invitation: String,
        uses: Int,
        now: Int64
    ) -> Bool {
        expire(now)
        guard isHeld(position, moves: moves),
            invited.add(position, with: invitation, limit: uses)
        else { return false }
        line.forget(position)
        caps.forget(position)
        if reserved[position] == nil { late.insert(position, aliveUntil: now + 8_000) }
        return true
    }

    /// Notes that somebody in line was seen.
    mutating func mark(_ position: Int64, aliveUntil: Int64) {
        guard !isSpent(position) else { return }
        if late.contains(position) {
            late.insert(position, aliveUntil: aliveUntil)
        } else {
            line.mark(position, aliveUntil: aliveUntil)
        }
    }

    /// Whether somebody who goes before the line was not there when a slot was free, and is not called up.
    private func isMissing(_ position: Int64) -> Bool {
        invited.contains(position) && line.isForgotten(position) && reserved[position] == nil
    }

    /// Asks for the turn of a number. The session is the one that follows from the ticket.
    ///
    /// - Parameter moves: how often the place had been moved when the ticket was made.
    mutating func claim(
        _ position: Int64,
        session: SessionID,
        aliveUntil: Int64,
        moves: Int64 = 0,
        origin: CrowdOrigin = CrowdOrigin(),
        now: Int64
    ) -> QueueClaim {
        expire(now)
        drawIfDue(now)
        if let until = active[session] {
            return fresh[session] == nil ? .spent : .admitted(untilMilliseconds: until)
        }
        guard position >= 1, position <= line.tail, !isSpent(position),
            moving.isLast(position, moves: moves)
        else { return .spent }
        if let admissions = held(position, now) { return .held(admissions: admissions) }
        if late.contains(position) || isMissing(position) {
            late.insert(position, aliveUntil: aliveUntil)
        } else if position > line.serving {
            line.mark(position, aliveUntil: aliveUntil)
        } else if reserved[position] == nil {
            guard position > turns.floor || caps.isHeld(position) else { return .spent }
            late.insert(position, aliveUntil: aliveUntil)
        }
        release(now)
        return enter(
            position,
            session: session,
            aliveUntil: aliveUntil,
            origin: origin,
            now: now
        )
    }

    /// Keeps a place ready for another device; false if the ticket is good no more, or too many are on their way.
    mutating func offer(_ offer: QueueOffer, code: String, now: Int64) -> Bool {
        expire(now)
        guard isHeld(offer.place.position, moves: offer.moves) else { return false }
        return moving.offer(offer, code: code, now: now)
    }

    /// The place that a code stands for, once.
    mutating func redeem(_ code: String, now: Int64) -> QueueOffer? {
        expire(now)
        guard let offer = moving.offer(of: code, now: now),
            isHeld(offer.place.position, moves: offer.moves)
        else { return nil }
        return moving.take(offer, code: code)
    }

    /// Puts a session's end off; nil if there is no such session.
    mutating func renew(_ session: SessionID, now: Int64) -> Int64? {
        expire(now)
        let until = now + rules.sessionMilliseconds
        guard active.extend(session, until: until) else { return nil }
        return active[session]
    }

    /// Takes over a session that an earlier machine admitted; nil unless this one is still waiting for such.
    mutating func adopt(_ session: SessionID, now: Int64) -> Int64? {
        guard now < holdUntil else { return nil }
        let until = now + rules.sessionMilliseconds
        guard active[session] == nil else {
            return active.extend(session, until: until) ? active[session] : nil
        }
        active.insert(session, until: until)
        return until
    }

    /// Ends a session; its slot is free when every node has heard of it.
    mutating func leave(_ session: SessionID, now: Int64) {
        expire(now)
        guard active.remove(session) else { return }
        fresh.remove(session)
        departureCount += 1
        departing.insert(departureCount, until: now + rules.departureMilliseconds)
    }

    /// Gives up a place in line; false if the ticket is good no more.
    ///
    /// - Parameter moves: how often the place had been moved when the ticket was made.
    @discardableResult
    mutating func giveUp(_ position: Int64, moves: Int64 = 0, now: Int64) -> Bool {
        expire(now)
        guard isHeld(position, moves: moves) else { return false }
        spent.insert(position)
        invited.remove(position)
        line.forget(position)
        late.remove(position)
        caps.forget(position)
        reserved.remove(position)
        release(now)
        return true
    }

    /// Lets time pass: ends what is over and calls up whoever has a slot now. Any number of callers does no harm.
    mutating func tick(now: Int64) {
        expire(now)
        drawIfDue(now)
        release(now)
    }

    /// How often an invitation was used.
    func uses(of invitation: String) -> Int { invited.uses[invitation, default: 0] }

    func isAdmitting(_ now: Int64) -> Bool {
        rules.isAdmitting && now >= holdUntil && now >= rules.opensMilliseconds
    }

    /// Every number up to this one is past its grace.
    var floor: Int64 { turns.floor }

    /// Whether the holder of a ticket still has the place.
    private func isHeld(_ position: Int64, moves: Int64) -> Bool {
        guard position >= 1, position <= line.tail, !isSpent(position),
            moving.isLast(position, moves: moves)
        else { return false }
        return position > turns.floor || isCalledUp(position)
    }

    private func isCalledUp(_ position: Int64) -> Bool {
        reserved[position] != nil || late.contains(position) || caps.isHeld(position)
    }

    /// A place that is called up or back in line is good, however long ago its turn came.
    private func isSpent(_ position: Int64) -> Bool {
        !isCalledUp(position) && spent.contains(position)
    }

    mutating func expire(_ now: Int64) {
        active.expire(at: now)
        departing.expire(at: now)
        figures.noShows += Int64(reserved.expire(at: now))
        fresh.expire(at: now)
        turns.expire(at: now, graceMilliseconds: rules.graceMilliseconds)
        spent.drop(through: turns.floor)
        caps.expire(admissions: figures.admissions, now: now)
        let (reserved, late, caps) = (reserved, late, caps)
        let isCalledUp = { reserved[$0] != nil || late.contains($0) || caps.isHeld($0) }
        moving.drop(through: turns.floor, except: isCalledUp)
        invited.drop(through: turns.floor, except: isCalledUp)
    }

    /// Calls up as many as there are free slots and budget: first who missed the turn and is back, then the line.
    mutating func release(_ now: Int64) {
        guard isAdmitting(now) else { return }
        releases.advance(to: now, rules)
        // Slots that were just left are free by the time that somebody called up now comes in.
        let free = rules.capacity - Int64(active.count + reserved.count)
        var count = min(free, releases.available(rules))
        while count > 0, let (position, aliveUntil) = late.removeFirst(aliveAt: now) {
            reserve(position, aliveUntil: aliveUntil, now: now)
            count -= 1
        }
        var passed: Int64 = 0
        let before = line.serving
        while count > 0, passed < rules.passLimit {
            if let end = unused.end(after: line.serving) { line.skip(end - line.serving) }
            guard let aliveUntil = line.serveNext() else { break }
            if aliveUntil > now {
                reserve(line.serving, aliveUntil: aliveUntil, now: now)
                count -= 1
            } else {
                passed += 1
            }
        }
        figures.passedOver += passed
        if line.serving > before { turns.record(serving: line.serving, now: now) }
    }

    /// Holds a slot at least until the visitor's next poll, if that comes as it was told.
    private mutating func reserve(_ position: Int64, aliveUntil: Int64, now: Int64) {
        reserved.insert(position, until: max(aliveUntil, now + rules.reservationMilliseconds))
        releases.spend()
    }

    private mutating func enter(
        _ position: Int64,
        session: SessionID,
        aliveUntil: Int64,
        origin: CrowdOrigin,
        now: Int64
    ) -> QueueClaim {
        guard isAdmitting(now), reserved[position] != nil else {
            _ = reserved.extend(position, until: aliveUntil)
            return .waiting
        }
        entries.advance(to: now, rules)
        let wait = entries.waitMilliseconds(rules)
        guard wait == 0 else {
            _ = reserved.extend(position, until: now + wait + rules.reservationMilliseconds)
            return .later(milliseconds: wait)
        }
        guard active.count + departing.count < Int(clamping: rules.capacity) else {
            let free = departing.nextTime.map { max($0 - now, 1) }
            _ = reserved.extend(
                position,
                until: max(aliveUntil, now + (free ?? 0) + rules.reservationMilliseconds)
            )
            return free.map { .later(milliseconds: $0) } ?? .waiting
        }
        if let admissions = holdBack(position, origin, now) { return .held(admissions: admissions) }
        entries.spend()
        figures.admissions += 1
        reserved.remove(position)
        invited.remove(position)
        spent.insert(position)
        let until = now + rules.sessionMilliseconds
        active.insert(session, until: until)
        fresh.insert(session, until: now + rules.retryMilliseconds)
        return .admitted(untilMilliseconds: until)
    }
}
