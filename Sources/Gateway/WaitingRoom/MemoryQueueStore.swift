import Synchronization
import Transport

/// A queue in this process, shared by its workers; for a moment, when one process takes over from another, in neither.
///
///     coming -> here -> gone
///
/// - *coming*: another process still has it. Questions wait for it a moment; then places are given out without numbers.
/// - *here*: every question is one step of the state machine.
/// - *gone*: it was offered to the successor, and is never here again, whatever became of the offer: at no moment two
///   processes have it, and while it is in doubt nobody is admitted. What connections that are left here ask is asked
///   there, so that nobody notices.
///
/// Contention: one lock around the state machine, held for one step of it: some microseconds, with a write of a line
/// for a new number or an admission; longer for a tick that calls up many at once, and once a second for the record.
/// Workers meet on it once per request of a protected path. Nobody waits for another process while holding it.
final class MemoryQueueStore: QueueStore {
    /// What one lock guards.
    private struct State: ~Copyable {
        /// Nil while it is coming, and once it is gone.
        var queue: ProcessQueue?
        var isGone = false
        /// Who can be asked once it is gone.
        var heir: SuccessionLink?
        /// Places given out while it is coming, in their order.
        var provisions: [ProvisionalPlace] = []
        var provisionCount = ProvisionalPlace.firstCount
        /// What is known of it once it is gone, and the rules it is to have when it is here.
        var snapshot = QueueSnapshot()
        var control = RoomControl()
        var rules: QueueRules
    }

    /// Where a question went.
    private enum Reach {
        case here([Int64])
        case coming
        case gone(SuccessionLink)
    }

    /// How long a question waits for a queue that is coming.
    private static let patienceMilliseconds: Int64 = 3_000

    private let state: Mutex<State>
    private let settings: WaitingRoomSettings
    private let pause: @Sendable (Int64) async -> Void
    /// When a queue that is coming was first waited for.
    private let begunAt: Int64

    /// An empty queue. `epoch` is larger than any before it: the seconds since 1970 at the start will do.
    init(settings: WaitingRoomSettings, epoch: Int64) {
        let rules = Self.rules(settings)
        self.settings = settings
        pause = { _ in }
        begunAt = 0
        state = Mutex(State(queue: ProcessQueue(rules: rules, epoch: epoch), rules: rules))
    }

    /// A queue that another process has for now: `arrive` or `open` brings it here.
    ///
    /// - Parameter pause: suspends a question for so many milliseconds.
    init(
        coming settings: WaitingRoomSettings,
        now: Int64,
        pause: @escaping @Sendable (Int64) async -> Void
    ) {
        self.settings = settings
        self.pause = pause
        begunAt = now
        state = Mutex(State(queue: nil, rules: Self.rules(settings)))
    }

    /// Goes on from what the last process wrote, and writes what the next one needs.
    ///
    /// - Parameter unrecordedSeconds: for how long numbers may have been given out that were not written.
    init(
        settings: WaitingRoomSettings,
        journal: QueueJournal,
        unrecordedSeconds: Int64 = 2,
        now: Int64
    ) {
        self.settings = settings
        pause = { _ in }
        begunAt = 0
        let queue = Self.load(settings, journal, unrecordedSeconds: unrecordedSeconds, now: now)
        state = Mutex(State(queue: queue, rules: Self.rules(settings)))
    }

    private static func load(
        _ settings: WaitingRoomSettings,
        _ journal: QueueJournal,
        unrecordedSeconds: Int64,
        now: Int64
    ) -> ProcessQueue {
        guard var record = journal.load() else {
            return ProcessQueue(rules: rules(settings), epoch: now / 1_000, journal: journal)
        }
        // The journal has every number that was given out, unless the machine itself went down: then more than a
        // gateway of this size can number in that time, since unused numbers cost nothing.
        let gap = record.knowsSessions ? 0 : 20_000 * min(max(unrecordedSeconds, 1), 50)
        // Requests of the last moment may have put ends off that were not written again.
        record.sessions = record.sessions.map { ($0.0, $0.1 + 1_500) }
        let control = RoomControl(text: record.control, version: 1)
        return ProcessQueue(
            rules: rules(control.applied(to: settings)),
            record: record,
            control: control,
            gap: gap,
            journal: journal,
            now: now
        )
    }

    // MARK: Coming and going

    var isComing: Bool { state.withLock { $0.queue == nil && !$0.isGone } }

    /// Takes over what another process sent; false if it is here already.
    ///
    /// To be called from one thread alone, as `open` is.
    func arrive(_ record: QueueRecord, journal: QueueJournal?, now: Int64) -> Bool {
        guard isComing else { return false }
        let control = RoomControl(text: record.control, version: 1)
        begin(
            ProcessQueue(
                rules: Self.rules(control.applied(to: settings)),
                record: record,
                control: control,
                journal: journal,
                now: now
            ),
            now: now
        )
        return true
    }

    /// Begins with what the last process wrote, or anew; nothing happens if the queue is here already.
    ///
    /// - Parameter knowsSessions: whether nobody can be inside if nothing was written.
    func open(journal: QueueJournal?, knowsSessions: Bool, now: Int64) {
        guard isComing else { return }
        if let journal {
            return begin(
                Self.load(settings, journal, unrecordedSeconds: 2, now: now),
                now: now
            )
        }
        var record = QueueRecord(epoch: now / 1_000, serving: 0, tail: 0)
        record.knowsSessions = knowsSessions
        begin(
            ProcessQueue(
                rules: Self.rules(settings),
                record: record,
                control: RoomControl(),
                journal: nil,
                now: now
            ),
            now: now
        )
    }

    /// Numbers those who came meanwhile, in the order in which they came, until there are none; then it is here.
    private func begin(_ queue: ProcessQueue, now: Int64) {
        var queue = queue
        while true {
            let places = state.withLock { state in
                if state.provisions.isEmpty {
                    queue.configure(state.rules, now: now)
                    state.queue = queue
                }
                defer { state.provisions = [] }
                return state.provisions
            }
            guard !places.isEmpty else { return }
            for place in places { _ = queue.answer(.provision(place), now: now) }
        }
    }

    /// Sends the queue to the process at the other end and asks there from now on.
    ///
    /// It is gone at once and for good. It is packed and sent by the link's thread, before anything that is asked after
    /// this moment.
    ///
    /// - Parameter receive: hears whether the other process has taken it.
    func depart(
        to heir: SuccessionLink,
        log: ReceiptLog,
        now: Int64,
        receive: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        state.withLock { state in
            guard var queue = state.queue else { return }
            state.snapshot = queue.snapshot
            state.control = queue.control
            state.heir = heir
            state.isGone = true
            state.queue = nil
            let luggage = QueueLuggage(queue, log: log)
            heir.take(settings.name, luggage: { luggage.pack(now: now) }, receive: receive)
        }
    }

    // MARK: Questions

    /// One step of the queue, wherever it is; nil while nobody can take it. Waits for another process if that has it.
    func ask(_ question: QueueQuestion, now: Int64) async -> [Int64]? {
        switch reach(question, now: now) {
        case .here(let numbers): numbers
        case .coming: nil
        case .gone(let heir): await heir.ask(question, room: settings.name)
        }
    }

    /// The same for a thread that may wait.
    func askWaiting(_ question: QueueQuestion, now: Int64) -> [Int64]? {
        switch reach(question, now: now) {
        case .here(let numbers): numbers
        case .coming: nil
        case .gone(let heir): heir.askWaiting(question, room: settings.name)
        }
    }

    private func reach(_ question: QueueQuestion, now: Int64) -> Reach {
        state.withLock { state in
            if let numbers = state.queue?.answer(question, now: now) { return .here(numbers) }
            return state.heir.map { .gone($0) } ?? .coming
        }
    }

    private func answer(_ question: QueueQuestion, now: Int64) async throws(QueueStoreError)
        -> [Int64]
    {
        var waited: Int64 = 0
        while true {
            if let numbers = await ask(question, now: now + waited) { return numbers }
            guard isComing, isPatient(now + waited) else { throw .away }
            await pause(20)
            waited += 20
        }
    }

    private func isPatient(_ now: Int64) -> Bool { now - begunAt < Self.patienceMilliseconds }

    var clockOffset: Int64 { 0 }

    func isCurrent(since moment: Int64) -> Bool { true }

    func snapshot() -> QueueSnapshot {
        state.withLock { state in
            if let snapshot = state.queue?.snapshot { return snapshot }
            return state.snapshot
        }
    }

    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        // Once it is gone, whoever asks has to wait for the answer: `renew` does.
        let until = state.withLock { $0.queue?.answer(.touch(session), now: now).first }
        return until.map { .active(untilMilliseconds: $0) } ?? .unknown
    }

    func noteAnswer(to session: SessionID, now: Int64) { _ = touch(session, now: now) }

    func mark(_ position: Int64, aliveUntil: Int64) {
        let heir = state.withLock { state -> SuccessionLink? in
            guard state.queue != nil else { return state.heir }
            state.queue?.mark(position, aliveUntil: aliveUntil)
            return nil
        }
        heir?.ask(.mark(position, aliveUntil: aliveUntil), room: settings.name) { _ in }
    }

    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace? {
        let place = QueuePlace(try await answer(.join(aliveUntil: aliveUntil), now: now))
        // Those who registered are numbered first, and their order is not drawn yet.
        if place == nil, snapshot().isRegistering { throw .settling(provision(now: now)) }
        return place
    }

    func register(
        opensAt: Int64,
        key: Int64,
        insteadOf provisional: ProvisionalPlace?,
        now: Int64
    ) async throws(QueueStoreError) -> QueueRegistration? {
        QueueRegistration(try await answer(.register(opensAt: opensAt, key: key), now: now))
    }

    func provision(now: Int64) -> ProvisionalPlace {
        state.withLock { state in
            state.provisionCount += 1
            let place = ProvisionalPlace(
                milliseconds: now,
                node: 0,
                sequence: state.provisionCount % ProvisionalPlace.sequenceLimit
            )
            if let _ = state.queue?.answer(.provision(place), now: now) { return place }
            if !state.isGone, state.provisions.count < ProvisionalNumbers.limit {
                state.provisions.append(place)
            }
            return place
        }
    }

    func place(_ provisional: ProvisionalPlace, now: Int64) async throws(QueueStoreError)
        -> QueuePlace?
    {
        QueuePlace(try await answer(.place(provisional), now: now))
    }

    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        guard let answer = QueueClaim(try await answer(.claim(claim), now: now)) else {
            throw .away
        }
        return answer
    }

    func invite(_ position: Int64, moves: Int64, invitation: Invitation, now: Int64)
        async throws(QueueStoreError) -> Bool
    {
        try await answer(.invite(position, moves: moves, invitation), now: now) == [1]
    }

    func offer(_ offer: QueueOffer, code: String, now: Int64) async throws(QueueStoreError) -> Bool {
        try await answer(.offer(offer, code: code), now: now) == [1]
    }

    func redeem(_ code: String, now: Int64) async throws(QueueStoreError) -> QueueOffer? {
        let numbers = try await answer(.redeem(code), now: now)
        guard numbers.count == 4 else { return nil }
        let place = QueuePlace(epoch: numbers[0], position: numbers[1])
        return QueueOffer(place: place, isInvited: numbers[2] == 1, moves: numbers[3])
    }

    func renew(_ session: SessionID, adopts: Bool, now: Int64) async throws(QueueStoreError)
        -> Int64?
    {
        try await answer(.renew(session, adopts: adopts), now: now).first
    }

    /// As long as the pass says, which is no longer than the queue keeps the slot, wherever it is.
    func extend(_ session: SessionID, until: Int64, now: Int64) -> Int64? {
        state.withLock { $0.queue == nil && until > now ? until : nil }
    }

    var isShared: Bool { false }

    /// Only what another process has can be away.
    var failure: String? {
        state.withLock { $0.queue == nil ? "another process has the room's state" : nil }
    }

    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        _ = try await answer(.leave(session), now: now)
    }

    func giveUp(_ position: Int64, moves: Int64, now: Int64) async throws(QueueStoreError) {
        _ = try await answer(.giveUp(position, moves: moves), now: now)
    }

    func withdraw(_ index: Int64, of name: Int64, epoch: Int64, now: Int64)
        async throws(QueueStoreError)
    {
        _ = try await answer(.withdraw(index, of: name, epoch: epoch), now: now)
    }

    /// None once it is gone: whoever has it gives them up.
    func withdrawn(from draw: QueueDraw, now: Int64) async throws(QueueStoreError) -> [Int64] {
        state.withLock { $0.queue?.takeWithdrawn(from: draw) ?? [] }
    }

    func configure(_ rules: QueueRules, now: Int64) async throws(QueueStoreError) {
        let rules = Self.local(rules)
        state.withLock { state in
            state.rules = rules
            state.queue?.configure(rules, now: now)
        }
    }

    var control: RoomControl { state.withLock { $0.queue?.control ?? $0.control } }

    func decide(_ control: RoomControl, now: Int64) async throws(QueueStoreError) {
        _ = try await answer(.decide(control.text), now: now)
        state.withLock { if $0.queue == nil { $0.control = control } }
    }

    func tick(now: Int64) async throws(QueueStoreError) {
        let (isHere, heir) = state.withLock { state in
            state.queue?.tick(now: now)
            return (state.queue != nil, state.heir)
        }
        guard !isHere else { return }
        guard let heir else {
            guard isPatient(now) else { throw .away }
            return
        }
        guard let numbers = await heir.ask(.state(hasKeys: true), room: settings.name),
            let snapshot = QueueSnapshot(numbers.dropLast())
        else { throw .away }
        state.withLock { state in
            var next = snapshot
            next.profile = state.snapshot.profile
            if next.covers(epoch: state.snapshot.epoch) { next.addUnused(state.snapshot.unused) }
            state.snapshot = next
        }
    }

    func admissions(after index: Int64, limit: Int, now: Int64) async throws(QueueStoreError)
        -> [Admission]
    {
        state.withLock { $0.queue?.log.entries(after: index, limit: limit) ?? [] }
    }

    /// One node need not wait for others to hear of a departure, only for requests on their way to the backend.
    private static func rules(_ settings: WaitingRoomSettings) -> QueueRules {
        local(QueueRules(settings))
    }

    private static func local(_ rules: QueueRules) -> QueueRules {
        var rules = rules
        rules.departureMilliseconds = 100
        rules.capacity = min(rules.capacity, rules.capacityHere ?? .max)
        return rules
    }
}

extension QueueRegistration {
    /// Nil if there are no numbers.
    fileprivate init?(_ numbers: [Int64]) {
        guard numbers.count == 4 else { return nil }
        self.init(name: numbers[0], opensAt: numbers[1], count: numbers[2], key: numbers[3])
    }
}

extension QueuePlace {
    /// Nil if there are no numbers.
    fileprivate init?(_ numbers: [Int64]) {
        guard numbers.count == 2 else { return nil }
        self.init(epoch: numbers[0], position: numbers[1])
    }
}
