extension RuleLinter {
    /// Rules that no request can reach, because one before them always ends it.
    mutating func checkFlow() {
        for phase in 1...4 { checkFlow(phase) }
    }

    private mutating func checkFlow(_ phase: Int) {
        var end: RuleBuilder?
        /// Markers that a jump before the end aims at: behind them rules can be reached again.
        var aims: Set<String> = []
        var hidden: [RuleBuilder] = []
        for element in elements {
            switch element {
            case .marker(let label):
                guard end != nil, aims.contains(label.text) else { continue }
                report(hidden, behind: end)
                end = nil
                hidden = []
            case .rule(let rule) where rule.phase == phase:
                if end != nil { hidden.append(rule) }
                if case .skipAfter(let label)? = rule.flow, end == nil { aims.insert(label.text) }
                if end == nil, rule.isUnconditional, rule.disruption.endsPhase { end = rule }
            case .rule: break
            }
        }
        report(hidden, behind: end)
    }

    private mutating func report(_ hidden: [RuleBuilder], behind end: RuleBuilder?) {
        guard let end, let first = hidden.first else { return }
        let others = hidden.count > 1 ? ", nor \(hidden.count - 1) more behind it" : ""
        problems.warning(
            "unreachable",
            "no request reaches this rule\(others): rule \(end.id) at \(end.source.location()) always ends the phase",
            at: first.source
        )
    }

    /// What is done or looked at in a phase where it comes to nothing.
    mutating func checkPhase(_ rule: RuleBuilder, _ head: RuleBuilder) {
        if head.phase >= 2,
            rule.effects.contains(where: {
                if case .control(.requestBodyProcessor) = $0 { true } else { false }
            })
        {
            problems.warning(
                "late-processor",
                "the body is read before phase 2: its processor is chosen in phase 1",
                at: rule.place(of: "ctl", value: "requestbodyprocessor")
            )
        }
        for target in rule.targets where target.variable == .filesTmpNames && !target.isCount {
            problems.warning(
                "always-empty",
                "\(target.variable.rawValue) is always empty: no file of an upload is kept",
                at: target.source
            )
        }
        if head.phase == 1 {
            for target in rule.targets where target.variable.comesWithBody && !target.isCount {
                problems.warning(
                    "early-body",
                    "\(target.variable.rawValue) is empty in phase 1: the body is read before phase 2",
                    at: target.source
                )
            }
        }
    }
}

extension RuleBuilder {
    /// Whether every request makes the rule match.
    fileprivate var isUnconditional: Bool {
        chain.allSatisfy { rule in
            guard let name = rule.testName else { return true }
            return name == .unconditionalMatch && !rule.isNegated
                || name == .noMatch && rule.isNegated
        }
    }
}

extension Disruption {
    fileprivate var endsPhase: Bool {
        switch self {
        case .deny, .drop, .redirect, .allowAll, .allowPhase, .allowRequest: true
        case .pass, .block: false
        }
    }
}

extension Variable {
    /// Whether the variable is filled from the request body.
    fileprivate var comesWithBody: Bool {
        switch self {
        case .argsPost, .argsPostNames, .files, .filesNames, .filesSizes, .filesCombinedSize, .xml,
            .requestBody, .requestBodyLength, .multipartPartHeaders, .multipartName,
            .multipartFilename, .multipartStrictError, .reqbodyError, .reqbodyErrorMsg:
            true
        default: false
        }
    }
}
