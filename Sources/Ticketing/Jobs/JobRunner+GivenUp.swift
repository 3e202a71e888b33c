/// For people who look after jobs that were given up.
extension JobRunner {
    /// Jobs that were given up, oldest first.
    func dead() async throws -> [Job] {
        try await database.read { connection in
            try connection.rows(
                "SELECT \(Self.columns) FROM outbox WHERE kind = 2 ORDER BY id LIMIT 500",
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
                "UPDATE outbox SET kind = 0, attempts = 0, begun = 0, due_at = ? WHERE id = ? AND kind = 2",
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

    /// How the outbox stands.
    struct Depth: Sendable, Equatable {
        /// Jobs that are due, or that were handed out, and that nobody has begun. What is to happen later
        /// does not wait.
        var waiting = 0
        /// For how long the oldest of those has been due that nobody has taken.
        var oldestDue: Milliseconds = 0
        /// Jobs that were given up.
        var dead = 0
    }

    /// How the outbox stands now.
    func depth() async throws -> Depth {
        let now = clock.now()
        return try await database.read { connection in
            var depth = Depth()
            depth.dead =
                try connection.first("SELECT COUNT(*) FROM outbox WHERE kind = 2") { try $0.int(0) }
                ?? 0
            try connection.first(
                """
                SELECT COUNT(*), MIN(due_at) FROM outbox
                WHERE kind IN (0, 1) AND due_at <= ? OR kind = 1 AND due_at > ? AND begun = 0
                """,
                [now, now]
            ) { row in
                depth.waiting = try row.int(0)
                if depth.waiting > 0 { depth.oldestDue = max(0, now - (try row.integer(1))) }
            }
            return depth
        }
    }
}
