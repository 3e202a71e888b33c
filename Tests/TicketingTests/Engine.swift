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
        try server.execute("CREATE DATABASE t\(number) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        // Tests share one server with each other and the machine with whatever else it does.
        return "mysql://root@localhost/t\(number)?socket=\(server.socket)&wait=60"
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
        // With the test process the server ends, too, however that ends; durability is not what is tested here.
        process = try ChildProcess(
            "setpriv",
            [
                "--pdeathsig", "KILL", "mariadbd", "--no-defaults", "--user=\(account)",
                "--datadir=\(folder.file("data"))", "--socket=\(folder.file("socket"))",
                "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=64M", "--max-connections=4000",
            ],
            output: folder.file("output")
        )
        let isReady = eventually(within: .seconds(30)) {
            process.hasEnded || FileManager.default.fileExists(atPath: folder.file("socket"))
        }
        guard isReady, !process.hasEnded else {
            throw DidNotStart(output: folder.read("output"))
        }
    }

    private func execute(_ sql: String) throws {
        let address = try MariaDBAddress(url: "mysql://root@localhost/mysql?socket=\(socket)")
        guard let address else { throw DidNotStart(output: "no address") }
        _ = try MariaDBConnection(address, for: .write).run(sql, [])
    }
}

/// Repeats what the shop is too busy for.
func untilNotBusy<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    for _ in 0..<20 {
        do {
            return try await body()
        } catch let error as SQLError where error == .busy {
            continue
        }
    }
    return try await body()
}
