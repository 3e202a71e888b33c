import Foundation
import Logging
import Synchronization

@testable import Ticketing

/// The lines that a logger writes, kept for a test.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    /// A logger of everything, down to the finest.
    var logger: Logger {
        Logger(label: "bookme") { label in
            var handler = ECSLogHandler(label: label) { line in
                self.lines.withLock { $0.append(line) }
            }
            handler.logLevel = .trace
            return handler
        }
    }

    /// What was written about `message`, as JSON.
    func documents(_ message: String) throws -> [[String: Any]] {
        try lines.withLock { $0 }
            .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            .filter { $0["message"] as? String == message }
    }
}
