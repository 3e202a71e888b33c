extension RuleBuilder {
    /// Whether a rule was written to stand alone, or as a link of a chain.
    enum Place { case head, link }

    /// Applies an action list. Mistakes are reported.
    mutating func apply(
        _ actions: [ActionDefinition],
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) {
        for action in actions {
            guard let name = ActionName.named(action.name.text) else {
                RuleBuilder.reportUnknown(action.name, &problems)
                continue
            }
            if name.takesNoValue, action.value != nil {
                problems.error("action-value", "\(name.rawValue) takes no value", at: action.name)
            } else if name.isIgnored {
                problems.warning(
                    "no-effect",
                    "\(name.rawValue) has no effect in this engine",
                    at: action.name
                )
            } else {
                apply(name, action.value ?? action.name[0..<0], action.name, &names, &problems)
            }
        }
    }

    private static func reportUnknown(_ name: SourceText, _ problems: inout ProblemList) {
        if let reason = ActionName.refused[name.lowercased] {
            problems.error("refused-action", "\(name.text) is refused: \(reason)", at: name)
        } else {
            let hint = NearestName.hint(name.text, in: ActionName.allCases.map(\.rawValue))
            problems.error("unknown-action", "unknown action `\(name.text)`", at: name, hint: hint)
        }
    }

    private mutating func apply(
        _ name: ActionName,
        _ value: SourceText,
        _ source: SourceText,
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) {
        switch name {
        case .id: setID(value, &problems)
        case .phase: setPhase(value, &problems)
        case .t: addTransformation(value, &problems)
        case .msg:
            message = Macro(value, &names, &problems)
            messageText = value.text
        case .logdata: logData = Macro(value, &names, &problems)
        case .tag:
            tags.append(Macro(value, &names, &problems))
            tagTexts.append(value.text)
        case .severity: setSeverity(value, &problems)
        case .ver: version = value.text
        case .rev: revision = value.text
        case .setvar: SetVariable(value, &names, &problems).map { effects.append(.setVariable($0)) }
        case .ctl: effects += Control.read(value, &problems).map(Effect.control)
        case .initcol, .setsid, .setuid, .setrsc, .expirevar, .setenv:
            effects += [Effect(name, value, &names, &problems)].compactMap { $0 }
        case .sanitiseArg: redact(.args, value)
        case .sanitiseRequestHeader: redact(.requestHeaders, value)
        case .sanitiseResponseHeader: redact(.responseHeaders, value)
        case .sanitiseMatched, .sanitiseMatchedBytes:
            effects.append(.redact(.matchedVar, name: nil))
        case .xmlns: checkNamespace(value, &problems)
        case .capture: isCapturing = true
        case .multiMatch: isMultiMatch = true
        case .chain: isChained = true
        case .log, .auditlog: isLogged = name == .log ? true : isLogged
        case .nolog: isLogged = false
        case .skip, .skipAfter: setFlow(name, value, &problems)
        case .status: setStatus(value, &problems)
        default: setDisruption(name, value, &names, &problems)
        }
    }

    /// `xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'`
    private func checkNamespace(_ value: SourceText, _ problems: inout ProblemList) {
        let parts = value.split(0x3D)
        if parts.count < 2 || parts[0].isEmpty || !parts[1].unquoted.lowercased.hasPrefix("http") {
            problems.error(
                "xmlns",
                "xmlns needs a prefix and an address: soap='http://…'",
                at: value
            )
        }
    }

    private mutating func redact(_ variable: Variable, _ name: SourceText) {
        effects.append(.redact(variable, name: Constant(name.bytes)))
    }

    private mutating func setDisruption(
        _ name: ActionName,
        _ value: SourceText,
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) {
        switch name {
        case .pass: disruption = .pass
        case .block: disruption = .block
        case .deny: disruption = .deny
        case .drop: disruption = .drop
        case .redirect:
            disruption = .redirect
            redirect = Macro(value, &names, &problems)
            if value.isEmpty {
                problems.error("action-value", "redirect needs an address", at: value)
            }
        case .allow:
            switch value.lowercased {
            case "": disruption = .allowAll
            case "phase": disruption = .allowPhase
            case "request": disruption = .allowRequest
            default:
                problems.error(
                    "action-value",
                    "allow is for `phase`, `request` or everything",
                    at: value
                )
            }
        default: break
        }
    }

    private mutating func setID(_ value: SourceText, _ problems: inout ProblemList) {
        guard let number = Int(value.text), number > 0, number < 1 << 48 else {
            return problems.error("id", "`\(value.text)` is not a rule id", at: value)
        }
        id = number
    }

    private mutating func setPhase(_ value: SourceText, _ problems: inout ProblemList) {
        switch value.lowercased {
        case "1": phase = 1
        case "2", "request": phase = 2
        case "3": phase = 3
        case "4", "response": phase = 4
        case "5", "logging": phase = 5
        default: problems.error("phase", "phase is 1 to 5, request, response or logging", at: value)
        }
    }

    private mutating func addTransformation(_ value: SourceText, _ problems: inout ProblemList) {
        if value.lowercased == "none" {
            transformations = []
        } else if let transformation = Transformation.named(value.text) {
            transformations.append(transformation)
        } else {
            let hint = NearestName.hint(
                value.text,
                in: Transformation.allCases.map(\.name),
                prefix: "t:"
            )
            problems.error(
                "unknown-transformation",
                "unknown transformation `\(value.text)`",
                at: value,
                hint: hint
            )
        }
    }

    private mutating func setSeverity(_ value: SourceText, _ problems: inout ProblemList) {
        let word = value.unquoted.lowercased
        let named = Severity.allCases.first { "\($0)" == word }
        guard let found = named ?? Int(word).flatMap(Severity.init(rawValue:)) else {
            let hint = NearestName.hint(word, in: Severity.allCases.map { "\($0)".uppercased() })
            return problems.error(
                "severity",
                "unknown severity `\(value.text)`",
                at: value,
                hint: hint
            )
        }
        severity = found
    }

    private mutating func setStatus(_ value: SourceText, _ problems: inout ProblemList) {
        guard let number = Int(value.text), (200...599).contains(number) else {
            return problems.error("status", "`\(value.text)` is not an HTTP status", at: value)
        }
        status = number
    }

    private mutating func setFlow(
        _ name: ActionName,
        _ value: SourceText,
        _ problems: inout ProblemList
    ) {
        if name == .skipAfter {
            flow = .skipAfter(value)
        } else if let number = Int(value.text), number > 0, number < 100_000 {
            flow = .skip(number)
        } else {
            problems.error("skip", "skip needs the number of rules", at: value)
        }
    }
}
