/// Why the database refused, in the words that callers act upon.
enum SQLError: Error, Equatable {
    /// A unique or primary key is taken.
    case unique
    /// A CHECK or NOT NULL constraint failed.
    case check
    /// Another process writes, the queue of writes is full or the server is away: nothing happened, try again.
    case busy
    /// Two transactions waited for each other and this one was undone: try again at once.
    case deadlock
    /// The connection went away while the commit was under way: it may or may not have taken effect.
    case unknownOutcome
    /// The table, column or index is there already, or not there any more.
    case definition
    /// A column does not hold what was asked for.
    case column(Int)
    /// A state that no code path should reach; the transaction is rolled back.
    case inconsistent(String)
    /// Anything else, in the engine's words.
    case other(String)

    /// Whether the engine refused what it was given, and not because of others or of how it stands itself: of a batch
    /// that fails so, all but one write may be good.
    var isAboutOneWrite: Bool {
        switch self {
        case .busy, .deadlock, .unknownOutcome: false
        case .unique, .check, .definition, .column, .inconsistent, .other: true
        }
    }
}
