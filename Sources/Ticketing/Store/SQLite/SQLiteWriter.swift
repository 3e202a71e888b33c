import GRDB

/// Lets writes that arrive together share one commit, and so one wait for the disk.
///
/// Each body runs in a savepoint: one that throws loses its own changes alone. Nobody is answered before the commit.
final class SQLiteWriter: Sendable {
    private let pool: DatabasePool
    private let queue: WriteQueue
    private let neighbour: NeighbourSign

    init(pool: DatabasePool, batchLimit: Int, neighbour: NeighbourSign) {
        self.pool = pool
        self.neighbour = neighbour
        queue = WriteQueue(batchLimit: batchLimit)
    }

    var statistics: WriteQueue.Statistics { queue.statistics }

    /// Queues a write; it is settled once the commit that holds its changes is durable.
    func submit(_ job: WriteJob) {
        switch queue.add(job) {
        case .refused: job.settle(SQLError.busy)
        case .queued: break
        case .needsDraining:
            pool.asyncWriteWithoutTransaction { [self] database in drain(database) }
        }
    }

    /// Commits batch after batch on the writer's queue until nobody waits.
    private func drain(_ database: GRDB.Database) {
        while let batch = queue.nextBatch() {
            let failure = commit(batch, database)
            if batch.count > 1, failure?.isAboutOneWrite == true {
                // One of them adds a row that is refused, which is no matter of the others.
                for job in batch { job.settle(commit([job], database)) }
            } else {
                for job in batch { job.settle(failure) }
            }
            neighbour.yieldTurn()
        }
    }

    private func commit(_ batch: [WriteJob], _ database: GRDB.Database) -> SQLError? {
        var isCommitting = false
        do {
            try database.inTransaction(.immediate) {
                try WriteBatch.run(batch, on: SQLConnection(SQLiteEngine(database: database)))
                isCommitting = true
                return .commit
            }
            return nil
        } catch {
            return isCommitting ? SQLError(error).ofCommit : SQLError(error)
        }
    }
}
