extension RuleLinter {
    /// Regular expressions whose time can grow without measure.
    mutating func checkPattern(_ rule: RuleBuilder) {
        guard rule.testName == .rx || rule.testName == .rxGlobal, let text = rule.parameter else {
            return
        }
        let outline = PatternOutline(text.bytes)
        if let risk = outline?.risks.first {
            problems.warning(
                "nested-quantifier",
                risk.message,
                at: text,
                offset: risk.offset,
                hint: "let what is repeated begin with a byte that cannot end it, or repeat once"
            )
        }
        let reason = PatternOutline.backtracking(text.bytes)
        if !reason.isEmpty {
            problems.warning(
                "not-linear",
                "\(reason): no linear matcher takes the expression, so the match limit decides",
                at: text
            )
        }
        if let regex = rule.test as? RegexMatch, !regex.pattern.prepare() {
            problems.warning(
                "no-jit",
                "the expression does not become machine code and is interpreted",
                at: text
            )
        }
    }
}

extension RuleCost {
    init?(_ rule: RuleBuilder) {
        guard let name = rule.testName else { return nil }
        let isRegex = name == .rx || name == .rxGlobal
        id = rule.id
        location = rule.source.location()
        operatorName = name.rawValue
        literalCount = rule.test?.required?.literals.count ?? 0
        isJIT = (rule.test as? RegexMatch)?.pattern.prepare() ?? true
        backtracking = isRegex ? PatternOutline.backtracking(rule.parameter?.bytes ?? []) : ""
    }
}
