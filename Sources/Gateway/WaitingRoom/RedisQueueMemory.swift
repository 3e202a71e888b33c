/// What one node remembers of a queue in Redis.
struct RedisQueueMemory {
    /// Somebody whose number is being asked for.
    struct Joiner {
        let aliveUntil: Int64
        let continuation: CheckedContinuation<Result<QueuePlace?, QueueStoreError>?, Never>
    }

    /// A session as this node knows it, on its own clock.
    struct Session {
        /// The end that Redis knows of.
        var confirmed: Int64
        /// The end with what was granted while Redis was away.
        var until: Int64
        /// When Redis was asked about it.
        var askedAt: Int64
        /// The end that its visitor's last request would have had if Redis had been there. Until then the
        /// visitor counts as inside, so that Redis is told of it when it answers, even if the session itself
        /// is over by then.
        var owed: Int64 = 0

        /// Until when its visitor counts as inside.
        var countsUntil: Int64 { max(until, owed) }
    }

    /// What a tick has to tell Redis.
    struct Due {
        var touched: [SessionID] = []
        var marks: [(position: Int64, aliveUntil: Int64)] = []
        var isTick = false
        var needsReport = false
        var needsRules = false
        /// Whether this node says that it is there, and asks which others are.
        var isRollCall = false
        /// Whether who is called up may have changed.
        var isMoving = false
    }

    /// How far the line had come, and who had registered for what comes next.
    struct Progress {
        let serving: Int64
        let tail: Int64
        let registration: QueueRegistration
        let draw: QueueDraw
    }

    var snapshot = QueueSnapshot()
    /// The head of the line, as far as this node has seen it.
    var head = RememberedHead()
    /// What is to be told of it after Redis lost it; nil if that is not enough to go on at once.
    private(set) var recall: RememberedHead.Recall?
    /// What was seen of the line before Redis lost it: more, perhaps, than by the node that told first what was lost.
    private(set) var progress: Progress?
    /// Redis' clock less this node's, milliseconds.
    private(set) var clockOffset: Int64 = 0
    var sessions: [SessionID: Session] = [:]
    /// Sessions that were left while Redis was away.
    var departures = UntoldDepartures()
    /// Places that were given up while Redis was away, in which epoch, and how often each had been moved.
    private(set) var givenUp: [Int64: (epoch: Int64, moves: Int64)] = [:]
    /// Those who registered and left before the draw.
    var withdrawals = HeardWithdrawals()
    /// Sessions with requests that Redis has not heard of.
    var touched: Set<SessionID> = []
    /// Places seen since the last report, in this node's time.
    var marks: [Int64: Int64] = [:]
    /// Those who came after the first of the batch that is open.
    var joiners: [Joiner] = []
    /// Whether somebody is gathering a batch.
    var isGathering = false
    /// When Redis was last heard; 0 before the first time.
    var heardAt: Int64 = 0
    /// When this node said last that it is there, and was answered.
    var calledAt: Int64 = 0
    /// When it said so last. Redis may have heard it although its answer was lost.
    var callSentAt: Int64 = 0
    /// When Redis was asked last who left; what is known of sessions is as old as that.
    private(set) var toldAt: Int64 = 0
    /// Until when, on Redis' clock, this node has heard who left; 0 if it does not know.
    private(set) var toldUntil: Int64 = 0
    /// Tells this process from another of the same node.
    let process = Int64.random(in: 1..<1 << 52)
    /// Whether the last call failed: from then on only ticks ask.
    var isFailing = false
    /// Why a call failed last.
    private(set) var failure: String?
    /// Places given out while Redis was away, and not yet told to it.
    var provisions: [ProvisionalPlace] = []
    var provisionCount = ProvisionalPlace.firstCount
    /// Turns taken here, by when, to be told if Redis forgets.
    var claimed: [Int64: Int64] = [:]
    /// The entry of the log of admissions that was read last.
    var logCursor = "0-0"
    /// When turns came, to know which are past their grace.
    var turns = TurnHistory(floor: 0)
    /// Nodes of the room, by their names.
    var nodes: [String] = []
    var recovery: Int64 = 0
    var reportedRecovery: Int64 = 0
    var needsReport = false
    var controlVersion: Int64 = 0
    var control = RoomControl()
    var rules: QueueRules
    /// Whether the functions are there, as far as this process is concerned.
    var hasOpened = false
    private var lookedAt: Int64 = 0
    /// Whether Redis may have other rules than these.
    var needsRules = false
    /// Whether it was said which rules Redis is to have.
    var isConfigured = false
    /// Whether other gateways told Redis of another opening.
    var openings = OpeningAgreement()
    private var tickedAt: Int64 = 0
    private var movedAt: Int64 = 0
    private var reportedAt: Int64 = 0

    init(rules: QueueRules) { self.rules = rules }

    /// Takes over a newer state; replies may overtake one another, so nothing goes back within an epoch.
    ///
    /// - Parameter older: numbers that were given to nobody before those that the reply names, if that was told.
    mutating func learn(_ reply: RedisQueueReply, older: [Int64]? = nil, now: Int64) {
        clockOffset = reply.nowMilliseconds - now
        heardAt = max(heardAt, now)
        isFailing = false
        failure = nil
        guard reply.snapshot.epoch >= snapshot.epoch else { return }
        head.begin(tail: reply.snapshot.tail, now: now)
        var next = reply.snapshot
        if next.epoch > snapshot.epoch { noteLoss(next) }
        // Also over a loss of data nobody's place may seem to move back.
        if next.covers(epoch: snapshot.epoch) {
            next.tail = max(next.tail, snapshot.tail)
            next.serving = max(next.serving, snapshot.serving)
        }
        if next.epoch == snapshot.epoch {
            if next.registration.isBefore(snapshot.registration) {
                next.registration = snapshot.registration
            }
            if next.draw.name < snapshot.draw.name { next.draw = snapshot.draw }
        }
        // Told by now, or too late: a later hold is of another loss, before which the line may have gone on.
        if reply.holdMilliseconds == 0 { progress = nil }
        addUnused(to: &next, older, isHeld: reply.holdMilliseconds > 0)
        next.profile = snapshot.profile
        // Requests that began before this reply came compare with their own time.
        next.holdUntil = reply.holdMilliseconds > 0 ? now + reply.holdMilliseconds : 0
        if next.serving != snapshot.serving || next.figures != snapshot.figures { movedAt = now }
        snapshot = next
        turns.record(serving: snapshot.serving, now: now)
        controlVersion = reply.controlVersion
        recovery = reply.recovery
        if reply.holdMilliseconds > 0, recovery != reportedRecovery { needsReport = true }
    }

    /// Numbers given to nobody are those that are told now, or were known before, and the newest.
    ///
    /// What this node alone knows of those counts until it can have told Redis: gateways are to say the same.
    private func addUnused(to next: inout QueueSnapshot, _ older: [Int64]?, isHeld: Bool) {
        var known = UnusedNumbers(older ?? [])
        if older == nil, next.covers(epoch: snapshot.epoch) { known = snapshot.unused }
        let seen = isHeld ? progress?.tail ?? 0 : 0
        let end = next.unused.stretches.last?.through ?? 0
        next.addUnused(known, seen: seen < end ? seen : 0)
    }

    /// Notes what is known of the line that Redis has lost, if it goes on.
    private mutating func noteLoss(_ next: QueueSnapshot) {
        let isKnown = snapshot.epoch > 0 && next.covers(epoch: snapshot.epoch)
        progress =
            isKnown
            ? Progress(
                serving: snapshot.serving,
                tail: snapshot.lastIssued,
                registration: snapshot.registration,
                draw: snapshot.draw
            ) : nil
        recall = isKnown ? head.recall(snapshot, now: heardAt) : nil
    }

    /// Notes that a place was given up; of a crowd that does so those beyond the first are passed over in their turn.
    mutating func noteGivenUp(_ position: Int64, moves: Int64) {
        if givenUp.count < 10_000 { givenUp[position] = (snapshot.epoch, moves) }
    }

    /// Takes out the places that were given up, but for those of a line that is over.
    mutating func takeGivenUp() -> [(position: Int64, moves: Int64)] {
        defer { givenUp = [:] }
        return givenUp.filter { snapshot.covers(epoch: $0.value.epoch) }
            .map { (position: $0.key, moves: $0.value.moves) }
    }

    /// Notes that what Redis had lost of the head of the line was told.
    mutating func forgetRecall() { recall = nil }

    /// Notes that Redis did not answer: what this node then does on its own has to be told later.
    mutating func lose(_ reason: String) {
        isFailing = true
        failure = reason
        needsReport = true
        // Another server may be in its place by then, with another clock.
        toldUntil = 0
    }

    /// Takes over who left, as told by Redis when it was asked at `now`.
    ///
    /// - Parameter until: the moment on Redis' clock up to which that is all; 0 if it does not say.
    mutating func hear(left: [SessionID], until: Int64, now: Int64) {
        if now - toldAt > Self.rememberedMilliseconds {
            // Redis has forgotten who left first: each session is asked for before it is trusted again.
            for (session, known) in sessions where known.confirmed > now {
                sessions[session]?.confirmed = now
            }
        }
        for session in left { forget(session) }
        toldAt = max(toldAt, now)
        toldUntil = until
    }

    /// Less than the time for which Redis can tell who left.
    private static let rememberedMilliseconds: Int64 = 9_000

    mutating func confirm(_ session: SessionID, until: Int64, now: Int64) {
        sessions[session] = Session(confirmed: until, until: until, askedAt: now)
    }

    /// Until when Redis surely keeps the slot of a session if it hears no more of this node, and others go on: to the
    /// end that it knows of, or for as long as this node was there within a lease. A node that was there just before
    /// that end does not count as cut off.
    func last(of session: Session) -> Int64 {
        let isKept = session.confirmed >= callSentAt + rules.outageMilliseconds + 1_000 + Self.doubt
        let end = isKept ? calledAt + rules.leaseMilliseconds : 0
        return max(session.confirmed, end) - Self.doubt
    }

    /// Milliseconds by which the two sides may disagree on a moment.
    private static let doubt: Int64 = 500

    mutating func forget(_ session: SessionID) {
        sessions[session] = nil
        touched.remove(session)
    }

    /// Whether it is time to ask who is still there; a long line is looked at less often, since it is read as a whole.
    mutating func mayLook(_ now: Int64) -> Bool {
        let waiting = snapshot.waitingCount
        let period = 2_000 + waiting / 65_536 * 2_000
        guard waiting > 0, now - lookedAt >= period || now < lookedAt else { return false }
        lookedAt = now
        return true
    }

    /// Takes out what is to be reported now.
    ///
    /// A line that moves is looked at more often than one in which nothing happens.
    mutating func due(_ now: Int64, tick: Int64, alive: Int64) -> Due {
        var due = Due()
        let isMoving = now - movedAt < 2_000 || needsReport || !touched.isEmpty
        guard now - tickedAt >= (isMoving ? tick / 5 : tick) || now < tickedAt else { return due }
        tickedAt = now
        due.isTick = true
        due.isMoving = isMoving
        due.needsReport = needsReport
        // Only with what operators decided: a gateway that has just started does not know it yet.
        due.needsRules = needsRules && heardAt > 0 && controlVersion == control.version
        due.touched = Array(touched)
        touched = []
        sessions = sessions.filter { $0.value.countsUntil > now }
        if now - reportedAt >= alive || now < reportedAt {
            reportedAt = now
            due.isRollCall = true
            turns.expire(at: now, graceMilliseconds: rules.graceMilliseconds)
            claimed = claimed.filter { $0.value + rules.graceMilliseconds + 10_000 > now }
            // Of those whose turn has come, only who goes before the line is marked.
            due.marks = marks.map { (position: $0.key, aliveUntil: $0.value + clockOffset) }
            marks = [:]
            head.forget(through: snapshot.serving)
        }
        return due
    }
}
