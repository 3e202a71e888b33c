/// Says whose a job is: while its lease lasts nobody else takes it. The lease is the row's `due_at`, and whoever renews
/// it names the one it has, so that a lease that somebody else took meanwhile is noticed.
struct JobLeases: Sendable {
    /// After this long a worker that took a job is taken to have died.
    static let length: Milliseconds = 30 * Span.second
    /// A job that was begun this often and never came to an end is not begun again: it takes its workers with it.
    static let beginningLimit = 5
    /// No lease is as long as this, however far the clocks of two machines are apart: a message that says
    /// otherwise is none of ours.
    private static let longest = Span.day
    /// What is about to be done has at least this long. One transfer takes 15 seconds at most. Calling a payment off
    /// takes two: if they are slower than this, somebody else may do the same meanwhile, and finds it done.
    private static let shortest: Milliseconds = 20 * Span.second

    let database: Database
    let clock: WallClock
    /// Returns when the lease of a job that is at work is to be renewed.
    var pause: @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(10)) }

    /// The job with enough time to do it; nil if it waited so long that somebody else has it.
    func secure(_ job: JobRunner.Job) async throws -> JobRunner.Job? {
        guard job.dueAt - clock.now() < Self.shortest else { return job }
        return try await renewed(job)
    }

    /// Renews the lease while `body` runs, for however long, and returns the job under the last one.
    ///
    /// Without that, what takes longer than a lease would go from worker to worker and never be done.
    func keep<Value: Sendable>(
        _ job: JobRunner.Job,
        while body: @Sendable () async throws -> Value
    ) async -> (job: JobRunner.Job, outcome: Result<Value, any Error>) {
        await withTaskGroup(of: JobRunner.Job.self) { group in
            group.addTask { await renewing(job) }
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            group.cancelAll()
            return (await group.next() ?? job, outcome)
        }
    }

    /// The new lease of a job, which begins now or goes on; nil if the old one is no longer the row's.
    func renew(
        _ id: Int64,
        _ lease: Milliseconds,
        isBeginning: Bool = false,
        _ connection: SQLConnection
    ) throws -> Milliseconds? {
        let now = clock.now()
        guard (0...now + Self.longest).contains(lease) else { return nil }
        let next = max(now + Self.length, lease + 1)
        let isOurs = try connection.run(
            "UPDATE outbox SET due_at = ?, begun = begun + ? WHERE id = ? AND kind = 1 AND due_at = ?",
            [next, isBeginning ? 1 : 0, id, lease]
        )
        return isOurs == 1 ? next : nil
    }

    private func renewed(_ job: JobRunner.Job) async throws -> JobRunner.Job? {
        let lease = try await database.write { try renew(job.id, job.dueAt, $0) }
        return lease.map(job.leased)
    }

    /// Renews until it is cancelled, or somebody else has the job. A database that is away is asked again.
    private func renewing(_ job: JobRunner.Job) async -> JobRunner.Job {
        var job = job
        while (try? await pause()) != nil {
            do {
                guard let next = try await renewed(job) else { break }
                job = next
            } catch {
                continue
            }
        }
        return job
    }
}
