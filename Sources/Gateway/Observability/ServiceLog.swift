import Logging

/// The gateway's own log: starts, reloads, servers that come and go. Never used once per request.
struct ServiceLog: Sendable {
    private let logger: Logger

    init(level: Configuration.LogLevel) {
        var logger = Logger(label: "haniel") { _ in ECSLogHandler() }
        logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        self.logger = logger
    }

    func notice(_ message: Logger.Message, _ facts: [String: String] = [:]) {
        logger.notice(message, metadata: Self.metadata(facts))
    }
    func warning(_ message: Logger.Message, _ facts: [String: String] = [:]) {
        logger.warning(message, metadata: Self.metadata(facts))
    }
    func error(_ message: Logger.Message, _ facts: [String: String] = [:]) {
        logger.error(message, metadata: Self.metadata(facts))
    }

    /// A line for each problem of a configuration.
    func report(_ report: ProblemReport, _ message: Logger.Message) {
        for problem in report.problems {
            var facts = ["problem": problem.line, "code": problem.code.rawValue]
            facts["hint"] = problem.hint
            let level = problem.severity == .error ? Logger.Level.error : .warning
            logger.log(level: level, message, metadata: Self.metadata(facts))
        }
    }

    private static func metadata(_ facts: [String: String]) -> Logger.Metadata {
        facts.mapValues { .string($0) }
    }
}
