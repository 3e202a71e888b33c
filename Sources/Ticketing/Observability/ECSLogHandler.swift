import Glibc
import Logging
import Synchronization

/// Writes one JSON line per message to standard output, with the field names of the Elastic Common Schema.
struct ECSLogHandler: LogHandler {
    private let label: String
    private let write: @Sendable (String) -> Void

    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    /// A handler that hands finished lines to `write`; by default to standard output, one whole line at a time.
    init(label: String, write: @escaping @Sendable (String) -> Void = ECSLogHandler.standardOutput) {
        self.label = label
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = [
            ("@timestamp", Self.quoted(WallClock.system.now().timestamp)),
            ("log.level", Self.quoted(event.level.rawValue)),
            ("message", Self.quoted(String(describing: event.message))),
            ("ecs.version", Self.quoted("9.0.0")),
            ("event.dataset", Self.quoted("bookme.log")),
            ("service.name", Self.quoted("bookme")),
            ("log.logger", Self.quoted(label)),
        ]
        var merged = metadata.merging(event.metadata ?? [:]) { _, new in new }
        // Hummingbird numbers requests by itself; the gateway's name for one wins.
        if let own = merged.removeValue(forKey: "hb.request.id") {
            merged["http.request.id"] = merged["http.request.id"] ?? own
        }
        fields += merged.sorted { $0.key < $1.key }.map { ($0.key, Self.json($0.value)) }
        let text = fields.map { "\(Self.quoted($0.0)):\($0.1)" }.joined(separator: ",")
        write("{\(text)}\n")
    }

    /// Numbers stay numbers; all else is text.
    private static func json(_ value: Logger.Metadata.Value) -> String {
        if case .stringConvertible(let number as Int) = value { return String(number) }
        return quoted(String(describing: value))
    }

    /// One `write` per line, so that lines of several threads never mix.
    static let standardOutput: @Sendable (String) -> Void = { line in
        let bytes = Array(line.utf8)
        _ = unsafe Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
