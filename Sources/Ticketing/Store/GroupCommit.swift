import GRDB
import Synchronization

/// Lets writes that arrive together share one commit, and so one wait for the disk.
///
/// Each body runs in a savepoint: one that throws loses its own changes alone. Nobody is answered before the commit.
final class GroupCommit: Sendable {
    /// One write on its way. `attempt` runs the body and keeps the outcome; `settle` answers the caller.
    private struct Job: Sendable {
        let attempt: @Sendable (GRDB.Database) -> Void
        let settle: @Sendable (_ commitFailure: (any Error)?) -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var isDraining = false
        var statistics = Statistics()
    }

    /// Counts since the start.
    struct Statistics: Sendable {
        var commitCount = 0
        var writeCount = 0
        var refusedCount = 0
    }

    /// How many writes may wait before new ones are turned away.
    private static let waitingLimit = 8192

    private let pool: DatabasePool
    private let batchLimit: Int
    private let neighbour: NeighbourSign
    private let state = Mutex(State())

    init(pool: DatabasePool, batchLimit: Int, neighbour: NeighbourSign) {
        self.pool = pool
        self.neighbour = neighbour
        self.batchLimit = max(1, batchLimit)
    }

    var statistics: Statistics { state.withLock { $0.statistics } }

    /// Queues `body` and returns its value once the commit that holds its changes is durable.
    func write<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            enqueue(
                Job(
                    attempt: { database in outcome.attempt(body, on: database) },
                    settle: { failure in continuation.resume(with: outcome.result(unless: failure))
                    }
                )
            )
        }
    }

    private func enqueue(_ job: Job) {
        let (isRefused, startsDraining) = state.withLock { state in
            guard state.waiting.count < Self.waitingLimit else {
                state.statistics.refusedCount += 1
                return (true, false)
            }
            state.waiting.append(job)
            defer { state.isDraining = true }
            return (false, !state.isDraining)
        }
        if isRefused { job.settle(SQLError.busy) }
        if startsDraining {
            pool.asyncWriteWithoutTransaction { [self] database in drain(database) }
        }
    }

    /// Commits batch after batch on the writer's queue until nobody waits.
    private func drain(_ database: GRDB.Database) {
        while let batch = nextBatch() {
            var failure: (any Error)?
            do {
                try database.inTransaction(.immediate) {
                    for job in batch {
                        job.attempt(database)
                        // A full disk makes the engine give up everything: then nothing of this batch happened.
                        guard database.isInsideTransaction else {
                            throw SQLError.other("the transaction was given up")
                        }
                    }
                    return .commit
                }
            } catch {
                failure = SQLError(error)
            }
            for job in batch { job.settle(failure) }
            neighbour.yieldTurn()
        }
    }

    private func nextBatch() -> [Job]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let batch = Array(state.waiting.prefix(batchLimit))
            state.waiting.removeFirst(batch.count)
            state.statistics.commitCount += 1
            state.statistics.writeCount += batch.count
            return batch
        }
    }
}

/// Keeps what a body returned until its commit is known.
private final class Outcome<Value: Sendable>: Sendable {
    private let stored = Mutex<Result<Value, any Error>?>(nil)

    func attempt(_ body: @Sendable (SQLConnection) throws -> Value, on database: GRDB.Database) {
        var value: Value?
        do {
            try database.inSavepoint {
                value = try body(SQLConnection(database))
                return .commit
            }
            stored.withLock { stored in stored = value.map { .success($0) } }
        } catch {
            stored.withLock { $0 = .failure(error) }
        }
    }

    /// The body's value; its own error first, since it changed nothing and does not depend on the commit.
    func result(unless commitFailure: (any Error)?) -> Result<Value, any Error> {
        let stored = stored.withLock { $0 }
        if case .failure(let error) = stored { return .failure(error) }
        if let commitFailure { return .failure(commitFailure) }
        return stored ?? .failure(SQLError.inconsistent("a write that never ran"))
    }
}
