import Synchronization

/// One write on its way to a commit. An engine may run it several times before one commit holds.
struct WriteJob: Sendable {
    /// Runs the body and keeps the outcome; false if it threw. Guarded it runs in a savepoint of its own, so
    /// that one that throws changes nothing.
    let attempt: @Sendable (SQLConnection, _ isGuarded: Bool) -> Bool
    /// Answers the caller, with what went wrong about the commit.
    let settle: @Sendable (_ commitFailure: (any Error)?) -> Void
    /// Set for a hold, which may be placed together with others in fewer statements.
    var claim: HoldClaim?
    /// Takes the outcome of a hold that was decided together with others.
    var accept: @Sendable (Result<Answer, any Error>) -> Void = { _ in }
}

/// Writes that wait for the next commit, first come first served.
final class WriteQueue: Sendable {
    /// Counts since the start.
    struct Statistics: Sendable {
        var commitCount = 0
        var writeCount = 0
        var refusedCount = 0
        /// How many wait for a commit now.
        var waitingCount = 0
    }

    private struct State {
        var waiting: [WriteJob] = []
        var isDraining = false
        /// How many writers are at work, where there are several.
        var busyCount = 0
        var statistics = Statistics()
    }

    /// How many writes may wait before new ones are turned away.
    private static let waitingLimit = 8192

    private let batchLimit: Int
    private let state = Mutex(State())

    init(batchLimit: Int) { self.batchLimit = max(1, batchLimit) }

    var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waitingCount = state.waiting.count
            return statistics
        }
    }

    /// What became of a write that was handed in.
    enum Reception {
        case refused
        /// Somebody is at work and will come to it.
        case queued
        /// Nobody is at work.
        case needsDraining
    }

    /// Takes a write; a refused one is not settled.
    func add(_ job: WriteJob) -> Reception {
        state.withLock { state in
            guard state.waiting.count < Self.waitingLimit else {
                state.statistics.refusedCount += 1
                return .refused
            }
            state.waiting.append(job)
            defer { state.isDraining = true }
            return state.isDraining ? .queued : .needsDraining
        }
    }

    /// The writes of the next commit; nil if nobody waits, which ends the draining.
    func nextBatch() -> [WriteJob]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            return batch(&state)
        }
    }

    private func batch(_ state: inout State) -> [WriteJob] {
        let batch = Array(state.waiting.prefix(batchLimit))
        state.waiting.removeFirst(batch.count)
        state.statistics.commitCount += 1
        state.statistics.writeCount += batch.count
        return batch
    }
}

/// Several writers at one queue. They work side by side only when many wait: what waits for a commit makes the next one
/// deeper, which costs an engine across a socket a good part of its work.
extension WriteQueue {
    /// From so many waiting writes on another writer joins in.
    private static let crowd = 32

    /// What is to be done by whoever asks for work.
    enum Turn {
        case work([WriteJob])
        /// Somebody else is at work and will come to what waits, unless that takes too long.
        case later
        case nothing
    }

    /// Takes a write; says whether to wake a writer, or nil if it was refused, and is not settled.
    func offer(_ job: WriteJob) -> Bool? {
        state.withLock { state in
            guard state.waiting.count < Self.waitingLimit else {
                state.statistics.refusedCount += 1
                return nil
            }
            state.waiting.append(job)
            // The first one wakes somebody who will look after it; those at work look again before they rest.
            return state.waiting.count == 1 || state.waiting.count.isMultiple(of: Self.crowd)
        }
    }

    /// The next batch for a writer that is free. `isUrgent` takes what waits however little it is.
    func join(isUrgent: Bool) -> Turn {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return .nothing }
            let isCrowded = state.waiting.count >= Self.crowd
            guard state.busyCount == 0 || isCrowded || isUrgent else { return .later }
            state.busyCount += 1
            return .work(batch(&state))
        }
    }

    /// A writer has finished its batch.
    func leave() { state.withLock { $0.busyCount -= 1 } }
}

/// Runs the writes of one commit, the same way on every engine.
enum WriteBatch {
    /// A body threw and nothing but the whole transaction keeps its changes from the commit.
    struct Spoiled: Error {}

    /// Runs all jobs in the caller's transaction. Throws if the engine gave the transaction up: then nothing happened.
    /// Unguarded they share the fate of the transaction: `Spoiled` says that it has to be undone and run
    /// again, guarded.
    static func run(
        _ jobs: [WriteJob],
        on connection: SQLConnection,
        isGuarded: Bool = true
    ) throws {
        let claims = jobs.indices.filter { jobs[$0].claim != nil }
        var done: Set<Int> = []
        if claims.count > 1 {
            let together = claims.compactMap { jobs[$0].claim }
            let outcomes = try? connection.savepoint { try HoldBatch.place(together, connection) }
            try checkStanding(connection)
            for (index, outcome) in zip(claims, outcomes ?? []) {
                guard let outcome else { continue }
                jobs[index].accept(outcome)
                done.insert(index)
            }
        }
        for index in jobs.indices where !done.contains(index) {
            let hasWorked = jobs[index].attempt(connection, isGuarded)
            try checkStanding(connection)
            guard hasWorked || isGuarded else { throw Spoiled() }
        }
        try connection.close()
    }

    /// A full disk or a deadlock makes an engine give up everything.
    private static func checkStanding(_ connection: SQLConnection) throws {
        guard connection.isInsideTransaction else { throw SQLError.deadlock }
    }
}

/// Keeps what came of a body until its commit is known. Whatever that was, a refusal too, may rest on what others of
/// the same commit wrote, so that it holds only together with the commit.
final class WriteOutcome<Value: Sendable>: Sendable {
    private let stored = Mutex<Result<Value, any Error>?>(nil)

    /// Runs the body, guarded in a savepoint; false if it threw.
    func attempt(
        _ body: @Sendable (SQLConnection) throws -> Value,
        on connection: SQLConnection,
        isGuarded: Bool
    ) -> Bool {
        let result = Result {
            isGuarded ? try connection.savepoint { try body(connection) } : try body(connection)
        }
        accept(result)
        guard case .success = result else { return false }
        return true
    }

    /// Takes an outcome that was decided together with others.
    func accept(_ outcome: Result<Value, any Error>) {
        stored.withLock { $0 = outcome }
    }

    /// What came of it, given what went wrong about the commit.
    func result(unless commitFailure: (any Error)?) -> Result<Value, any Error> {
        if let commitFailure { return .failure(commitFailure) }
        return stored.withLock { $0 } ?? .failure(SQLError.inconsistent("a write that never ran"))
    }
}
