import Synchronization

/// What a room expects of its line: how fast it moves, and how long that makes whom wait.
///
/// Contention: ticks write, and polls read atomics; a lock is taken by ticks, and by one poll in sixteen.
final class WaitForecast: Sendable {
    private let estimator: Mutex<WaitEstimator>
    /// What some were told, to be held against what came.
    private let book = Mutex(EstimateBook())
    private let rate = Atomic<Int64>(0)
    private let dispersionPermille = Atomic<Int64>(0)
    private let seenSeconds = Atomic<Int64>(0)
    /// How many hundredths of the told waits nine in ten stayed below; 0 while unknown.
    private let highShare = Atomic<Int64>(0)

    /// - Parameter sessionSeconds: how long a slot is taken at most, before anything was seen.
    init(sessionSeconds: Int) {
        estimator = Mutex(WaitEstimator(sessionSeconds: sessionSeconds))
    }

    /// Turns that come in 1,000 s; 0 while unknown.
    var turnsPerThousandSeconds: Int64 { rate.load(ordering: .relaxed) }

    /// Learns nothing from the time since the last tick.
    func interrupt(now: Int64) { estimator.withLock { $0.interrupt(now: now) } }

    /// Learns from how the line moved since the last tick, and says what became of the waits that were told.
    ///
    /// - Parameter isStopped: whether nobody could be admitted, whatever the line.
    func learn(_ snapshot: QueueSnapshot, isStopped: Bool, now: Int64) -> [EstimateBook.Outcome] {
        let occupied = snapshot.activeCount + snapshot.reservedCount
        let sight = WaitEstimator.Sight(
            turns: snapshot.figures.admissions + snapshot.figures.noShows + snapshot.reservedCount,
            freed: snapshot.figures.admissions + snapshot.figures.noShows - snapshot.activeCount,
            isFull: occupied * 10 >= snapshot.capacity * 9,
            isWaiting: snapshot.waitingCount > 0
        )
        let pace = estimator.withLock { estimator in
            if isStopped {
                estimator.interrupt(now: now)
            } else {
                estimator.record(sight, now: now)
            }
            return estimator.pace
        }
        rate.store(pace.map { Int64($0.turnsPerSecond * 1_000) } ?? 0, ordering: .relaxed)
        dispersionPermille.store(
            pace.map { Int64($0.dispersion * 1_000) } ?? 0,
            ordering: .relaxed
        )
        seenSeconds.store(pace.map { Int64($0.seenSeconds) } ?? 0, ordering: .relaxed)
        return book.withLock { book in
            let outcomes = book.settle(serving: snapshot.serving, now: now)
            if !outcomes.isEmpty { highShare.store(book.ninthDecile ?? 0, ordering: .relaxed) }
            return outcomes
        }
    }

    /// The expected wait of somebody with so many people before; nil while no turns have been seen to come.
    func estimate(people: Int64) -> WaitEstimator.Estimate? {
        let rate = turnsPerThousandSeconds
        guard rate > 0 else { return nil }
        let estimate = WaitEstimator.Pace(
            turnsPerSecond: Double(rate) / 1_000,
            dispersion: Double(dispersionPermille.load(ordering: .relaxed)) / 1_000,
            seenSeconds: Double(seenSeconds.load(ordering: .relaxed))
        )
        .estimate(people: people)
        // What is computed may be less than what was seen.
        let seen = estimate.seconds * highShare.load(ordering: .relaxed) / 100
        return WaitEstimator.Estimate(
            seconds: estimate.seconds,
            highSeconds: max(estimate.highSeconds, seen)
        )
    }

    /// Notes what somebody in line was told, to know later whether it was so.
    func remember(_ status: WaitingStatus, now: Int64) {
        guard let estimate = status.estimate, let position = status.ticket, position % 16 == 0
        else { return }
        book.withLock { $0.note(estimate, position: position, now: now) }
    }
}
