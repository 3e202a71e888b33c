import Foundation
import Testing
import Transport

@testable import Ticketing

struct StoreTests {
    private static func withFile(_ body: (String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "bookme-store-\(UUID().uuidString).db"
        defer {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        try await body(path)
    }

    private static func counter(_ database: Database) async throws -> Int {
        try await database.read { try $0.first("SELECT COUNT(*) FROM numbers") { try $0.int(0) } }
            ?? -1
    }

    @Test func `Migrations run once and in order`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            let migrator = Migrator(migrations: Schema.migrations, clock: .system)
            #expect(try migrator.migrate(database) == Schema.migrations.map(\.name))
            #expect(try migrator.migrate(database).isEmpty)
            try database.close()
        }
    }

    @Test func `A clean stop leaves everything in the one file`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            _ = try Migrator(migrations: Schema.migrations, clock: .system).migrate(database)
            _ = try await database.read { try $0.first("SELECT 1") { try $0.int(0) } }
            let log = {
                try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            }
            #expect(try #require(log()) > 0)
            try database.close()
            #expect(log() ?? 0 == 0)
        }
    }

    @Test func `An edited migration and a newer schema are refused`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            let first = Migration(version: 1, name: "one", statements: ["CREATE TABLE a(x INT)"])
            let second = Migration(version: 2, name: "two", statements: ["CREATE TABLE b(x INT)"])
            _ = try Migrator(migrations: [first, second], clock: .system).migrate(database)
            let edited = Migration(version: 1, name: "one", statements: ["CREATE TABLE a(y INT)"])
            #expect(throws: MigrationError.edited(version: 1)) {
                try Migrator(migrations: [edited, second], clock: .system).migrate(database)
            }
            #expect(throws: MigrationError.newerSchema(version: 2)) {
                try Migrator(migrations: [first], clock: .system).migrate(database)
            }
            try database.close()
        }
    }

    @Test func `A migration that fails leaves nothing behind`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            let good = "CREATE TABLE numbers(x INT)"
            let broken = Migration(version: 1, name: "one", statements: [good, "CREATE NONSENSE"])
            #expect(throws: SQLError.self) {
                try Migrator(migrations: [broken], clock: .system).migrate(database)
            }
            let fixed = Migration(version: 1, name: "one", statements: [good])
            #expect(try Migrator(migrations: [fixed], clock: .system).migrate(database) == ["one"])
            try database.close()
        }
    }

    @Test func `A write that throws loses its own rows and nobody else's`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            try database.prepare { try $0.run("CREATE TABLE numbers(x INT NOT NULL PRIMARY KEY)") }
            let long = await LongWrite.begin(on: database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try? await database.write { connection in
                            try connection.run("INSERT INTO numbers(x) VALUES(?)", [number])
                            if number.isMultiple(of: 2) { throw Problem.notFound }
                        }
                    }
                }
                while database.statistics.waitingCount < 200 { await Task.yield() }
                #expect(try await long.end())
                try await group.waitForAll()
            }
            #expect(try await Self.counter(database) == 100)
            let even = try await database.read {
                try $0.first("SELECT COUNT(*) FROM numbers WHERE x % 2 = 0") { try $0.int(0) }
            }
            #expect(even == 0)
            let statistics = database.statistics
            #expect(statistics.writeCount == 1 + 200)
            #expect(statistics.commitCount == 1 + 4, "writes that wait together share a commit")
            try database.close()
        }
    }

    @Test func `Two processes on one file both write everything`() async throws {
        try await Self.withFile { path in
            let url = "sqlite://\(path)?wait=600"
            let databases = [try Database(url: url), try Database(url: url)]
            try databases[0].prepare {
                try $0.run("CREATE TABLE numbers(x INT NOT NULL PRIMARY KEY)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        _ = try await databases[number % 2].write { connection in
                            try connection.run("INSERT INTO numbers(x) VALUES(?)", [number])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.counter(databases[0]) == 300)
            for database in databases { try database.close() }
        }
    }

    @Test func `Errors of the engine come out in our words`() async throws {
        try await Self.withFile { path in
            let database = try Database(path: path)
            try database.prepare { connection in
                try connection.run(
                    "CREATE TABLE numbers(x INT NOT NULL PRIMARY KEY, CHECK(x < 10))"
                )
                try connection.run("INSERT INTO numbers(x) VALUES(1)")
                #expect(throws: SQLError.unique) {
                    try connection.run("INSERT INTO numbers(x) VALUES(1)")
                }
                #expect(throws: SQLError.check) {
                    try connection.run("INSERT INTO numbers(x) VALUES(10)")
                }
                #expect(throws: SQLError.column(0)) {
                    try connection.first("SELECT NULL") { try $0.integer(0) }
                }
                #expect(throws: SQLError.column(3)) {
                    try connection.first("SELECT 1") { try $0.integer(3) }
                }
            }
            try database.close()
        }
    }

    @Test(arguments: Engine.tested)
    func `A glance is one query and changes nothing`(engine: Engine) async throws {
        let fixture = try await ShopFixture(on: engine)
        let database = fixture.shop.database
        let query = "SELECT COUNT(*) FROM events"
        #expect(try await database.glance { try $0.first(query) { try $0.int(0) } } == 2)
        await #expect(throws: SQLError.self) {
            try await database.glance { connection in
                _ = try connection.first(query) { try $0.int(0) }
                _ = try connection.first(query) { try $0.int(0) }
            }
        }
        await #expect(throws: SQLError.self) {
            try await database.glance { _ = try $0.run("UPDATE events SET status = 2") }
        }
        #expect(
            try await database.read {
                try $0.first("SELECT SUM(status) FROM events") { try $0.int(0) }
            }
                == 0
        )
    }

    @Test func `Two starts at once lease different nodes and share their secrets`() async throws {
        let fixture = try await ShopFixture()
        let other = try fixture.otherProcess()
        #expect(
            other.orders.mint.next() >> 12 & 1023 != fixture.shop.orders.mint.next() >> 12 & 1023
        )
        #expect(other.secrets.ticketKey.pem == fixture.shop.secrets.ticketKey.pem)
        let code = other.secrets.sandboxWebhook.authenticate([1])
        #expect(code == fixture.shop.secrets.sandboxWebhook.authenticate([1]))
        try other.database.close()
    }
}
