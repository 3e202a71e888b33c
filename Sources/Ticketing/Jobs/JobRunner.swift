import Logging

/// Works off the outbox.
///
/// A job is taken by a compare-and-set on its row and leaves the outbox in the transaction that notes its effect, so
/// that a worker that dies leaves it to another one, and a job that is done twice has one effect where that is in our
/// hands. What fails is tried again with growing pauses and, after its last attempt, kept for people to look at; so is
/// what its workers never survive.
struct JobRunner: Sendable {
    /// A job as it lies in the outbox.
    struct Job: Sendable {
        let id: Int64
        let topic: String
        let reference: String
        let payload: String
        let attempts: Int
        let dueAt: Milliseconds
        let kind: Int
        let lastError: String?
        /// How often it was begun since it last ended.
        var begun = 0

        var notice: JobStream.Notice { JobStream.Notice(job: id, lease: dueAt) }

        /// The same under a lease.
        func leased(until lease: Milliseconds) -> Job {
            Job(
                id: id,
                topic: topic,
                reference: reference,
                payload: payload,
                attempts: attempts,
                dueAt: lease,
                kind: 1,
                lastError: lastError,
                begun: begun
            )
        }

        /// The same, begun once more.
        func begun(under lease: Milliseconds) -> Job {
            var job = leased(until: lease)
            job.begun += 1
            return job
        }
    }

    /// So many jobs are at work at once: a slow relay costs its own mails time, and its machine no more
    /// connections than these.
    static let parallelLimit = 8
    /// So many serve a stream side by side, so that one slow relay or provider does not hold up everything. They share
    /// the limit, also with what this process finds by itself when the stream is away.
    static let streamLaneCount = 2
    private static let batchLimit = 50

    let database: Database
    let handler: JobHandler
    let clock: WallClock
    let metrics: Metrics
    let logger: Logger
    let leases: JobLeases
    /// Whoever does a job is in here.
    let places = Turnstile(limit: parallelLimit)
    /// Hands jobs to the workers of all processes; nil if whoever finds one does it.
    var stream: JobStream?

    /// Works off what is due, or publishes it for whichever worker is free, and returns how many jobs were done here.
    ///
    /// Jobs whose worker died come last and one by one: if one of them kills this worker, too, none of the others is
    /// blamed for it.
    func work() async throws -> Int {
        var done = 0
        while true {
            let jobs = try await take()
            let fresh = jobs.filter { $0.begun == 0 }
            let isPublished = fresh.isEmpty ? true : await publish(fresh)
            if !isPublished { done += try await perform(fresh, limit: Self.parallelLimit) }
            done += try await perform(jobs.filter { $0.begun > 0 }, limit: 1)
            if jobs.count < Self.batchLimit { return done }
        }
    }

    private func perform(_ jobs: [Job], limit: Int) async throws -> Int {
        try await jobs.countConcurrently(limit: limit) { job in
            try await places.pass { try await perform(job.notice, known: job) }
        }
    }

    /// False if there is no stream, or it is away: then the jobs are for us.
    private func publish(_ jobs: [Job]) async -> Bool {
        guard let stream else { return false }
        do {
            try await stream.publish(jobs.map(\.notice))
            return true
        } catch {
            logger.warning("no stream for jobs", metadata: ["error.message": "\(error)"])
            return false
        }
    }

    /// Does what the stream brings, once, as one of its lanes, and returns how many jobs were done.
    func serve(_ stream: JobStream) async throws -> Int {
        let limit = Self.parallelLimit / Self.streamLaneCount
        return try await stream.next().countConcurrently(limit: limit) { delivery in
            let isDone = try await places.pass { try await perform(delivery.notice) }
            try await stream.finish([delivery])
            return isDone
        }
    }

    /// The job under a new lease, its beginning counted; nil if it is done, somebody else has it, or it was begun too
    /// often already. What is known of a job holds as long as its lease does.
    private func begin(_ notice: JobStream.Notice, known: Job?) async throws -> Job? {
        let job = try await database.write { connection in
            let lease = try leases.renew(notice.job, notice.lease, isBeginning: true, connection)
            guard let lease else { return Job?.none }
            let job =
                if let known { known.begun(under: lease) } else {
                    try connection.first(
                        "SELECT \(Self.columns) FROM outbox WHERE id = ?",
                        [notice.job],
                        Self.job
                    )
                }
            if let job, job.begun > JobLeases.beginningLimit {
                try connection.run(
                    "UPDATE outbox SET kind = 2, last_error = ? WHERE id = ?",
                    [
                        "begun \(JobLeases.beginningLimit) times, and its worker died each time",
                        job.id,
                    ]
                )
            }
            return job
        }
        guard let job, job.begun > JobLeases.beginningLimit else { return job }
        logger.error("a job was given up: its workers die", metadata: ["job.topic": "\(job.topic)"])
        count(job, "dead")
        return nil
    }

    /// Takes the jobs that are due, but for those that somebody else is about to take.
    private func take() async throws -> [Job] {
        let now = clock.now()
        let due = "WHERE kind IN (0, 1) AND due_at <= ? ORDER BY kind, due_at LIMIT"
        let isAnyDue = try await database.glance { connection in
            try connection.first("SELECT id FROM outbox \(due) 1", [now]) { try $0.integer(0) }
                != nil
        }
        guard isAnyDue else { return [] }
        let lease = now + JobLeases.length
        return try await database.write { connection in
            let rest = connection.dialect.forUpdateOfTheRest
            let jobs = try connection.rows(
                """
                SELECT \(Self.columns) FROM outbox
                \(due) \(Self.batchLimit)\(rest)
                """,
                [now],
                Self.job
            )
            guard !jobs.isEmpty else { return [] }
            let marks = Array(repeating: "?", count: jobs.count).joined(separator: ", ")
            try connection.run(
                "UPDATE outbox SET kind = 1, due_at = ? WHERE id IN (\(marks))",
                [lease] + jobs.map(\.id)
            )
            return jobs.map { $0.leased(until: lease) }
        }
    }

    private func perform(_ notice: JobStream.Notice, known: Job? = nil) async throws -> Bool {
        guard var job = try await begin(notice, known: known) else { return false }
        do {
            // Tickets are drawn one after the other: others may come before these, and take long.
            let preparation = await leases.keep(job) { [job] in try await handler.prepare(job) }
            job = preparation.job
            let deed = try preparation.outcome.get()
            guard let ready = try await leases.secure(job) else { return false }
            job = ready
            try await finish(job, effect: try await deed())
            return true
        } catch is CancellationError {
            // The process stops: another one takes the job when its time is over.
            throw CancellationError()
        } catch {
            logger.warning(
                "a job failed",
                metadata: ["job.topic": "\(job.topic)", "error.message": "\(error)"]
            )
            try await postpone(job, LastError.text(error))
            return false
        }
    }

    /// Takes a job that is done out of the outbox and notes its effect.
    private func finish(_ job: Job, effect: String?) async throws {
        let now = clock.now()
        try await database.write { connection in
            if let effect {
                connection.append("INSERT OR IGNORE INTO effects(effect_key, at)", [effect, now])
            }
            try connection.run("DELETE FROM outbox WHERE id = ?", [job.id])
        }
        count(job, "done")
    }

    private func count(_ job: Job, _ outcome: String) {
        metrics.count("bookme_jobs_total", ["topic": job.topic, "outcome": outcome])
    }

    /// Tries again after 2 s, 4 s, 8 s … at most ten minutes, half as much more or less so that failures spread.
    private func postpone(_ job: Job, _ message: String) async throws {
        let limit = Outbox.Topic(rawValue: job.topic)?.attemptLimit ?? 1
        let isDead = job.attempts + 1 >= limit
        let delay = min(2 * Span.second << Milliseconds(min(job.attempts, 10)), 10 * Span.minute)
        let dueAt = clock.now() + delay * Milliseconds.random(in: 50...150) / 100
        try await database.write { connection in
            try connection.run(
                """
                UPDATE outbox SET kind = ?, attempts = attempts + 1, begun = 0, due_at = ?, last_error = ?
                WHERE id = ? AND kind = 1 AND due_at = ?
                """,
                [isDead ? 2 : 0, dueAt, message, job.id, job.dueAt]
            )
        }
        count(job, isDead ? "dead" : "failed")
    }

    /// What `job` reads, in its order.
    static let columns: SQLColumns =
        "id, topic, ref, payload, attempts, due_at, kind, last_error, begun"

    static func job(_ row: SQLRow) throws -> Job {
        Job(
            id: try row.integer(0),
            topic: try row.text(1),
            reference: try row.text(2),
            payload: try row.text(3),
            attempts: try row.int(4),
            dueAt: try row.integer(5),
            kind: try row.int(6),
            lastError: try row.optionalText(7),
            begun: try row.int(8)
        )
    }
}
