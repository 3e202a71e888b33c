import Synchronization
import Transport

/// A queue in this process, shared by its workers.
///
/// Contention: one lock around the state machine, held for one step of it (below a microsecond, but for ticks that call
/// up many at once, and for a line of the journal per admission). Workers meet on it once per request of a protected
/// path.
final class MemoryQueueStore: QueueStore {
    /// What one lock guards.
    private struct State: ~Copyable {
        var machine: WaitingRoomStateMachine
        var journal: QueueJournal?
        var control = RoomControl()
        var log = AdmissionLog()
        var writtenAt: Int64 = 0
        var writeMilliseconds: Int64 = 1_000
    }

    private let state: Mutex<State>

    /// An empty queue. `epoch` is larger than any before it: the seconds since 1970 at the start will do.
    init(settings: WaitingRoomSettings, epoch: Int64) {
        let rules = Self.rules(settings)
        state = Mutex(State(machine: WaitingRoomStateMachine(rules: rules, epoch: epoch)))
    }

    /// Goes on from what the last process wrote, and writes what the next one needs.
    ///
    /// - Parameter unrecordedSeconds: for how long numbers may have been given out that were not written.
    init(
        settings: WaitingRoomSettings,
        journal: sending QueueJournal,
        unrecordedSeconds: Int64 = 2,
        now: Int64
    ) {
        guard var record = journal.load() else {
            let machine = WaitingRoomStateMachine(rules: Self.rules(settings), epoch: now / 1_000)
            _ = journal.turn()
            state = Mutex(State(machine: machine, journal: journal))
            return
        }
        let control = RoomControl(text: record.control, version: 1)
        // The journal has every number that was given out, unless the machine itself went down: then more than a
        // gateway of this size can number in that time, since unused numbers cost nothing.
        let gap = record.knowsSessions ? 0 : 20_000 * min(max(unrecordedSeconds, 1), 50)
        // Requests of the last moment may have put ends off that were not written again.
        record.sessions = record.sessions.map { ($0.0, $0.1 + 1_500) }
        let machine = WaitingRoomStateMachine(
            rules: Self.rules(control.applied(to: settings)),
            record: record,
            gap: gap,
            now: now
        )
        state = Mutex(State(machine: machine, journal: journal, control: control))
        write(now: now)
    }

    var clockOffset: Int64 { 0 }

    func snapshot() -> QueueSnapshot { state.withLock { $0.machine.snapshot } }

    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        state.withLock { $0.machine.renew(session, now: now) }
            .map { .active(untilMilliseconds: $0) } ?? .unknown
    }

    func mark(_ position: Int64, aliveUntil: Int64) {
        state.withLock { $0.machine.mark(position, aliveUntil: aliveUntil) }
    }

    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace? {
        state.withLock { state in
            guard let position = state.machine.join(aliveUntil: aliveUntil, now: now) else {
                return nil
            }
            state.journal?.issued(position)
            return QueuePlace(epoch: state.machine.epoch, position: position)
        }
    }

    func register(opensAt: Int64, now: Int64) async throws(QueueStoreError) -> Int64? {
        state.withLock { state in
            guard let count = state.machine.register(opensAt: opensAt, now: now) else { return nil }
            state.journal?.registered(count, opensAt: opensAt)
            return count
        }
    }

    func provision(now: Int64) -> ProvisionalPlace {
        ProvisionalPlace(milliseconds: now, node: 0, sequence: 0)
    }

    /// The queue is never away, so that such places come from elsewhere: they are numbered when they are seen.
    func place(_ provisional: ProvisionalPlace, now: Int64) async throws(QueueStoreError)
        -> QueuePlace?
    {
        try await join(aliveUntil: now + 14_000, now: now)
    }

    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        state.withLock { state in
            guard claim.place.epoch == state.machine.epoch else { return .spent }
            let before = state.machine.figures.admissions
            let answer = state.machine.claim(
                claim.place.position,
                session: claim.session,
                aliveUntil: claim.aliveUntil,
                now: now
            )
            if case .admitted(let until) = answer, state.machine.figures.admissions > before {
                state.journal?.admitted(claim.place.position, claim.session, until: until)
                state.log.append(claim.place.position, claim.session, now: now)
            }
            return answer
        }
    }

    func invite(_ position: Int64, invitation: Invitation, now: Int64)
        async throws(QueueStoreError) -> Bool
    {
        state.withLock {
            $0.machine.invite(
                position,
                invitation: invitation.name,
                uses: invitation.uses,
                now: now
            )
        }
    }

    func renew(_ session: SessionID, adopts: Bool, now: Int64) async throws(QueueStoreError)
        -> Int64?
    {
        state.withLock { state in
            if let until = state.machine.renew(session, now: now) { return until }
            guard adopts, let until = state.machine.adopt(session, now: now) else { return nil }
            state.journal?.admitted(0, session, until: until)
            return until
        }
    }

    func extend(_ session: SessionID, until: Int64, now: Int64) -> Int64? { nil }

    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        state.withLock {
            $0.machine.leave(session, now: now)
            $0.journal?.left(session)
        }
    }

    func giveUp(_ position: Int64, now: Int64) async throws(QueueStoreError) {
        state.withLock {
            $0.machine.giveUp(position, now: now)
            $0.journal?.gaveUp(position)
        }
    }

    func configure(_ rules: QueueRules, now: Int64) async throws(QueueStoreError) {
        state.withLock { $0.machine.configure(Self.local(rules), now: now) }
    }

    var control: RoomControl { state.withLock { $0.control } }

    func decide(_ control: RoomControl, now: Int64) async throws(QueueStoreError) {
        state.withLock {
            $0.control = RoomControl(text: control.text, version: $0.control.version + 1)
        }
        write(now: now)
    }

    func tick(now: Int64) async throws(QueueStoreError) {
        let isDue = state.withLock { state in
            state.machine.tick(now: now)
            return state.journal != nil
                && (now - state.writtenAt >= state.writeMilliseconds || now < state.writtenAt)
        }
        if isDue { write(now: now) }
    }

    func admissions(after index: Int64, limit: Int, now: Int64) async throws(QueueStoreError)
        -> [Admission]
    {
        state.withLock { $0.log.entries(after: index, limit: limit) }
    }

    /// Writes the record, so often that it costs no more than a fiftieth of a core.
    ///
    /// Under the lock, so that no event falls between the record and its journal; what it costs is made of the people
    /// inside and of those whose turn came within the grace.
    func write(now: Int64) {
        state.withLock { state in
            guard let journal = state.journal else { return }
            let start = Instant.current()
            var record = state.machine.record
            record.control = state.control.text
            record.journal = journal.turn()
            journal.write(record)
            state.writtenAt = now
            let cost = Int64(Instant.current().nanoseconds(since: start) / 1_000_000)
            state.writeMilliseconds = min(max(50 * cost, 1_000), 30_000)
        }
    }

    /// One node need not wait for others to hear of a departure, only for requests on their way to the backend.
    private static func rules(_ settings: WaitingRoomSettings) -> QueueRules {
        local(QueueRules(settings))
    }

    private static func local(_ rules: QueueRules) -> QueueRules {
        var rules = rules
        rules.departureMilliseconds = 100
        return rules
    }
}
