extension Compiler {
    mutating func addRule(_ directive: Directive) {
        guard directive.arguments.count == 2 || directive.arguments.count == 3 else {
            return problems.error(
                "arguments",
                "SecRule needs variables, an operator and actions",
                at: directive.name,
                hint: "quote the operator and the list of actions"
            )
        }
        var rule = RuleBuilder(source: directive.name)
        let targets = TargetParser.parse(directive.arguments[0], &problems)
        setTargets(targets, of: &rule)
        setTest(OperatorParser.parse(directive.arguments[1]), of: &rule)
        finish(&rule, actions: directive.arguments.count == 3 ? directive.arguments[2] : nil)
    }

    mutating func addAction(_ directive: Directive) {
        guard let list = directive.arguments.first, directive.arguments.count == 1 else {
            return problems.error(
                "arguments",
                "SecAction needs one list of actions",
                at: directive.name
            )
        }
        var rule = RuleBuilder(source: directive.name)
        finish(&rule, actions: list)
    }

    private mutating func setTargets(_ targets: [TargetDefinition], of rule: inout RuleBuilder) {
        rule.targets = targets.filter { !$0.isExclusion }
        rule.exclusions = targets.filter(\.isExclusion).compactMap {
            TargetExclusion($0, &problems)
        }
        if rule.targets.isEmpty, let first = targets.first {
            problems.error(
                "only-exclusions",
                "a rule that only leaves out looks at nothing",
                at: first.source
            )
        }
    }

    private mutating func setTest(_ definition: OperatorDefinition, of rule: inout RuleBuilder) {
        guard let name = OperatorName.named(definition.name.text) else {
            let written = definition.name.text
            if let reason = OperatorName.refused[written.lowercased()] {
                return problems.error(
                    "refused-operator",
                    "@\(written) is refused: \(reason)",
                    at: definition.name
                )
            }
            return problems.error(
                "unknown-operator",
                "unknown operator `@\(written)`",
                at: definition.name,
                hint: NearestName.hint(
                    written,
                    in: OperatorName.allCases.map(\.rawValue),
                    prefix: "@"
                )
            )
        }
        let macro =
            name.takesMacros(in: definition.parameter)
            ? Macro(definition.parameter, &names, &problems)
            : Macro(constant: definition.parameter.bytes)
        checkParameter(name, definition.parameter, macro)
        if name == .geoLookup { lookups.append(definition.name) }
        if let reason = name.deadReason {
            problems.warning(
                "no-effect",
                "@\(name.rawValue) never matches: \(reason)",
                at: definition.name
            )
        }
        do {
            rule.test = try operators.make(name, definition.parameter, macro, dataSets, &filesRead)
        } catch {
            problems.error(
                "operator",
                "@\(name.rawValue): \(error.message)",
                at: definition.parameter,
                offset: error.offset
            )
        }
        rule.testName = name
        rule.parameter = definition.parameter
        rule.isNegated = definition.isNegated
    }

    /// Parameters an operator takes, but that its author cannot have meant.
    private mutating func checkParameter(
        _ name: OperatorName,
        _ parameter: SourceText,
        _ macro: Macro
    ) {
        if name.relation != nil, let text = macro.constant {
            let isSigned = text.at(0) == 0x2D || text.at(0) == 0x2B
            let digits = text.dropFirst(isSigned ? 1 : 0).trimming(\.isWhitespace)
            // A fraction is read as far as its point, as everywhere.
            let whole = digits.prefix(digits.firstIndex(of: 0x2E) ?? digits.count)
            let rest = digits.dropFirst(whole.count + 1)
            if whole.isEmpty || whole.firstIndex(where: { !$0.isDigit }) != nil
                || rest.firstIndex(where: { !$0.isDigit }) != nil
            {
                problems.error("number", "`\(parameter.text)` is not a number", at: parameter)
            }
        }
        if name == .rxGlobal, ExpandedRegexMatch.isNeeded(parameter) {
            problems.warning("no-macro", "macros are not expanded in @rxGlobal", at: parameter)
        }
    }

    private mutating func finish(_ rule: inout RuleBuilder, actions list: SourceText?) {
        let actions = list.map { ActionParser.parse($0, &problems) } ?? []
        let phaseAction = actions.first { $0.name.lowercased == "phase" }
        var probe = RuleBuilder(source: rule.source)
        if let phaseAction {
            var ignored = ProblemList()
            probe.apply([phaseAction], &names, &ignored)
        }
        if let head = openChain { probe.phase = head.phase }
        let inherited = defaults[probe.phase]
        rule.phase = probe.phase
        rule.actions = actions
        rule.transformations = inherited.transformations
        rule.isLogged = inherited.isLogged
        rule.status = inherited.status
        rule.redirect = inherited.redirect
        rule.disruption = .block
        rule.apply(actions, &names, &problems)
        if rule.disruption == .block {
            rule.disruption = inherited.disruption
        } else if rule.disruption == .redirect,
            !actions.contains(where: { $0.name.lowercased == "status" })
        {
            // The status of a refusal says nothing about a redirect.
            rule.status = nil
        }
        if openChain == nil { addHead(rule) } else { addLink(rule, actions) }
    }

    private mutating func addHead(_ rule: RuleBuilder) {
        if rule.id == 0, rule.test == nil {
            problems.warning(
                "no-id",
                "an action without an id can be neither removed nor found in the log",
                at: rule.source
            )
        } else if rule.id == 0 {
            problems.error(
                "no-id",
                "a rule needs an id",
                at: rule.source,
                hint: "add id:N with an unused number"
            )
        } else if let earlier = idPlaces[rule.id] {
            problems.error(
                "same-id",
                "id \(rule.id) is already used at \(earlier)",
                at: rule.source
            )
        } else {
            idPlaces[rule.id] = rule.source.location()
        }
        for target in rule.targets where target.variable.firstPhase > rule.phase {
            problems.error(
                "too-early",
                "\(target.variable.rawValue) is empty before phase \(target.variable.firstPhase)",
                at: target.source
            )
        }
        if rule.phase == 5, rule.disruption.isInterrupting {
            problems.error(
                "too-late",
                "the response is sent before phase 5, nothing can be blocked",
                at: rule.source
            )
        }
        if rule.isChained { openChain = rule } else { elements.append(.rule(rule)) }
    }

    private mutating func addLink(_ rule: RuleBuilder, _ actions: [ActionDefinition]) {
        guard var head = openChain else { return }
        let misplaced: [String: String] = [
            "id": "warning", "phase": "error", "deny": "error", "drop": "error",
            "redirect": "error",
            "allow": "error",
            "skip": "error", "skipafter": "error", "msg": "warning", "severity": "warning",
            "tag": "warning",
            "logdata": "warning",
        ]
        for action in actions {
            guard let level = misplaced[action.name.lowercased] else { continue }
            let text = "\(action.name.text) belongs to the first rule of a chain"
            if level == "error" {
                problems.error("chain-action", text, at: action.name)
            } else {
                problems.warning("chain-action", text, at: action.name)
            }
        }
        head.links.append(rule)
        if actions.contains(where: { $0.name.lowercased == "status" }) { head.status = rule.status }
        openChain = rule.isChained ? head : nil
        if !rule.isChained { elements.append(.rule(head)) }
    }
}
