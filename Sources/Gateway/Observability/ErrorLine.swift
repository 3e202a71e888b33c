import Glibc
import HTTP
import Rules

/// One match as a line of Apache's error log with ModSecurity, which log tools and fail2ban read.
struct ErrorLine {
    /// Nil for a request that was not inspected to its end.
    let match: MatchedRule?
    /// The value must not be shown.
    let isSecret: Bool
    /// Seconds since 1970.
    let seconds: Int
    let status: Int

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let uriLimit = 1_024

    /// Writes the line, with its end.
    func append(_ exchange: Exchange, to line: OutputBuffer) {
        line.append("[")
        line.append(ErrorLine.date(seconds))
        line.append("] [security2:error] [pid ")
        line.append(decimal: Int(getpid()))
        line.append("] [client ")
        line.append(exchange.loggedClient)
        line.append("] ModSecurity: ")
        line.append(headline)
        if let match { append(match, to: line) }
        add("hostname", exchange.head.host.bytes, to: line)
        add("uri", exchange.head.target.path.prefix(ErrorLine.uriLimit).bytes, to: line)
        line.append(" [unique_id \"")
        exchange.id.append(to: line)
        line.append("\"]\n")
    }

    private func append(_ match: MatchedRule, to line: OutputBuffer) {
        if !match.target.isEmpty {
            line.append(" Matched at ")
            escape(Array(match.target.utf8), to: line)
            line.append(".")
        }
        add("id", Array("\(match.id)".utf8), to: line)
        add("msg", Array(match.message.utf8), to: line)
        if !match.logData.isEmpty {
            add("data", isSecret ? Array("[redacted]".utf8) : Array(match.logData.utf8), to: line)
        }
        if let severity = match.severity {
            add("severity", Array("\(severity)".uppercased().utf8), to: line)
        }
        for tag in match.tags { add("tag", Array(tag.utf8), to: line) }
    }

    private var headline: String {
        guard let match else { return "Request was not inspected to its end, answered \(status)." }
        return match.isBlocking
            ? "Access denied with code \(status) (phase \(match.phase))."
            : "Warning."
    }

    /// ` [name "value"]`.
    private func add(_ name: StaticString, _ value: [UInt8], to line: OutputBuffer) {
        line.append(" [")
        line.append(name)
        line.append(" \"")
        escape(value, to: line)
        line.append("\"]")
    }

    /// Quotes, backslashes and all that is not printable ASCII, escaped as Apache does.
    private func escape(_ bytes: [UInt8], to line: OutputBuffer) {
        for byte in bytes {
            switch byte {
            case 0x22, 0x5C:
                line.append(byte: 0x5C)
                line.append(byte: byte)
            case 0x20...0x7E: line.append(byte: byte)
            default:
                let digits = String(byte, radix: 16)
                line.append(digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)")
            }
        }
    }

    /// `Thu Nov 26 20:31:26 2026`, in UTC.
    private static func date(_ seconds: Int) -> String {
        var time = seconds
        var parts = unsafe tm()
        guard unsafe gmtime_r(&time, &parts) != nil else { return "" }
        let day = unsafe days[Int(parts.tm_wday) % days.count]
        let month = unsafe months[Int(parts.tm_mon) % months.count]
        let clock = Timestamp.text(seconds: seconds)
        return unsafe "\(day) \(month) \(clock.dropFirst(8).prefix(2)) \(clock.suffix(8)) "
            + "\(parts.tm_year + 1900)"
    }
}
