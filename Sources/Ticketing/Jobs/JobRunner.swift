import Logging

/// Works off the outbox.
///
/// A job is taken by a compare-and-set on its row and leaves the outbox in the transaction that notes its effect, so
/// that a worker that dies leaves it to another one, and a job that is done twice has one effect where that is in our
/// hands. What fails is tried again with growing pauses and, after its last attempt, kept for people to look at.
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
    }

    /// After this long a worker that took a job is taken to have died.
    private static let visibility: Milliseconds = 30 * Span.second
    private static let batchLimit = 50

    let database: Database
    let handler: JobHandler
    let clock: WallClock
    let metrics: Metrics
    let logger: Logger

    /// Works off what is due and returns how many jobs were done.
    func work() async throws -> Int {
        var done = 0
        while true {
            let jobs = try await take()
            for job in jobs where try await perform(job) { done += 1 }
            if jobs.count < Self.batchLimit { return done }
        }
    }

    private func take() async throws -> [Job] {
        let now = clock.now()
        let due = try await database.read { connection in
            try connection.rows(
                """
                SELECT id, topic, ref, payload, attempts, due_at, kind, last_error FROM outbox
                WHERE kind IN (0, 1) AND due_at <= ? ORDER BY due_at LIMIT \(Self.batchLimit)
                """,
                [now],
                Self.job
            )
        }
        guard !due.isEmpty else { return [] }
        return try await database.write { connection in
            try due.filter { job in
                try connection.run(
                    "UPDATE outbox SET kind = 1, due_at = ? WHERE id = ? AND kind = ? AND due_at = ?",
                    [now + Self.visibility, job.id, job.kind, job.dueAt]
                ) == 1
            }
        }
    }

    private func perform(_ job: Job) async throws -> Bool {
        do {
            let effect = try await handler.perform(job)
            let now = clock.now()
            try await database.write { connection in
                if let effect {
                    try connection.run(
                        "INSERT OR IGNORE INTO effects(effect_key, at) VALUES(?, ?)",
                        [effect, now]
                    )
                }
                try connection.run("DELETE FROM outbox WHERE id = ?", [job.id])
            }
            metrics.count("bookme_jobs_total", ["topic": job.topic, "outcome": "done"])
            return true
        } catch is CancellationError {
            // The process stops: another one takes the job when its time is over.
            throw CancellationError()
        } catch {
            logger.warning(
                "a job failed",
                metadata: ["job.topic": "\(job.topic)", "error.message": "\(error)"]
            )
            try await postpone(job, "\(error)")
            return false
        }
    }

    /// Tries again after 2 s, 4 s, 8 s … at most ten minutes, half as much more or less so that failures spread.
    private func postpone(_ job: Job, _ message: String) async throws {
        let limit = Outbox.Topic(rawValue: job.topic)?.attemptLimit ?? 1
        let isDead = job.attempts + 1 >= limit
        let delay = min(2 * Span.second << Milliseconds(min(job.attempts, 10)), 10 * Span.minute)
        let dueAt = clock.now() + delay * Milliseconds.random(in: 50...150) / 100
        try await database.write { connection in
            try connection.run(
                "UPDATE outbox SET kind = ?, attempts = attempts + 1, due_at = ?, last_error = ? WHERE id = ?",
                [isDead ? 2 : 0, dueAt, String(message.prefix(200)), job.id]
            )
        }
        let outcome = isDead ? "dead" : "failed"
        metrics.count("bookme_jobs_total", ["topic": job.topic, "outcome": outcome])
    }

    /// Jobs that were given up, oldest first.
    func dead() async throws -> [Job] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT id, topic, ref, payload, attempts, due_at, kind, last_error FROM outbox WHERE kind = 2
                ORDER BY id LIMIT 500
                """,
                [],
                Self.job
            )
        }
    }

    /// Lets a job that was given up try again; false if there is none.
    func replay(_ id: Int64) async throws -> Bool {
        let now = clock.now()
        return try await database.write {
            try $0.run(
                "UPDATE outbox SET kind = 0, attempts = 0, due_at = ? WHERE id = ? AND kind = 2",
                [now, id]
            ) == 1
        }
    }

    /// Throws a job away that was given up; false if there is none.
    func discard(_ id: Int64) async throws -> Bool {
        try await database.write {
            try $0.run("DELETE FROM outbox WHERE id = ? AND kind = 2", [id]) == 1
        }
    }

    /// How many jobs wait and how many were given up.
    func depth() async throws -> (waiting: Int, dead: Int) {
        try await database.read { connection in
            let counts = try connection.rows(
                "SELECT CASE WHEN kind = 2 THEN 2 ELSE 0 END AS place, COUNT(*) FROM outbox GROUP BY place"
            ) { (try $0.int(0), try $0.int(1)) }
            let count = { (kind: Int) in counts.first { $0.0 == kind }?.1 ?? 0 }
            return (count(0), count(2))
        }
    }

    private static func job(_ row: SQLRow) throws -> Job {
        Job(
            id: try row.integer(0),
            topic: try row.text(1),
            reference: try row.text(2),
            payload: try row.text(3),
            attempts: try row.int(4),
            dueAt: try row.integer(5),
            kind: try row.int(6),
            lastError: try row.optionalText(7)
        )
    }
}
