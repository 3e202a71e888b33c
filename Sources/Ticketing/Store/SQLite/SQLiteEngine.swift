import GRDB

/// SQLite as a driver: statements on the connection of a transaction.
struct SQLiteEngine: SQLEngine {
    /// Statements longer than this are made for one batch and not kept prepared.
    private static let cachedBytesLimit = 1000

    let database: GRDB.Database

    var dialect: SQLDialect { .sqlite }
    var isInsideTransaction: Bool { database.isInsideTransaction }

    func run(_ sql: String, _ cells: [SQLCell]) throws(SQLError) -> Int {
        do {
            try statement(sql).execute(arguments: Self.arguments(cells))
            return database.changesCount
        } catch {
            throw SQLError(error)
        }
    }

    func query(_ sql: String, _ cells: [SQLCell], _ read: (SQLRow) throws -> Void) throws {
        do {
            let cursor = try Row.fetchCursor(statement(sql), arguments: Self.arguments(cells))
            while let row = try cursor.next() {
                try read(SQLRow(cells: (0..<row.count).map { Self.cell(row[$0]) }))
            }
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    private func statement(_ sql: String) throws -> Statement {
        sql.utf8.count <= Self.cachedBytesLimit
            ? try database.cachedStatement(sql: sql) : try database.makeStatement(sql: sql)
    }

    private static func arguments(_ cells: [SQLCell]) -> StatementArguments {
        StatementArguments(
            cells.map { cell -> DatabaseValue in
                switch cell {
                case .null: .null
                case .integer(let integer): integer.databaseValue
                case .text(let text): text.databaseValue
                }
            }
        )
    }

    private static func cell(_ value: DatabaseValue) -> SQLCell {
        switch value.storage {
        case .int64(let integer): .integer(integer)
        case .string(let text): .text(text)
        case .null: .null
        case .double, .blob: .text("\(value)")
        }
    }
}

extension SQLError {
    /// The engine's error in our words.
    init(_ error: any Error) {
        if let error = error as? SQLError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .other(String(describing: error))
            return
        }
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            self = .unique
        case .SQLITE_CONSTRAINT_CHECK, .SQLITE_CONSTRAINT_NOTNULL, .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = .check
        case .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT_DATATYPE:
            self = .data(error.description)
        default:
            let isBusy = [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
            self = isBusy ? .busy : .other(error.description)
        }
    }
}
