import Synchronization

/// The time as the database's server has it, so that processes on machines whose clocks differ agree on what has ended.
///
/// SQLite has no server: who shares its file shares the machine's clock, too.
final class DatabaseClock: Sendable {
    private let database: Database
    /// The machine's, by which others than the database are judged: signatures, and a gateway's assertions.
    let own: WallClock
    /// What the server's clock showed when `start` was, by what was measured last. Between two measures a clock that
    /// nobody sets goes on from there.
    private let serverStart = Atomic<Milliseconds>(0)
    private let start = ContinuousClock.now
    private let isMeasured = Atomic(false)

    init(database: Database, own: WallClock) {
        self.database = database
        self.own = own
    }

    /// Whether the time is the server's. Until then nothing ends by it.
    var isRight: Bool { database.dialect == .sqlite || isMeasured.load(ordering: .acquiring) }

    /// How long to wait before it is measured again.
    var pause: Duration { isRight ? .seconds(10) : .milliseconds(100) }

    /// The server's time, and the machine's until that is known.
    var wallClock: WallClock {
        WallClock { [self] in
            guard isMeasured.load(ordering: .acquiring) else { return own.now() }
            return serverStart.load(ordering: .relaxed) + elapsed
        }
    }

    /// How long it is since `start`.
    private var elapsed: Milliseconds {
        Milliseconds(start.duration(to: .now) / Duration.milliseconds(1))
    }

    /// Asks the server for its time. An answer that took long says too little about when it was given, but more than
    /// none.
    func measure() async throws {
        guard database.dialect == .mariadb else { return }
        let asked = elapsed
        let theirs = try await database.glance { connection in
            try connection.first(
                "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000"
            ) { try $0.integer(0) }
        }
        let taken = elapsed - asked
        guard let theirs, taken < Span.second || !isMeasured.load(ordering: .relaxed) else {
            return
        }
        serverStart.store(theirs - asked - taken / 2, ordering: .relaxed)
        isMeasured.store(true, ordering: .releasing)
    }
}
