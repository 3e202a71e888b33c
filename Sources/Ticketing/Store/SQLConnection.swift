import GRDB

/// A value that a statement's `?` can stand for.
protocol SQLValue: Sendable {
    var databaseValue: DatabaseValue { get }
}

extension Int64: SQLValue {}
extension Int: SQLValue {}
extension String: SQLValue {}
extension Optional: SQLValue where Wrapped: SQLValue {
    var databaseValue: DatabaseValue { self?.databaseValue ?? .null }
}

/// A connection inside a transaction. It blocks, is not Sendable, and lives only as long as the body it was handed to.
struct SQLConnection {
    private let database: GRDB.Database

    init(_ database: GRDB.Database) { self.database = database }

    /// Runs one statement and says how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [any SQLValue] = []) throws(SQLError) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
            return database.changesCount
        } catch {
            throw SQLError(error)
        }
    }

    /// All rows of a query, each read by `read`.
    func rows<Value>(
        _ sql: String,
        _ arguments: [any SQLValue] = [],
        _ read: (SQLRow) throws -> Value
    ) throws -> [Value] {
        do {
            let statement = try database.cachedStatement(sql: sql)
            let cursor = try Row.fetchCursor(
                statement,
                arguments: StatementArguments(arguments.map(\.databaseValue))
            )
            var values: [Value] = []
            while let row = try cursor.next() { values.append(try read(SQLRow(row))) }
            return values
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    /// The first row of a query; nil if there is none.
    func first<Value>(
        _ sql: String,
        _ arguments: [any SQLValue] = [],
        _ read: (SQLRow) throws -> Value
    ) throws -> Value? {
        try rows(sql, arguments, read).first
    }
}

/// One row of a result. Columns count from 0; reading a column as what it is not throws.
struct SQLRow {
    private let row: Row

    init(_ row: Row) { self.row = row }

    /// An integer.
    func integer(_ column: Int) throws(SQLError) -> Int64 {
        guard let value = try optionalInteger(column) else { throw .column(column) }
        return value
    }

    /// An integer that fits the platform's word.
    func int(_ column: Int) throws(SQLError) -> Int { Int(try integer(column)) }

    /// Text.
    func text(_ column: Int) throws(SQLError) -> String {
        guard let value = try optionalText(column) else { throw .column(column) }
        return value
    }

    /// An integer or NULL.
    func optionalInteger(_ column: Int) throws(SQLError) -> Int64? {
        switch try value(column).storage {
        case .int64(let integer): return integer
        case .null: return nil
        default: throw .column(column)
        }
    }

    /// Text or NULL.
    func optionalText(_ column: Int) throws(SQLError) -> String? {
        switch try value(column).storage {
        case .string(let text): return text
        case .null: return nil
        default: throw .column(column)
        }
    }

    private func value(_ column: Int) throws(SQLError) -> DatabaseValue {
        guard column >= 0, column < row.count else { throw .column(column) }
        return row[column]
    }
}
