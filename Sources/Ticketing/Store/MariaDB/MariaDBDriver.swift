import CMariaDB
import Dispatch
import Foundation
import Glibc
import Synchronization

/// MariaDB or MySQL: a few threads of our own, each with one connection, since the library blocks.
///
/// Writing threads take what waits, up to a batch, and commit it as one transaction.
final class MariaDBDriver: DatabaseDriver {
    private struct Read {
        let queuedAt: ContinuousClock.Instant
        let perform: @Sendable (Result<MariaDBConnection, SQLError>) -> Void
    }

    private static let writerCount = 4
    private static let readerCount = 4
    /// How many reads may wait. Who waited for too long is told to come again rather than served an answer that nobody
    /// waits for any more.
    private static let readLimit = 4096
    private static let attemptLimit = 4
    /// How long writes are left to a writer that is at work.
    private static let patience = DispatchTimeInterval.milliseconds(20)
    private static let startLimit = 50
    /// How many batches are run with savepoints once a body threw.
    private static let cautionLimit = 16

    private let address: MariaDBAddress
    private let outages: OutageLog
    private let queue: WriteQueue
    private let writes = DispatchSemaphore(value: 0)
    private let reads = DispatchSemaphore(value: 0)
    private let waitingReads = Mutex<[Read]>([])
    /// How many more batches are run with savepoints.
    private let caution = Atomic(0)
    private let isClosed = Atomic(false)
    private let running = DispatchGroup()

    init(_ address: MariaDBAddress, batchLimit: Int, outages: OutageLog = OutageLog()) {
        self.address = address
        self.outages = outages
        queue = WriteQueue(batchLimit: batchLimit)
        // Once before any thread uses the library.
        _ = mysql_server_init(0, nil, nil)
        for number in 0..<Self.writerCount { start("writer-\(number)") { $0.write() } }
        for number in 0..<Self.readerCount { start("reader-\(number)") { $0.serveReads() } }
    }

    private func start(_ name: String, _ work: @escaping @Sendable (MariaDBDriver) -> Void) {
        running.enter()
        let thread = Thread { [self] in
            work(self)
            running.leave()
        }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    var dialect: SQLDialect { .mariadb }
    var statistics: WriteQueue.Statistics { queue.statistics }

    func submit(_ job: WriteJob) {
        guard !isClosed.load(ordering: .acquiring), let isToWake = queue.offer(job) else {
            return job.settle(SQLError.busy)
        }
        if isToWake { writes.signal() }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await serve { connection in
            try connection.begin(.read)
            defer { connection.rollBack() }
            return try body(SQLConnection(connection))
        }
    }

    /// Outside of transactions a query is one of its own.
    func glance<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value)
        async throws -> Value
    {
        try await serve { try body(SQLConnection($0)) }
    }

    private func serve<Value: Sendable>(
        _ body: @escaping @Sendable (MariaDBConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let read = Read(queuedAt: .now) { connection in
                continuation.resume(with: Result { try body(try connection.get()) })
            }
            let isAccepted = waitingReads.withLock { waiting in
                guard waiting.count < Self.readLimit, !isClosed.load(ordering: .acquiring) else {
                    return false
                }
                waiting.append(read)
                return true
            }
            if isAccepted { reads.signal() } else { continuation.resume(throwing: SQLError.busy) }
        }
    }

    /// Waits for a server that is about to come up and for other processes that start, or that died while they did.
    func prepare<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value {
        for _ in 1..<Self.startLimit {
            do {
                return try prepareOnce(body, on: connect())
            } catch let error as SQLError where error == .busy || error == .deadlock {
                usleep(UInt32.random(in: 100_000...300_000))
            }
        }
        return try prepareOnce(body, on: connect(isLast: true))
    }

    /// A connection for somebody who starts, and who is told in a sentence what does not pass.
    private func connect(isLast: Bool = false) throws -> MariaDBConnection {
        do throws(SQLError) {
            let connection = try MariaDBConnection(address, for: .write, outages)
            // A definition waits for those who use its table, and all who come after it wait for it.
            let limit = "SET SESSION lock_wait_timeout = \(address.waitSeconds)"
            _ = try connection.run(limit, [])
            return connection
        } catch {
            if error == .busy, !isLast { throw error }
            throw address.problem(error)
        }
    }

    private func prepareOnce<Value>(
        _ body: (SQLConnection) throws -> Value,
        on connection: MariaDBConnection
    ) throws -> Value {
        try connection.begin(.write)
        do {
            let session = SQLConnection(connection)
            let value = try body(session)
            try session.close()
            try connection.commit()
            return value
        } catch {
            connection.rollBack()
            throw error
        }
    }

    func close() throws {
        isClosed.store(true, ordering: .releasing)
        for _ in 0..<Self.writerCount { writes.signal() }
        for _ in 0..<Self.readerCount { reads.signal() }
        running.wait()
    }

    /// The thread's connection, made anew if it was lost.
    private func use(
        _ connection: inout MariaDBConnection?,
        for purpose: MariaDBConnection.Purpose
    ) throws(SQLError) -> MariaDBConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        let fresh = try MariaDBConnection(address, for: purpose, outages)
        connection = fresh
        return fresh
    }

    private func serveReads() {
        var connection: MariaDBConnection?
        while true {
            reads.wait()
            let read = waitingReads.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            guard let read else {
                if isClosed.load(ordering: .acquiring) { return }
                continue
            }
            guard read.queuedAt.duration(to: .now) < .seconds(address.waitSeconds) else {
                read.perform(.failure(.busy))
                continue
            }
            do throws(SQLError) {
                read.perform(.success(try use(&connection, for: .read)))
            } catch {
                read.perform(.failure(error))
            }
        }
    }

    /// A writer's life: takes batches while there are any, and leaves what little waits to one that is at work, but not
    /// for long, since that may have to do with a very large write.
    private func write() {
        var connection: MariaDBConnection?
        var isUrgent = false
        var isOnGuard = false
        while true {
            if isOnGuard {
                isUrgent = writes.wait(timeout: .now() + Self.patience) == .timedOut
            } else {
                writes.wait()
            }
            var turn = queue.join(isUrgent: isUrgent)
            isUrgent = false
            while case .work(let batch) = turn {
                commit(batch, &connection)
                queue.leave()
                turn = queue.join(isUrgent: false)
            }
            if case .later = turn { isOnGuard = true } else { isOnGuard = false }
            if case .nothing = turn, isClosed.load(ordering: .acquiring) { return }
        }
    }

    private func commit(_ batch: [WriteJob], _ connection: inout MariaDBConnection?) {
        let failure = commit(batch, &connection, attempts: Self.attemptLimit)
        let isBetterAlone =
            failure == .deadlock || batch.count > 1 && failure?.isAboutOneWrite == true
        guard isBetterAlone else {
            for job in batch { job.settle(failure) }
            return
        }
        // Together they keep getting into somebody's way, and one by one they hold less; or one of them adds a row that
        // is refused, which is no matter of the others.
        for job in batch {
            let failure = commit([job], &connection, attempts: 5 * Self.attemptLimit)
            job.settle(failure == .deadlock ? .busy : failure)
        }
    }

    /// Commits a batch; a deadlock undoes all of it, so all of it runs again after a moment. So does, once, the loss of
    /// the connection before the commit: a server closes connections that were idle for long, or was restarted.
    private func commit(
        _ batch: [WriteJob],
        _ connection: inout MariaDBConnection?,
        attempts: Int
    ) -> SQLError? {
        for attempt in 0..<attempts {
            do throws(SQLError) {
                try commitOnce(batch, use(&connection, for: .write))
                return nil
            } catch {
                let wasLost = connection?.isLost ?? true
                connection?.rollBack()
                let mayTryAnew = error == .busy && wasLost && attempt == 0
                guard error == .deadlock || mayTryAnew else { return error }
                usleep(UInt32.random(in: 0...2000) * UInt32(min(attempt, 10) + 1))
            }
        }
        return .deadlock
    }

    /// Savepoints are a round trip for each write, and needed only where a body throws. So they are left out until one
    /// does: then all of the batch is undone and run again with them, and so are the next batches.
    private func commitOnce(_ batch: [WriteJob], _ connection: MariaDBConnection)
        throws(SQLError)
    {
        let isGuarded = caution.load(ordering: .relaxed) > 0
        if isGuarded { caution.subtract(1, ordering: .relaxed) }
        do {
            try run(batch, connection, isGuarded: isGuarded)
        } catch is WriteBatch.Spoiled {
            connection.rollBack()
            // Who was alone is undone with its transaction.
            if batch.count == 1 { return }
            caution.store(Self.cautionLimit, ordering: .relaxed)
            do { try run(batch, connection, isGuarded: true) } catch {
                throw Self.failure(error, connection)
            }
        } catch {
            throw Self.failure(error, connection)
        }
        try connection.commit()
    }

    private func run(_ batch: [WriteJob], _ connection: MariaDBConnection, isGuarded: Bool) throws {
        try connection.begin(.write)
        try WriteBatch.run(batch, on: SQLConnection(connection), isGuarded: isGuarded)
    }

    private static func failure(_ error: any Error, _ connection: MariaDBConnection) -> SQLError {
        guard let error = error as? SQLError else { return .other("\(error)") }
        // A connection that was lost before its commit committed nothing.
        return connection.isLost ? .busy : error
    }
}
