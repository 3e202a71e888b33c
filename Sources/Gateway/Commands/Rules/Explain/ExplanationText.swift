import Rules

/// An explanation for people.
struct ExplanationText {
    let explanation: Explanation
    let isColoured: Bool
    /// Whether rules that do not log, and values that nothing found fault with, are shown too.
    let showsAll: Bool

    private static let valueLimit = 160
    private static let phases = [
        "", "request head", "request body", "response head", "response body", "logging",
    ]

    var text: String {
        let request = explanation.request
        var text = bold("\(Self.shown(request.method)) \(Self.shown(request.target))")
        text += "  from \(request.clientAddress), \(explanation.ruleCount) rules\n"
        if showsAll { text += values }
        for phase in 1...5 { text += self.phase(phase) }
        text += "\n" + decision + score + exclusionsInForce + proposals
        return text
    }

    private var values: String {
        "\nvalues\n"
            + explanation.values.map { "  \(Self.shown($0.target)) = \(Self.shown($0.value))\n" }
            .joined()
    }

    private func phase(_ phase: Int) -> String {
        let rules = explanation.rules.filter {
            $0.phase == phase && (showsAll || $0.record?.isLogged == true)
        }
        if rules.isEmpty { return "" }
        return "\n" + bold("phase \(phase), \(Self.phases[phase])") + "\n"
            + rules.map(paragraph).joined()
    }

    private func paragraph(_ rule: Explanation.MatchedRule) -> String {
        var text = "  " + bold("\(rule.id)")
        if let record = rule.record, !record.message.isEmpty {
            text += "  \(Self.shown(record.message))"
        }
        if let severity = rule.description?.severity { text += "  [\("\(severity)".uppercased())]" }
        if rule.record?.isLogged != true { text += "  (nolog)" }
        text += "\n"
        if let location = rule.description?.location {
            text += dim("    \(location.file):\(location.line)") + "\n"
        }
        for match in rule.matches { text += paragraph(match) }
        for change in rule.changes where Self.isScore(change) || showsAll {
            let before = change.before.isEmpty ? "unset" : Self.shown(change.before)
            text += "    tx.\(Self.shown(change.name)): \(before) -> \(Self.shown(change.after))\n"
        }
        return text
    }

    private func paragraph(_ match: Explanation.Match) -> String {
        let link = match.link > 0 ? " (link \(match.link) of the chain)" : ""
        var text = "    \(Self.shown(match.target))\(link) = "
        if match.steps.isEmpty {
            text += marked(match.value, match.matched) + "\n"
        } else {
            text += Self.shown(match.original) + "\n"
            for (index, step) in match.steps.enumerated() {
                let isLast = index == match.steps.count - 1 && step.output == match.value
                let output = isLast ? marked(match.value, match.matched) : Self.shown(step.output)
                text += "      t:\(step.name) -> \(output)\n"
            }
        }
        let operatorText = String(match.operatorText.prefix(Self.valueLimit))
        return text + dim("      \(operatorText)\(operatorText == match.operatorText ? "" : "…")")
            + "\n"
    }

    private var decision: String {
        guard let stop = explanation.outcome.interruption else {
            let blockers = explanation.rules.filter {
                ["deny", "drop", "redirect"].contains($0.description?.disruption ?? "")
            }
            guard let first = blockers.first else { return bold("decision: passes") + "\n" }
            return bold("decision: passes")
                + ", since the engine only detects; rule \(first.id) would stop it\n"
        }
        let action: String
        switch stop.action {
        case .deny: action = "denied with \(stop.status)"
        case .drop: action = "the connection is closed"
        case .redirect(let address): action = "redirected to \(address) with \(stop.status)"
        }
        let by = stop.ruleID == 0 ? stop.message : "rule \(stop.ruleID): \(stop.message)"
        return bold("decision: \(action)") + " in phase \(explanation.outcome.phase), by \(by)\n"
    }

    /// Which rules added what.
    private var score: String {
        var parts: [String] = []
        for rule in explanation.rules where rule.record?.isLogged == true && !rule.isVerdict {
            for change in rule.changes where Self.isScore(change) && Self.isDetection(change) {
                let added = Self.number(change.after) - Self.number(change.before)
                if added != 0 { parts.append("\(added) (\(rule.id))") }
            }
        }
        let outcome = explanation.outcome
        var text = "score: \(outcome.inboundScore) inbound, \(outcome.outboundScore) outbound"
        if !parts.isEmpty { text += " = \(parts.joined(separator: " + "))" }
        return text + "\n"
    }

    private var exclusionsInForce: String {
        var text = ""
        if !explanation.outcome.removedRules.isEmpty {
            let ids = explanation.outcome.removedRules.prefix(20).map(String.init)
            let more = explanation.outcome.removedRules.count - ids.count
            text += "switched off for this request: \(ids.joined(separator: ", "))"
            text += more > 0 ? " and \(more) more\n" : "\n"
        }
        let targets = explanation.outcome.removedTargets
        if !targets.isEmpty {
            text += "left out for this request: \(targets.joined(separator: ", "))\n"
        }
        return text
    }

    private var proposals: String {
        let found = explanation.exclusions
        if found.isEmpty { return "" }
        let count = found.count(where: \.isProven)
        return "\nif this is no attack, the narrowest exclusion"
            + (found.count == 1 ? "" : "s, of which \(count) of \(found.count) proved to help")
            + (found.count > 1
                ? ""
                : count == 1
                    ? " (proved: the rule no longer matches this request)"
                    : " (NOT proved: the rule matches all the same)")
            + ":\n\n" + found.map(\.text).joined(separator: "\n")
    }

    // MARK: Words

    private static func isScore(_ change: RuleObserver.Change) -> Bool {
        String(decoding: change.name, as: UTF8.self).contains("anomaly_score")
    }

    /// A variable that a detecting rule adds to; the sums that are made of them later are no causes.
    private static func isDetection(_ change: RuleObserver.Change) -> Bool {
        let name = String(decoding: change.name, as: UTF8.self)
        return !name.hasPrefix("blocking_") && !name.hasPrefix("detection_")
            && number(change.after) > number(change.before)
    }

    private static func number(_ bytes: [UInt8]) -> Int {
        Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    /// Bytes as text on one line, what is not printable as `\xHH`, shortened.
    static func shown(_ bytes: [UInt8], limit: Int = valueLimit) -> String {
        var text = ""
        for byte in bytes.prefix(limit) {
            if byte >= 0x20, byte < 0x7F {
                text.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += "\\x\(digits.count == 1 ? "0" : "")\(digits)"
            }
        }
        return bytes.count > limit ? text + "…" : text
    }

    /// The value with the matched bytes marked, and as much around them as fits.
    private func marked(_ value: [UInt8], _ range: Range<Int>?) -> String {
        guard let range, range.upperBound <= value.count else { return Self.shown(value) }
        let start = max(0, range.lowerBound - 40)
        let end = min(value.count, range.upperBound + 40)
        let before = (start > 0 ? "…" : "") + Self.shown(Array(value[start..<range.lowerBound]))
        let hit = Self.shown(Array(value[range]))
        let after =
            Self.shown(Array(value[range.upperBound..<end])) + (end < value.count ? "…" : "")
        return isColoured
            ? "\(before)\u{1B}[1;31m\(hit)\u{1B}[0m\(after)" : "\(before)>>>\(hit)<<<\(after)"
    }

    private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    private func dim(_ text: String) -> String { isColoured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
