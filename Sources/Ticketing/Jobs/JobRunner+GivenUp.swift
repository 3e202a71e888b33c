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
}
