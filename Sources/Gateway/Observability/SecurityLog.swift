import HTTP
import Rules
import Transport

/// One worker's log of what the rules found: one ECS event per exchange with a match. Confined to its worker.
final class SecurityLog {
    private let file: LogFile?
    private let line = OutputBuffer(limitBytes: 64 << 10)
    private let date: DateField

    /// Matches that one event names; the rest are counted only.
    private static let matchLimit = 32

    init(file: LogFile?, date: DateField) {
        self.file = file
        self.date = date
    }

    func write(_ transaction: Transaction, _ exchange: Exchange, status: Int) {
        let logged = transaction.matches.filter(\.isLogged)
        guard let file, let deciding = logged.first(where: \.isBlocking) ?? logged.first else {
            return
        }
        compose(deciding, logged, transaction, exchange, status: status)
        // An attacker chooses what is matched, and could make it so long that the event would be lost.
        if line.isFull { compose(deciding, [], transaction, exchange, status: status) }
        if !line.isFull { file.append(line.readable.bytes) }
    }

    private func compose(
        _ deciding: MatchedRule,
        _ logged: [MatchedRule],
        _ transaction: Transaction,
        _ exchange: Exchange,
        status: Int
    ) {
        line.removeAll(keepingCapacity: true)
        var event = JSONLine(to: line)
        event.add("@timestamp", Timestamp.text(seconds: date.seconds) + "Z")
        event.add("ecs.version", "9.0.0" as StaticString)
        event.add("event.dataset", "haniel.waf" as StaticString)
        event.add("event.kind", "alert" as StaticString)
        event.add("event.action", deciding.isBlocking ? "waf-block" : "waf-detect" as StaticString)
        event.add("event.risk_score", transaction.inboundScore)
        event.add("http.request.id") { exchange.id.append(to: $0) }
        event.add("http.request.method", exchange.head.methodName, limit: 32)
        event.add("http.response.status_code", status)
        event.add("url.domain", exchange.head.host)
        event.add("url.path", exchange.head.target.path)
        event.add("source.ip", exchange.loggedPeer)
        event.add("client.ip", exchange.loggedClient)
        event.add("rule.id", "\(deciding.id)")
        event.add("rule.name", deciding.message)
        event.add("haniel.waf.match_count", logged.count)
        add(matches: logged)
        event.end()
    }

    private func add(matches: [MatchedRule]) {
        line.append(",\"haniel.waf.matches\":[")
        for (index, match) in matches.prefix(Self.matchLimit).enumerated() {
            if index > 0 { line.append(",") }
            var object = JSONLine(to: line)
            object.add("id", match.id)
            object.add("phase", match.phase)
            object.add("message", match.message)
            object.add("target", match.target)
            if Self.isSecret(match.target) {
                object.add("excerpt", "[redacted]" as StaticString)
            } else {
                unsafe match.excerpt.withUnsafeBytes { unsafe object.add("excerpt", ByteView($0)) }
            }
            object.close()
        }
        line.append("]")
    }

    /// Whether a variable of this name holds what no log should: the words are those of forms and headers.
    private static func isSecret(_ target: String) -> Bool {
        let name = target.lowercased()
        return [
            "password", "passwd", "pwd", "secret", "token", "card", "cvc", "cvv", "authorization",
            "cookie",
        ]
        .contains { name.contains($0) }
    }
}
