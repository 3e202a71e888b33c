/// What a driver offers inside a transaction.
protocol SQLEngine {
    var dialect: SQLDialect { get }
    /// Runs one statement and says how many rows it changed.
    func run(_ sql: String, _ cells: [SQLCell]) throws(SQLError) -> Int
    /// Runs a query and hands over row after row.
    func query(_ sql: String, _ cells: [SQLCell], _ read: (SQLRow) throws -> Void) throws
    /// Whether the transaction still stands; an engine may give it up after an error.
    var isInsideTransaction: Bool { get }
}

/// A connection inside a transaction. It blocks, is not Sendable, and lives only as long as the body it was handed to.
struct SQLConnection {
    /// What a transaction does once, however many of its bodies ask for it.
    final class Closing {
        /// Events whose claims changed.
        var touchedEvents: Set<Int64> = []
        /// How many savepoints stand; each has a name of its own, since MariaDB forgets the older of two namesakes.
        var savepointCount = 0
        /// Rows that are added with the commit, or before it for somebody who looks for them.
        var appended: [(head: String, row: [SQLCell])] = []
        /// How many of them have been.
        var writtenCount = 0
    }

    let engine: any SQLEngine
    private let closing: Closing

    init(_ engine: any SQLEngine, closing: Closing = Closing()) {
        self.engine = engine
        self.closing = closing
    }

    var dialect: SQLDialect { engine.dialect }
    var isInsideTransaction: Bool { engine.isInsideTransaction }

    /// Runs one statement and says how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [any SQLValue] = []) throws(SQLError) -> Int {
        try engine.run(sql, arguments.map(\.cell))
    }

    /// All rows of a query, each read by `read`.
    func rows<Value>(
        _ sql: String,
        _ arguments: [any SQLValue] = [],
        _ read: (SQLRow) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        try engine.query(sql, arguments.map(\.cell)) { values.append(try read($0)) }
        return values
    }

    /// The first row of a query; nil if there is none.
    func first<Value>(
        _ sql: String,
        _ arguments: [any SQLValue] = [],
        _ read: (SQLRow) throws -> Value
    ) throws -> Value? {
        try rows(sql, arguments, read).first
    }

    /// Runs `body`; if it throws, its changes alone are undone.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        closing.savepointCount += 1
        defer { closing.savepointCount -= 1 }
        let name = "s\(closing.savepointCount)"
        let appendedCount = closing.appended.count
        let writtenCount = closing.writtenCount
        try run("SAVEPOINT \(name)")
        do {
            let value = try body()
            try forget(name)
            return value
        } catch {
            closing.appended.removeLast(closing.appended.count - appendedCount)
            closing.writtenCount = writtenCount
            if isInsideTransaction {
                try run("ROLLBACK TO SAVEPOINT \(name)")
                try forget(name)
            }
            throw error
        }
    }

    /// MariaDB forgets a savepoint by itself when another one takes its name, which the next one at this depth does.
    private func forget(_ savepoint: String) throws(SQLError) {
        if dialect == .sqlite { try run("RELEASE SAVEPOINT \(savepoint)") }
    }

    /// Adds rows with few statements, if there are any, and says how many it added. `head` is the statement up to
    /// `VALUES`.
    ///
    /// Each statement takes 32, 16, 8, 4, 2 or 1 of the rows, so that a few prepared ones serve any number.
    @discardableResult
    func insert(_ head: String, rows: [[SQLCell]]) throws(SQLError) -> Int {
        guard let width = rows.first?.count else { return 0 }
        let row = "(" + Array(repeating: "?", count: width).joined(separator: ", ") + ")"
        var rest = rows[...]
        var size = 32
        var added = 0
        while !rest.isEmpty {
            while size > rest.count { size /= 2 }
            let marks = Array(repeating: row, count: size).joined(separator: ", ")
            added += try run("\(head) VALUES\(marks)", rest.prefix(size).flatMap { $0 })
            rest = rest.dropFirst(size)
        }
        return added
    }

    /// Adds a row at the end of the transaction, in one statement with those of other bodies. For what
    /// nobody reads before the commit without `flush`, and whose keys nobody else can have: a row that is
    /// refused then fails the whole transaction, and all of its writes are made again one by one.
    func append(_ head: String, _ row: [any SQLValue]) {
        closing.appended.append((head, row.map(\.cell)))
    }

    /// Adds what was appended so far, for a body that looks for rows which others of its commit may have appended.
    func flush() throws(SQLError) {
        let rows = closing.appended.dropFirst(closing.writtenCount)
        for (head, rows) in Dictionary(grouping: rows, by: \.head).sorted(by: { $0.key < $1.key }) {
            try insert(head, rows: rows.map(\.row))
        }
        closing.writtenCount = closing.appended.count
    }

    /// Has viewers of the event told, with the commit, that its claims changed.
    func touch(event: Int64) { closing.touchedEvents.insert(event) }

    /// What is done once before the commit. Rows in order, so that two transactions cannot wait in a circle.
    func close() throws {
        try flush()
        closing.appended = []
        closing.writtenCount = 0
        for event in closing.touchedEvents.sorted() {
            let changed = try run(
                "UPDATE seat_revisions SET revision = revision + 1 WHERE event_id = ?",
                [event]
            )
            if changed == 0 {
                try run(
                    "INSERT OR IGNORE INTO seat_revisions(event_id, revision) VALUES(?, 1)",
                    [event]
                )
            }
        }
        closing.touchedEvents = []
    }
}
