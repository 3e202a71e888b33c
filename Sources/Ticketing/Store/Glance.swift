/// An engine for one query and nothing else.
final class Glance: SQLEngine {
    private let engine: any SQLEngine
    private var isSpent = false

    init(engine: any SQLEngine) { self.engine = engine }

    var dialect: SQLDialect { engine.dialect }
    var isInsideTransaction: Bool { false }

    func run(_ sql: String, _ cells: [SQLCell]) throws(SQLError) -> Int {
        throw .inconsistent("a glance changes nothing")
    }

    func query(_ sql: String, _ cells: [SQLCell], _ read: (SQLRow) throws -> Void) throws {
        guard !isSpent else { throw SQLError.inconsistent("a glance is one query") }
        isSpent = true
        try engine.query(sql, cells, read)
    }
}
