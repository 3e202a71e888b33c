/// What a column holds or a statement's `?` stands for.
enum SQLCell: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
}

/// A value that a statement's `?` can stand for.
protocol SQLValue: Sendable {
    var cell: SQLCell { get }
}

extension Int64: SQLValue {
    var cell: SQLCell { .integer(self) }
}

extension Int: SQLValue {
    var cell: SQLCell { .integer(Int64(self)) }
}

extension String: SQLValue {
    var cell: SQLCell { .text(self) }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    var cell: SQLCell { self?.cell ?? .null }
}

extension SQLCell: SQLValue {
    var cell: SQLCell { self }
}

/// One row of a result. Columns count from 0; reading a column as what it is not throws.
struct SQLRow {
    let cells: [SQLCell]

    /// An integer.
    func integer(_ column: Int) throws(SQLError) -> Int64 {
        guard let value = try optionalInteger(column) else { throw .column(column) }
        return value
    }

    /// An integer that fits the platform's word.
    func int(_ column: Int) throws(SQLError) -> Int { Int(try integer(column)) }

    /// An integer that fits the platform's word, or NULL.
    func optionalInt(_ column: Int) throws(SQLError) -> Int? {
        try optionalInteger(column).map { Int($0) }
    }

    /// Text.
    func text(_ column: Int) throws(SQLError) -> String {
        guard let value = try optionalText(column) else { throw .column(column) }
        return value
    }

    /// An integer or NULL.
    func optionalInteger(_ column: Int) throws(SQLError) -> Int64? {
        switch try cell(column) {
        case .integer(let integer): return integer
        case .null: return nil
        case .text: throw .column(column)
        }
    }

    /// Text or NULL.
    func optionalText(_ column: Int) throws(SQLError) -> String? {
        switch try cell(column) {
        case .text(let text): return text
        case .null: return nil
        case .integer: throw .column(column)
        }
    }

    private func cell(_ column: Int) throws(SQLError) -> SQLCell {
        guard cells.indices.contains(column) else { throw .column(column) }
        return cells[column]
    }
}
