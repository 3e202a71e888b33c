import Foundation
import Support
import Synchronization

@testable import Ticketing

/// The engines that the same cases run on; MariaDB where the machine has a server.
enum Engine: Sendable, CaseIterable {
    case sqlite
    case mariadb

    static let tested: [Engine] = MariaDBServer.isInstalled ? allCases : [.sqlite]
}

/// One private MariaDB server for all tests, on a socket in a folder of its own; started by the first test that needs
/// it, stopped with the test process.
final class MariaDBServer: Sendable {
    struct DidNotStart: Error {
        let output: String
    }

    static let isInstalled = Tool.exists("mariadbd") && Tool.exists("mariadb-install-db")
    private static let shared = Mutex<Result<MariaDBServer, any Error>?>(nil)
    private static let databaseCount = Atomic(0)

    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// The URL of an empty database that no other test uses.
    static func freshDatabase() throws -> String {
        let server = try shared.withLock { shared in
            if let known = shared { return try known.get() }
            let result = Result { try MariaDBServer() }
            shared = result
            return try result.get()
        }
        let number = databaseCount.add(1, ordering: .relaxed).newValue
        let options = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        try server.execute("CREATE DATABASE IF NOT EXISTS t\(number) \(options)")
        // Tests share one server with each other and the machine with whatever else it does.
        return "mysql://root@localhost/t\(number)?socket=\(server.socket)&wait=600"
    }

    private var socket: String { folder.file("socket") }

    private init() throws {
        folder = try TemporaryFolder()
        let account = NSUserName()
        let made = try Tool.run(
            "mariadb-install-db",
            [
                "--no-defaults", "--datadir=\(folder.file("data"))", "--user=\(account)",
                "--auth-root-authentication-method=normal", "--skip-test-db",
            ]
        )
        guard made.status == 0 else { throw DidNotStart(output: made.text) }
        process = try Self.start(account: account, in: folder)
        // The file is there a moment before anybody listens, which is long on a busy machine.
        let isReady = eventually(within: Patience.long) {
            process.hasEnded || (try? connect()) != nil
        }
        guard isReady, !process.hasEnded else {
            throw DidNotStart(output: folder.read("output"))
        }
    }

    /// With the test process the server ends, too, however that ends; durability is not what is tested here.
    ///
    /// The kernel goes by the thread that started it, and those that run tests end when there is little to do. So one
    /// starts it that never does.
    private static func start(account: String, in folder: TemporaryFolder) throws -> ChildProcess {
        let started = Started()
        Thread.detachNewThread {
            started.process.withLock { process in
                process = Result {
                    try ChildProcess(
                        "setpriv",
                        [
                            "--pdeathsig", "KILL", "mariadbd", "--no-defaults",
                            "--user=\(account)", "--datadir=\(folder.file("data"))",
                            "--socket=\(folder.file("socket"))", "--skip-networking",
                            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
                            "--max-connections=4000", "--connect-timeout=600",
                            "--max-prepared-stmt-count=1000000",
                        ],
                        output: folder.file("output")
                    )
                }
            }
            while true { Thread.sleep(until: .distantFuture) }
        }
        _ = eventually(within: Patience.long) { started.process.withLock { $0 != nil } }
        guard let process = started.process.withLock({ $0 }) else {
            throw DidNotStart(output: "no thread")
        }
        return try process.get()
    }

    private final class Started: Sendable {
        let process = Mutex<Result<ChildProcess, any Error>?>(nil)
    }

    /// Runs a statement that may run twice; a server that has no time for us is asked again.
    private func execute(_ sql: String) throws {
        let isDone = try eventually(within: Patience.long) {
            do {
                _ = try connect().run(sql, [])
                return true
            } catch let error as SQLError where error == .busy {
                return false
            }
        }
        guard isDone else { throw SQLError.busy }
    }

    private func connect() throws -> MariaDBConnection {
        let address = try MariaDBAddress(
            url: "mysql://root@localhost/mysql?socket=\(socket)&wait=600"
        )
        guard let address else { throw DidNotStart(output: "no address") }
        return try MariaDBConnection(address, for: .write)
    }
}

extension SQLConnection {
    /// Whether another transaction on this database waits for a lock; MariaDB only.
    var hasWaiters: Bool {
        // The server looks anew only if nobody has asked for a tenth of a second.
        pause(.milliseconds(150))
        let count = try? first(
            """
            SELECT COUNT(*) FROM information_schema.innodb_trx t
            JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
            WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()
            """
        ) { try $0.int(0) }
        return count == 1
    }
}

/// Repeats what the shop is too busy for, as long as tests wait for anything.
func untilNotBusy<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    let deadline = Deadline(within: Patience.long)
    while true {
        do {
            return try await body()
        } catch let error as SQLError where error == .busy && !deadline.hasPassed {
            continue
        }
    }
}

/// A write that keeps its writer at work until it is let go.
struct LongWrite: Sendable {
    private final class Gate: Sendable {
        let hasStarted = Mutex(false)
        let isOpen = Mutex(false)
    }

    private let gate = Gate()
    private let task: Task<Bool, any Error>

    /// Returns once a writer is at work on it.
    static func begin(on database: Database) async -> LongWrite {
        let write = LongWrite(on: database)
        while !write.gate.hasStarted.withLock({ $0 }) { await Task.yield() }
        return write
    }

    private init(on database: Database) {
        task = Task { [gate] in
            try await database.write { _ in
                gate.hasStarted.withLock { $0 = true }
                return eventually(within: Patience.long) { gate.isOpen.withLock { $0 } }
            }
        }
    }

    /// Lets it end; false if nobody did so for as long as tests wait for anything.
    func end() async throws -> Bool {
        gate.isOpen.withLock { $0 = true }
        return try await task.value
    }
}
