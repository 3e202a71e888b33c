import GRDB
import Glibc

/// The SQLite file: many readers, one writer whose transactions are committed in groups.
///
/// Several processes may open one file.
final class SQLiteDriver: DatabaseDriver {
    private static let pauseMicroseconds: UInt32 = 250

    private let pool: DatabasePool
    private let writer: SQLiteWriter

    /// Opens or creates the file. Every commit reaches the disk before it is acknowledged.
    init(_ address: SQLiteAddress, batchLimit: Int) throws {
        let path = address.path
        var configuration = Configuration()
        let neighbour = NeighbourSign()
        let tryLimit = address.waitSeconds * 1_000_000 / Int(Self.pauseMicroseconds)
        configuration.busyMode = .callback { tries in
            // SQLite's own handler backs off to 100 ms, which lets one busy process starve the other.
            neighbour.noteWait()
            usleep(Self.pauseMicroseconds)
            return tries < tryLimit
        }
        configuration.maximumReaderCount = 6
        configuration.label = "bookme"
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        writer = SQLiteWriter(pool: pool, batchLimit: batchLimit, neighbour: neighbour)
    }

    var dialect: SQLDialect { .sqlite }
    var statistics: WriteQueue.Statistics { writer.statistics }

    func submit(_ job: WriteJob) { writer.submit(job) }

    func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await pool.read { database in
            try body(SQLConnection(SQLiteEngine(database: database)))
        }
    }

    func glance<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await read(body)
    }

    func prepare<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value {
        try pool.writeWithoutTransaction { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                let connection = SQLConnection(SQLiteEngine(database: database))
                value = try body(connection)
                try connection.close()
                return .commit
            }
            guard let value else { throw SQLError.inconsistent("a transaction without a result") }
            return value
        }
    }

    /// Moves what the log holds into the file and closes all connections. Later calls throw.
    func close() throws {
        // The last connection to close may be one that only reads, and leaves the log as it is. A process beside this
        // one that is in the middle of something keeps the log; it is as durable there.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }
}
