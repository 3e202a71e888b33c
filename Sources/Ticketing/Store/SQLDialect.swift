/// All that differs between the engines in the text of statements, which is written as SQLite reads it.
enum SQLDialect: Sendable, Equatable {
    case sqlite
    /// MariaDB and MySQL.
    case mariadb

    /// The statement as the engine wants it.
    func text(_ sql: String) -> String {
        guard self == .mariadb else { return sql }
        if sql.hasPrefix(Self.insertOrIgnore) {
            return "INSERT IGNORE" + sql.dropFirst(Self.insertOrIgnore.count)
        }
        if sql.hasPrefix("CREATE TABLE") {
            // Codes, tokens and normalised addresses are compared byte by byte, as SQLite does.
            return sql + " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
        }
        return sql
    }

    /// Whether rows that violate a key are to be skipped; other violations must not be.
    static func skipsDuplicates(_ sql: String) -> Bool { sql.hasPrefix(insertOrIgnore) }

    private static let insertOrIgnore = "INSERT OR IGNORE"

    /// What a query adds to keep the rows it read until the commit. SQLite has one writer and needs nothing.
    var forUpdate: String { self == .mariadb ? " FOR UPDATE" : "" }

    /// The same, leaving out what somebody else keeps: for work that several share, where nobody need wait for another.
    var forUpdateOfTheRest: String { self == .mariadb ? " FOR UPDATE SKIP LOCKED" : "" }

    /// Whether a change of the schema is part of the transaction around it.
    var hasTransactionalDefinitions: Bool { self == .sqlite }
}
