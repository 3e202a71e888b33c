/// Why the database refused, in the words that callers act upon.
enum SQLError: Error, Equatable {
    /// A unique or primary key is taken.
    case unique
    /// A CHECK, NOT NULL or foreign key constraint failed.
    case check
    /// A value does not fit its column, in the engine's words.
    case data(String)
    /// Another process writes, the queue of writes is full or the server is away: nothing happened, try again.
    case busy
    /// Two transactions waited for each other and this one was undone: try again at once.
    case deadlock
    /// The commit failed, or the connection went away meanwhile: it may or may not have taken effect.
    case unknownOutcome
    /// The table, column or index is there already, or not there any more.
    case definition
    /// A column does not hold what was asked for.
    case column(Int)
    /// A state that no code path should reach; the transaction is rolled back.
    case inconsistent(String)
    /// Anything else, in the engine's words.
    case other(String)

    /// Whether the engine refused a row, and not because of others or of how it stands itself: of a batch
    /// that fails so, all but one write may be good.
    var isAboutOneWrite: Bool {
        switch self {
        case .unique, .check, .data: true
        case .busy, .deadlock, .unknownOutcome, .definition, .column, .inconsistent, .other: false
        }
    }

    /// What it means when it comes from the commit itself. Unless the engine says that it undid everything,
    /// nobody knows how much of it the disk has: run again, a write might take effect twice.
    var ofCommit: SQLError {
        switch self {
        case .busy, .deadlock: self
        default: .unknownOutcome
        }
    }
}
