import HTTP
import Rules
import Transport

/// One worker's log of what the rules found: one ECS event per exchange with a match. Confined to its worker.
final class SecurityLog {
    /// What a reader of the log has to know to repeat the decision.
    struct Circumstances {
        /// The configuration in force.
        let generation: Int
        /// The checksum of the rule set.
        let rules: String
        let mode: EngineMode
        let form: Configuration.LogForm
    }

    /// How much of each match an event tells.
    private enum Detail { case excerpts, ids }

    private let file: LogFile?
    private let line = OutputBuffer(limitBytes: 64 << 10)
    private let date: DateField

    /// Matches that one event names; the rest are counted only.
    private static let matchLimit = 256

    init(file: LogFile?, date: DateField) {
        self.file = file
        self.date = date
    }

    /// Writes the event of an exchange, if anything is to be said about it.
    func write(
        _ transaction: Transaction,
        _ exchange: Exchange,
        status: Int,
        _ circumstances: Circumstances
    ) {
        let logged = transaction.matches.filter(\.isLogged)
        guard let file, !logged.isEmpty || transaction.isIncomplete else { return }
        if circumstances.form == .modsecurity {
            return writeLines(logged, transaction, exchange, status, to: file)
        }
        compose(logged, .excerpts, transaction, exchange, status, circumstances)
        // An attacker chooses what is matched, and could make it so long that the event would be lost.
        if line.isFull { compose(logged, .ids, transaction, exchange, status, circumstances) }
        if !line.isFull { file.append(line.readable.bytes) }
    }

    private func compose(
        _ logged: [MatchedRule],
        _ detail: Detail,
        _ transaction: Transaction,
        _ exchange: Exchange,
        _ status: Int,
        _ circumstances: Circumstances
    ) {
        let deciding = logged.first(where: \.isBlocking) ?? logged.first
        line.removeAll(keepingCapacity: true)
        var event = JSONLine(to: line)
        event.add("@timestamp", Timestamp.text(milliseconds: date.wallMilliseconds(at: .current())))
        event.add("ecs.version", "9.0.0" as StaticString)
        event.add("event.dataset", "haniel.waf" as StaticString)
        event.add("event.kind", "alert" as StaticString)
        let action: StaticString =
            deciding == nil
            ? "waf-incomplete" : deciding?.isBlocking == true ? "waf-block" : "waf-detect"
        event.add("event.action", action)
        event.add("event.risk_score", transaction.inboundScore)
        event.add("http.request.id") { exchange.id.append(to: $0) }
        event.add("http.request.method", exchange.head.methodName, limit: 32)
        event.add("http.response.status_code", status)
        event.add("url.domain", exchange.head.host)
        event.add("url.path", exchange.head.target.path)
        event.add("source.ip", exchange.loggedPeer)
        event.add("client.ip", exchange.loggedClient)
        if let deciding {
            event.add("rule.id", "\(deciding.id)")
            event.add("rule.name", detail == .ids ? "" : deciding.message)
        }
        event.add("rule.ruleset", circumstances.rules)
        event.add("haniel.generation", circumstances.generation)
        event.add("haniel.waf.mode", circumstances.mode == .on ? "block" : "detect" as StaticString)
        event.add("haniel.waf.score.inbound", transaction.inboundScore)
        event.add("haniel.waf.score.outbound", transaction.outboundScore)
        if !transaction.bodyError.isEmpty {
            event.add("haniel.waf.body_error", transaction.bodyError)
        }
        if transaction.isBudgetSpent { event.add("haniel.waf.budget_spent", true) }
        event.add("haniel.waf.match_count", logged.count)
        add(logged, detail, redacted: transaction.redactedTargets)
        event.end()
    }

    private func add(_ matches: [MatchedRule], _ detail: Detail, redacted: [String]) {
        line.append(",\"haniel.waf.matches\":[")
        for (index, match) in matches.prefix(Self.matchLimit).enumerated() {
            if index > 0 { line.append(",") }
            var object = JSONLine(to: line)
            object.add("id", match.id)
            object.add("phase", match.phase)
            if detail == .excerpts { add(match, redacted: redacted, to: &object) }
            object.close()
        }
        line.append("]")
    }

    private func add(_ match: MatchedRule, redacted: [String], to object: inout JSONLine) {
        if let severity = match.severity { object.add("severity", "\(severity)") }
        object.add("message", match.message)
        object.add("target", match.target)
        if isSecret(match, redacted) {
            object.add("excerpt", "[redacted]" as StaticString)
        } else {
            if !match.logData.isEmpty { object.add("data", match.logData) }
            unsafe match.excerpt.withUnsafeBytes { unsafe object.add("excerpt", ByteView($0)) }
        }
    }

    /// One line per match in ModSecurity's form; each is short, since messages and excerpts have limits.
    private func writeLines(
        _ logged: [MatchedRule],
        _ transaction: Transaction,
        _ exchange: Exchange,
        _ status: Int,
        to file: LogFile
    ) {
        let incomplete: [MatchedRule?] = transaction.isIncomplete ? [nil] : []
        for match in logged.prefix(Self.matchLimit).map(Optional.init) + incomplete {
            line.removeAll(keepingCapacity: true)
            let text = ErrorLine(
                match: match,
                isSecret: match.map { isSecret($0, transaction.redactedTargets) } ?? false,
                seconds: date.seconds,
                status: status
            )
            text.append(exchange, to: line)
            if !line.isFull { file.append(line.readable.bytes) }
        }
    }

    private func isSecret(_ match: MatchedRule, _ redacted: [String]) -> Bool {
        var target = match.target.lowercased()
        let isSecret = target.withUTF8 {
            unsafe Self.isSecret(ByteView(UnsafeRawBufferPointer($0)))
        }
        return isSecret || redacted.contains(target)
    }

    /// Whether a variable of this name, in lower case, holds what no log should: the words are those of forms and
    /// headers.
    private static func isSecret(_ name: ByteView) -> Bool {
        secretWords.contains { name.contains($0) }
    }

    private static let secretWords: [StaticString] = [
        "password", "passwd", "pwd", "secret", "token", "card", "cvc", "cvv", "authorization",
        "cookie",
    ]
}
