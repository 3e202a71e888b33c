import Synchronization

/// A queue in this process, shared by its workers.
///
/// Contention: one lock around the state machine, held for one step of it (below a microsecond, but for ticks that call
/// up many at once). Workers meet on it once per request of a protected path.
final class MemoryQueueStore: QueueStore {
    private let machine: Mutex<WaitingRoomStateMachine>

    /// An empty queue. `epoch` is larger than any before it: the seconds since 1970 at the start will do.
    init(settings: WaitingRoomSettings, epoch: Int64) {
        machine = Mutex(WaitingRoomStateMachine(rules: Self.rules(settings), epoch: epoch))
    }

    /// Goes on from a record that was written at most `unrecordedSeconds` before the last process ended.
    init(
        settings: WaitingRoomSettings,
        record: QueueRecord,
        unrecordedSeconds: Int64 = 2,
        now: Int64
    ) {
        // More than a gateway of this size can number in that time; unused numbers cost nothing.
        let gap = 20_000 * min(max(unrecordedSeconds, 1), 50)
        machine = Mutex(
            WaitingRoomStateMachine(rules: Self.rules(settings), record: record, gap: gap, now: now)
        )
    }

    /// What to write each second and at the end, to go on from after a restart.
    var record: QueueRecord { machine.withLock { $0.record } }

    /// Takes over new settings; places and sessions stay.
    func configure(_ settings: WaitingRoomSettings, now: Int64) {
        machine.withLock { $0.configure(Self.rules(settings), now: now) }
    }

    func snapshot() -> QueueSnapshot { machine.withLock { $0.snapshot } }

    func touch(_ session: SessionID, now: Int64) -> SessionStanding {
        machine.withLock { $0.renew(session, now: now) }.map { .active(untilMilliseconds: $0) }
            ?? .unknown
    }

    func mark(_ position: Int64, aliveUntil: Int64) {
        machine.withLock { $0.mark(position, aliveUntil: aliveUntil) }
    }

    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace? {
        machine.withLock { machine in
            machine.join(aliveUntil: aliveUntil, now: now).map {
                QueuePlace(epoch: machine.epoch, position: $0)
            }
        }
    }

    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim {
        machine.withLock { machine in
            guard claim.place.epoch == machine.epoch else { return .spent }
            return machine.claim(
                claim.place.position,
                session: claim.session,
                aliveUntil: claim.aliveUntil,
                now: now
            )
        }
    }

    func renew(_ session: SessionID, now: Int64) async throws(QueueStoreError) -> Int64? {
        machine.withLock { $0.renew(session, now: now) ?? $0.adopt(session, now: now) }
    }

    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError) {
        machine.withLock { $0.leave(session, now: now) }
    }

    func giveUp(_ position: Int64, now: Int64) async throws(QueueStoreError) {
        machine.withLock { $0.giveUp(position, now: now) }
    }

    func tick(now: Int64) async throws(QueueStoreError) {
        machine.withLock { $0.tick(now: now) }
    }

    /// One node need not wait for others to hear of a departure, only for requests on their way to the backend.
    private static func rules(_ settings: WaitingRoomSettings) -> QueueRules {
        var rules = QueueRules(settings)
        rules.departureMilliseconds = 250
        return rules
    }
}
