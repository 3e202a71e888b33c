import Glibc
import HTTP
import Logging

/// Writes swift-log's messages as ECS lines to standard error, so that standard output may carry the access log alone.
struct ECSLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let output = OutputBuffer(limitBytes: 16 << 10)
        var line = JSONLine(to: output)
        line.add("@timestamp", Timestamp.text(seconds: time(nil)) + "Z")
        line.add("ecs.version", "9.0.0" as StaticString)
        line.add("event.dataset", "haniel.service" as StaticString)
        line.add("log.level", event.level.rawValue)
        line.add("message", event.message.description)
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 })
            .sorted(by: { $0.key < $1.key })
        {
            line.addLabel(key, "\(value)")
        }
        line.end()
        unsafe output.readable.withUnsafeBytes {
            _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}
