import Testing

@testable import Ticketing

/// Writes that share a commit.
struct SharedCommitTests {
    @Test(arguments: Engine.tested)
    func `A row that is refused with the commit is the matter of nobody but whoever added it`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let database = fixture.shop.database
        try await database.write {
            try $0.run("INSERT INTO effects(effect_key, at) VALUES('taken', 1)")
        }
        var long: [LongWrite] = []
        for _ in 0..<(engine == .sqlite ? 1 : 4) {
            long.append(await LongWrite.begin(on: database))
        }
        let outcomes = try await withThrowingTaskGroup(of: (name: String, isDone: Bool).self) {
            group in
            for name in ["a", "b", "taken", "c"] {
                group.addTask {
                    do {
                        try await database.write {
                            $0.append("INSERT INTO effects(effect_key, at)", [name, 2])
                        }
                        return (name, true)
                    } catch SQLError.unique {
                        return (name, false)
                    }
                }
            }
            while database.statistics.waitingCount < 4 { await Task.yield() }
            for write in long { #expect(try await write.end()) }
            return try await group.reduce(into: [String: Bool]()) { $0[$1.name] = $1.isDone }
        }
        #expect(outcomes == ["a": true, "b": true, "taken": false, "c": true])
        #expect(try await fixture.count("SELECT COUNT(*) FROM effects WHERE at = 2") == 3)
    }
}
