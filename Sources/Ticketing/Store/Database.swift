/// What an engine offers to the repositories above it.
protocol DatabaseDriver: Sendable {
    var dialect: SQLDialect { get }
    var statistics: WriteQueue.Statistics { get }
    /// Queues a write, which may share its commit with others.
    func submit(_ job: WriteJob)
    /// Runs `body` on a consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    /// Runs a body of one query.
    func glance<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    /// Runs `body` in a transaction on the calling thread; for start-up, before anybody waits.
    func prepare<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value
    func close() throws
}

/// The shop's memory: SQLite in a file, or MariaDB.
///
/// A body handed to `read` or `write` is synchronous, so that no transaction is ever held across a suspension. It may
/// run more than once, and has no effect but on the database.
final class Database: Sendable {
    private let driver: any DatabaseDriver

    /// Opens or creates an SQLite file.
    init(path: String, batchLimit: Int = 64) throws {
        driver = try SQLiteDriver(SQLiteAddress(path: path), batchLimit: batchLimit)
    }

    /// Opens what a URL names: `sqlite:///path?wait=5`, `mysql://user:password@host:port/name` (`mariadb://`
    /// is the same), or a plain path.
    convenience init(url: String, batchLimit: Int = 64) throws {
        if let address = try MariaDBAddress(url: url) {
            self.init(driver: MariaDBDriver(address, batchLimit: batchLimit))
        } else {
            let address = try SQLiteAddress(url: url)
            self.init(driver: try SQLiteDriver(address, batchLimit: batchLimit))
        }
    }

    private init(driver: any DatabaseDriver) { self.driver = driver }

    var dialect: SQLDialect { driver.dialect }

    /// Runs `body` in a transaction of its own effect: all of it is durable when this returns, or none of it if it
    /// throws, unless it throws `unknownOutcome`. Other bodies may share the commit.
    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = WriteOutcome<Value>()
            driver.submit(
                WriteJob(
                    attempt: { outcome.attempt(body, on: $0, isGuarded: $1) },
                    settle: { failure in continuation.resume(with: outcome.result(unless: failure))
                    }
                )
            )
        }
    }

    /// Places a hold: together with others where the claim succeeds at once, else by `body`.
    func place(
        _ claim: HoldClaim,
        _ body: @escaping @Sendable (SQLConnection) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = WriteOutcome<Answer>()
            driver.submit(
                WriteJob(
                    attempt: { outcome.attempt(body, on: $0, isGuarded: $1) },
                    settle: { failure in continuation.resume(with: outcome.result(unless: failure))
                    },
                    claim: claim,
                    accept: { outcome.accept($0) }
                )
            )
        }
    }

    /// Runs `body` on a consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await driver.read(body)
    }

    /// Runs a body of one query, which needs no snapshot to be kept for others: across a socket that is a third of what
    /// `read` costs. A second query throws.
    func glance<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await driver.glance { try body(SQLConnection(Glance(engine: $0.engine))) }
    }

    /// Runs `body` in a transaction on the calling thread; for start-up, before anybody waits.
    @discardableResult
    func prepare<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value {
        try driver.prepare(body)
    }

    /// What the group commit has done so far.
    var statistics: WriteQueue.Statistics { driver.statistics }

    /// Closes all connections. Later calls throw.
    func close() throws { try driver.close() }
}
