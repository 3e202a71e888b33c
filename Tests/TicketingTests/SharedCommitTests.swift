import Synchronization
import Testing

@testable import Ticketing

/// Writes that share a commit.
struct SharedCommitTests {
    /// Writes that share one commit, and what each throws.
    private static func together(
        _ names: [String],
        on database: Database,
        _ engine: Engine,
        _ body: @escaping @Sendable (SQLConnection, String) throws -> Void
    ) async throws -> [String: SQLError?] {
        var long: [LongWrite] = []
        for _ in 0..<(engine == .sqlite ? 1 : 4) {
            long.append(await LongWrite.begin(on: database))
        }
        return try await withThrowingTaskGroup(of: (name: String, failure: SQLError?).self) {
            group in
            for name in names {
                group.addTask {
                    do {
                        try await database.write { try body($0, name) }
                        return (name, nil)
                    } catch let error as SQLError {
                        return (name, error)
                    }
                }
            }
            while database.statistics.waitingCount < names.count { await Task.yield() }
            for write in long { #expect(try await write.end()) }
            return try await group.reduce(into: [:]) { $0[$1.name] = .some($1.failure) }
        }
    }

    @Test(arguments: Engine.tested)
    func `A row that is refused with the commit is the matter of nobody but whoever added it`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let database = fixture.shop.database
        try await database.write {
            try $0.run("INSERT INTO effects(effect_key, at) VALUES('taken', 1)")
        }
        let outcomes = try await Self.together(["a", "b", "taken", "c"], on: database, engine) {
            $0.append("INSERT INTO effects(effect_key, at)", [$1, 2])
        }
        #expect(outcomes == ["a": nil, "b": nil, "taken": SQLError.unique, "c": nil])
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects WHERE at = 2") == 3)
    }

    @Test(.enabled(if: MariaDBServer.isInstalled))
    func `A value that does not fit is the matter of nobody but whoever added it`() async throws {
        let fixture = try await ShopFixture(on: .mariadb)
        let long = String(repeating: "x", count: 121)
        let outcomes = try await Self.together(
            ["a", long, "b"],
            on: fixture.shop.database,
            .mariadb
        ) { $0.append("INSERT INTO effects(effect_key, at)", [$1, 2]) }
        #expect(outcomes["a"] == .some(nil) && outcomes["b"] == .some(nil))
        guard case .data = outcomes[long] as? SQLError else {
            Issue.record("\(String(describing: outcomes[long]))")
            return
        }
    }

    @Test(arguments: Engine.tested)
    func `What is the matter of the engine fails all, and none is run again`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        let runs = Atomic(0)
        let outcomes = try await Self.together(
            ["a", "b", "nowhere"],
            on: fixture.shop.database,
            engine
        ) { connection, name in
            runs.add(1, ordering: .relaxed)
            let table = name == "nowhere" ? name : "effects"
            connection.append("INSERT INTO \(table)(effect_key, at)", [name, 2])
        }
        #expect(outcomes.values.allSatisfy { $0 != nil })
        #expect(runs.load(ordering: .relaxed) == 3)
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects WHERE at = 2") == 0)
    }

    @Test func `Of a commit that fails itself nobody knows what became, and none is run again`()
        async throws
    {
        let fixture = try await ShopFixture()
        let database = fixture.shop.database
        try database.prepare { connection in
            try connection.run("CREATE TABLE parents(x INT NOT NULL PRIMARY KEY)")
            try connection.run(
                "CREATE TABLE children(x INT REFERENCES parents(x) DEFERRABLE INITIALLY DEFERRED)"
            )
        }
        let runs = Atomic(0)
        let outcomes = try await Self.together(["1", "2"], on: database, .sqlite) {
            runs.add(1, ordering: .relaxed)
            try $0.run("INSERT INTO \($1 == "1" ? "parents" : "children") VALUES(?)", [Int($1)])
        }
        #expect(outcomes.values.allSatisfy { $0 == .unknownOutcome })
        #expect(runs.load(ordering: .relaxed) == 2)
    }

    @Test(arguments: Engine.tested)
    func `Rows for the commit are there for whoever looks, and are undone with whoever throws`(
        engine: Engine
    ) async throws {
        struct Undone: Error {}
        let fixture = try await ShopFixture(on: engine)
        let head = "INSERT INTO effects(effect_key, at)"
        let found = try await fixture.shop.database.write { connection in
            connection.append(head, ["a", 7])
            try? connection.savepoint {
                connection.append(head, ["b", 7])
                try connection.flush()
                throw Undone()
            }
            try connection.flush()
            connection.append(head, ["c", 7])
            return try connection.rows("SELECT effect_key FROM effects WHERE at = 7") {
                try $0.text(0)
            }
        }
        #expect(found == ["a"])
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects WHERE at = 7") == 2)
    }
}
