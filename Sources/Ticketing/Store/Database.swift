import GRDB
import Glibc

/// The SQLite file: many readers, one writer whose transactions are committed in groups.
///
/// Several processes may open one file. A body handed to `read` or `write` is synchronous, so that no transaction is
/// ever held across a suspension.
final class Database: Sendable {
    private let pool: DatabasePool
    private let writer: GroupCommit

    /// Opens or creates the file. Every commit reaches the disk before it is acknowledged.
    init(path: String, batchLimit: Int = 64) throws {
        var configuration = Configuration()
        let neighbour = NeighbourSign()
        configuration.busyMode = .callback { tries in
            // SQLite's own handler backs off to 100 ms, which lets one busy process starve the other.
            neighbour.noteWait()
            usleep(250)
            return tries < 20_000
        }
        configuration.maximumReaderCount = 6
        configuration.label = "bookme"
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        writer = GroupCommit(pool: pool, batchLimit: batchLimit, neighbour: neighbour)
    }

    /// Runs `body` in a transaction of its own effect: all of it is durable when this returns, or none of it if it
    /// throws. Other bodies may share the commit.
    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await writer.write(body)
    }

    /// Runs `body` on a consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await pool.read { database in try body(SQLConnection(database)) }
    }

    /// Runs `body` in an immediate transaction on the calling thread; for start-up, before anybody waits.
    @discardableResult
    func prepare<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value {
        try pool.writeWithoutTransaction { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(SQLConnection(database))
                return .commit
            }
            guard let value else { throw SQLError.inconsistent("a transaction without a result") }
            return value
        }
    }

    /// What the group commit has done so far.
    var statistics: GroupCommit.Statistics { writer.statistics }

    /// Moves what the log holds into the file and closes all connections. Later calls throw.
    func close() throws {
        // The last connection to close may be one that only reads, and leaves the log as it is. A process beside this
        // one that is in the middle of something keeps the log; it is as durable there.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }
}
