import ArgumentParser
import Testing

@testable import Ticketing

@Suite(.enabled(if: MariaDBServer.isInstalled, "mariadb-server is not installed"))
struct EngineTests {
    private static func withNumbers(_ body: (Database) async throws -> Void) async throws {
        let database = try Database(url: try MariaDBServer.freshDatabase())
        try database.prepare { connection in
            try connection.run(
                "CREATE TABLE numbers(x INT NOT NULL PRIMARY KEY, y INT NOT NULL, note TEXT NULL, CHECK(y < 1000))"
            )
            try connection.run("INSERT INTO numbers VALUES(1, 0, NULL), (2, 0, NULL)")
        }
        try await body(database)
        try database.close()
    }

    @Test(arguments: [
        ("root@localhost", "nobody:hidden@localhost", "Access denied for user 'nobody'"),
        ("/t", "/nowhere", "Unknown database 'nowhere"),
        ("socket=", "socket=/nowhere", "no server can be reached"),
    ])
    func `Whoever starts with a database that cannot be is told so in a sentence`(
        part: String,
        flaw: String,
        words: String
    ) async throws {
        let url = try MariaDBServer.freshDatabase().replacing(part, with: flaw, maxReplacements: 1)
        let database = try Database(url: url)
        do {
            _ = try Shop(database: database)
            Issue.record("it started")
        } catch {
            let sentence = Bookme.message(for: error)
            #expect(sentence.contains(words), "\(sentence)")
            #expect(sentence.contains("BMH_DATABASE") && !sentence.contains("hidden"))
            #expect(!sentence.contains("other("))
        }
        try database.close()
    }

    @Test func `Skipping duplicates skips nothing else`() async throws {
        try await Self.withNumbers { database in
            let sql = "INSERT OR IGNORE INTO numbers(x, y) VALUES(?, ?)"
            let skipped = try await database.write { try $0.run(sql, [1, 5]) }
            let added = try await database.write { try $0.run(sql, [3, 5]) }
            #expect([skipped, added] == [0, 1])
            await #expect(throws: SQLError.check) {
                try await database.write { try $0.run(sql, [4, 1000]) }
            }
            await #expect(throws: SQLError.unique) {
                try await database.write { try $0.run("INSERT INTO numbers(x, y) VALUES(1, 1)") }
            }
        }
    }

    @Test func `Writers that wait for each other in a circle are run again and lose nothing`()
        async throws
    {
        try await Self.withNumbers { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<80 {
                    group.addTask {
                        try await database.write { connection in
                            for row in number.isMultiple(of: 2) ? [1, 2] : [2, 1] {
                                try connection.run(
                                    "UPDATE numbers SET y = y + 1 WHERE x = ?",
                                    [row]
                                )
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sums = try await database.read { connection in
                try connection.rows("SELECT y FROM numbers ORDER BY x") { try $0.int(0) }
            }
            #expect(sums == [80, 80])
        }
    }

    @Test func `Writes that come while one is at work share commits, and a long one holds up none`()
        async throws
    {
        try await Self.withNumbers { database in
            var long: [LongWrite] = []
            for _ in 0..<3 { long.append(await LongWrite.begin(on: database)) }
            // Three are held up, and the fourth writer serves whoever comes.
            _ = try await database.write { try $0.run("UPDATE numbers SET y = 1 WHERE x = 1") }
            long.append(await LongWrite.begin(on: database))
            let before = database.statistics
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        _ = try await database.write { connection in
                            try connection.run(
                                "INSERT INTO numbers VALUES(?, 0, NULL)",
                                [10 + number]
                            )
                        }
                    }
                }
                while database.statistics.waitingCount < 200 { await Task.yield() }
                for write in long { #expect(try await write.end()) }
                try await group.waitForAll()
            }
            let after = database.statistics
            #expect(after.writeCount - before.writeCount == 200)
            #expect(after.commitCount - before.commitCount == 4, "64, 64, 64 and 8")
        }
    }

    @Test
    func `A write that throws loses its own rows and nobody else's, the first one as the next`()
        async throws
    {
        try await Self.withNumbers { database in
            let insert = { @Sendable (connection: SQLConnection, number: Int) in
                try connection.run("INSERT INTO numbers VALUES(?, 0, NULL)", [number])
                if number.isMultiple(of: 2) { throw Problem.notFound }
            }
            await #expect(throws: Problem.notFound) {
                try await database.write { try insert($0, 10) }
            }
            for round in 1...3 {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            try? await database.write { try insert($0, 1000 * round + number) }
                        }
                    }
                }
                let numbers = try await database.read { connection in
                    try connection.rows("SELECT x FROM numbers WHERE x > 2") { try $0.int(0) }
                }
                #expect(numbers.count == 50 * round)
                #expect(!numbers.contains { $0.isMultiple(of: 2) })
            }
        }
    }

    @Test func `Texts of any length and script come back as they went in`() async throws {
        try await Self.withNumbers { database in
            for text in [
                "", "é 王芳 🎭", String(repeating: "ab", count: 5000), "'; DROP TABLE numbers; --",
            ] {
                try await database.write {
                    try $0.run("UPDATE numbers SET note = ? WHERE x = 1", [text])
                }
                let found = try await database.read {
                    try $0.first("SELECT note FROM numbers WHERE x = ?", [1]) { try $0.text(0) }
                }
                #expect(found == text)
            }
            let sum = try await database.read {
                try $0.first("SELECT SUM(x), note FROM numbers WHERE x > 5 GROUP BY note") {
                    try $0.int(0)
                }
            }
            #expect(sum == nil)
        }
    }

    @Test func `A server that cannot be reached is named with the cause, once in a while`()
        async throws
    {
        let lines = LogLines()
        let address = try #require(try MariaDBAddress(url: "mysql://nobody@127.0.0.1:1/none"))
        let outages = OutageLog(logger: lines.logger)
        let driver = MariaDBDriver(address, batchLimit: 1, outages: outages)
        await #expect(throws: SQLError.busy) {
            try await driver.read { try $0.first("SELECT 1") { try $0.int(0) } }
        }
        try driver.close()
        let line = try #require(try lines.documents("the database cannot be reached").first)
        #expect(line["server.address"] as? String == "127.0.0.1")
        #expect(line["server.port"] as? Int == 1)
        #expect((line["error.message"] as? String)?.contains("connect") == true)
        let now = ContinuousClock.now
        for (seconds, count) in [(60, 2), (61, 2), (64, 2), (65, 3)] {
            outages.note("away", code: 1, at: "db", port: nil, now: now + .seconds(seconds))
            #expect(try lines.documents("the database cannot be reached").count == count)
        }
    }

    @Test func `A server that cannot be reached is busy, not broken`() async throws {
        let database = try Database(url: "mysql://nobody@127.0.0.1:1/none")
        await #expect(throws: SQLError.busy) {
            try await database.write { try $0.run("SELECT 1") }
        }
        await #expect(throws: SQLError.busy) {
            try await database.read { try $0.first("SELECT 1") { try $0.int(0) } }
        }
        try database.close()
    }

    @Test
    func
        `A statement that is cut off may be tried again, and definitions wait no longer than rows`()
        async throws
    {
        try await Self.withNumbers { database in
            let sql = "SET STATEMENT max_statement_time = 0.05 FOR SELECT SLEEP(5) FROM numbers"
            await #expect(throws: SQLError.busy) {
                try await database.write { try $0.first(sql) { try $0.int(0) } }
            }
            let limits = "SELECT @@SESSION.lock_wait_timeout = @@SESSION.innodb_lock_wait_timeout"
            let isSame = try database.prepare { connection in
                try connection.first(limits) { try $0.int(0) }
            }
            #expect(isSame == 1)
        }
    }
}
