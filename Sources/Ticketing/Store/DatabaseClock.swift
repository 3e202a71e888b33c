import Synchronization

/// The time as the database's server has it, so that processes on machines whose clocks differ agree on what has ended.
///
/// SQLite has no server: who shares its file shares the machine's clock, too.
final class DatabaseClock: Sendable {
    private let database: Database
    /// The machine's, by which others than the database are judged: signatures, and a gateway's assertions.
    let own: WallClock
    /// How far the server's clock is ahead of ours.
    private let ahead = Atomic<Milliseconds>(0)
    private let isMeasured = Atomic(false)

    init(database: Database, own: WallClock) {
        self.database = database
        self.own = own
    }

    /// Whether the time is the server's. Until then nothing ends by it.
    var isRight: Bool { database.dialect == .sqlite || isMeasured.load(ordering: .acquiring) }

    /// Our clock, put right by what was measured last.
    var wallClock: WallClock {
        WallClock { [self] in own.now() + ahead.load(ordering: .relaxed) }
    }

    /// Asks the server for its time. An answer that took long says too little about when it was given.
    func measure() async throws {
        guard database.dialect == .mariadb else { return }
        let asked = own.now()
        let theirs = try await database.glance { connection in
            try connection.first(
                "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000"
            ) { try $0.integer(0) }
        }
        let taken = own.now() - asked
        guard let theirs, (0..<Span.second).contains(taken) else { return }
        ahead.store(theirs - asked - taken / 2, ordering: .relaxed)
        isMeasured.store(true, ordering: .releasing)
    }
}
