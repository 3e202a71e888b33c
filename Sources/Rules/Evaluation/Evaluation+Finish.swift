extension Evaluation {
    static let logDataLimit = 1_024
    private static let excerptLimit = 256

    /// What happens once when a rule, or a whole chain, has matched: log line, `allow`, interruption.
    mutating func finish(_ index: Int) -> Interruption? {
        let rule = rules.tables.rules[index]
        matchedRules.append(Int32(truncatingIfNeeded: index))
        if let severity = rule.severity, severity.rawValue < highestSeverity?.rawValue ?? .max {
            highestSeverity = severity
        }
        let isBlocking = rule.disruption.isInterrupting && mode == .on && flow.phase != 5
        let isLogged = rule.flags.contains(.logged)
        if isLogged || isBlocking {
            record(rules.tables.metadata[index], isBlocking: isBlocking, isLogged: isLogged)
        }
        guard mode == .on else { return nil }
        switch rule.disruption {
        case .allowAll: flow.allowedThrough = 4
        case .allowPhase: flow.allowedThrough = max(flow.allowedThrough, flow.phase)
        case .allowRequest: flow.allowedThrough = max(flow.allowedThrough, 2)
        default: break
        }
        return isBlocking ? interruption(rule, rules.tables.metadata[index]) : nil
    }

    private mutating func interruption(_ rule: CompiledRule, _ metadata: RuleMetadata)
        -> Interruption
    {
        let action: Interruption.Action =
            switch rule.disruption {
            case .drop: .drop
            case .redirect: .redirect(expand(metadata.redirect).text)
            default: .deny
            }
        return Interruption(
            status: rule.status,
            ruleID: rule.id,
            action: action,
            message: expand(metadata.message).text
        )
    }

    private mutating func record(_ metadata: RuleMetadata, isBlocking: Bool, isLogged: Bool) {
        observeRecord(metadata, isBlocking: isBlocking, isLogged: isLogged)
        let match = current.match
        matches.append(
            MatchedRule(
                id: metadata.id,
                phase: metadata.phase,
                message: expand(metadata.message).text,
                logData: expand(metadata.logData).prefix(Evaluation.logDataLimit).text,
                severity: metadata.severity,
                tags: metadata.tags.map { expand($0).text },
                target: current.hasMatch ? name(of: match).text : "",
                excerpt: current.hasMatch ? match.value.prefix(Evaluation.excerptLimit).array : [],
                isBlocking: isBlocking,
                isLogged: isLogged
            )
        )
    }

    /// `ARGS:name`, as logs and MATCHED_VAR_NAME show it.
    mutating func name(of operand: Operand) -> ByteView {
        let variable = operand.variable.rawValue
        var name = arena.writer(capacity: variable.utf8.count + operand.key.count + 1)
        for byte in variable.utf8 { name.append(byte) }
        if !operand.key.isEmpty {
            name.append(UInt8(ascii: ":"))
            name.append(operand.key)
        }
        return arena.finish(name)
    }
}
