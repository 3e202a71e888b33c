import GRDB

/// Why the database refused, in the words that callers act upon.
enum SQLError: Error, Equatable {
    /// A unique or primary key is taken.
    case unique
    /// A CHECK or NOT NULL constraint failed.
    case check
    /// Another process writes, or the queue of writes is full: try again.
    case busy
    /// A column does not hold what was asked for.
    case column(Int)
    /// A state that no code path should reach; the transaction is rolled back.
    case inconsistent(String)
    /// Anything else, in the engine's words.
    case other(String)

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
        case .SQLITE_CONSTRAINT_CHECK, .SQLITE_CONSTRAINT_NOTNULL: self = .check
        default:
            let isBusy = [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
            self = isBusy ? .busy : .other(error.description)
        }
    }
}
