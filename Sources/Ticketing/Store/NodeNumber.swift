/// Gives each process that opens a database its own node number for identifiers.
enum NodeNumber {
    /// The next number, 0 to 1,023. It repeats after 1,024 starts, long after the earlier process has gone.
    static func lease(_ database: Database) throws -> Int64 {
        try database.prepare { connection in
            try connection.run("INSERT OR IGNORE INTO counters(name, value) VALUES('node', 0)")
            try connection.run("UPDATE counters SET value = value + 1 WHERE name = 'node'")
            let value = try connection.first("SELECT value FROM counters WHERE name = 'node'") {
                try $0.integer(0)
            }
            return (value ?? 0) & 1023
        }
    }
}
