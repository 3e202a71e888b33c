import Logging
import Synchronization

/// Tells why the database does not answer: once in a while, since every request meets it.
final class OutageLog: Sendable {
    private static let pause = Duration.seconds(5)

    private let logger: Logger
    private let lastAt = Mutex<ContinuousClock.Instant?>(nil)

    init(logger: Logger = Logger(label: "bookme.database")) { self.logger = logger }

    /// Notes a connection that could not be made.
    func note(
        _ message: String,
        code: Int,
        at address: String,
        port: Int?,
        now: ContinuousClock.Instant = .now
    ) {
        let isToTell = lastAt.withLock { lastAt in
            if let lastAt, lastAt.duration(to: now) < Self.pause { return false }
            lastAt = now
            return true
        }
        guard isToTell else { return }
        var cause: Logger.Metadata = [
            "server.address": "\(address)", "error.code": "\(code)", "error.message": "\(message)",
        ]
        cause["server.port"] = port.map { .stringConvertible($0) }
        logger.error("the database cannot be reached", metadata: cause)
    }
}
