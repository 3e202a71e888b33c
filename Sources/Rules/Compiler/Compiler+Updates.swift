extension Compiler {
    /// Directives that change or remove earlier rules. False if the name is none of them.
    mutating func update(_ directive: Directive, _ name: String) -> Bool {
        let makeSelection: (SourceText) -> RuleSelection?
        if name.hasSuffix("byid") {
            makeSelection = RuleSelection.init(ids:)
        } else if name.hasSuffix("bytag") {
            makeSelection = RuleSelection.init(tag:)
        } else if name.hasSuffix("bymsg") {
            makeSelection = RuleSelection.init(message:)
        } else {
            return false
        }
        if name.hasPrefix("secruleremove") {
            remove(directive, makeSelection)
        } else if name.hasPrefix("secruleupdatetarget") {
            updateTargets(directive, makeSelection)
        } else if name == "secruleupdateactionbyid" {
            updateActions(directive)
        } else {
            return false
        }
        return true
    }

    private mutating func remove(
        _ directive: Directive,
        _ makeSelection: (SourceText) -> RuleSelection?
    ) {
        if directive.arguments.isEmpty {
            problems.error("arguments", "nothing is named", at: directive.name)
        }
        for argument in directive.arguments {
            guard let selection = makeSelection(argument) else {
                problems.error("selection", "`\(argument.text)` names no rules", at: argument)
                continue
            }
            let count = elements.count
            for case .rule(let rule) in elements.filter({ $0.isIncluded(in: selection, matcher) }) {
                removed.append((rule, argument))
            }
            elements.removeAll { $0.isIncluded(in: selection, matcher) }
            if elements.count == count { reportNothingFound(argument, selection) }
        }
    }

    private mutating func reportNothingFound(_ argument: SourceText, _ selection: RuleSelection) {
        unmatched.append((selection, problems.problems.count))
        problems.warning(
            "nothing-found",
            "no rule above is meant by `\(argument.text)`",
            at: argument,
            hint: "this directive acts on rules that were loaded before it"
        )
    }

    /// Says of directives that met no rule whether one comes later.
    mutating func explainUnmatched() {
        for (selection, problem) in unmatched {
            let later = elements.first { $0.isIncluded(in: selection, matcher) }
            guard case .rule(let rule)? = later else { continue }
            problems.setHint(
                "rule \(rule.id) comes later, at \(rule.source.location()): move this behind it",
                of: problem
            )
        }
    }

    private mutating func updateTargets(
        _ directive: Directive,
        _ makeSelection: (SourceText) -> RuleSelection?
    ) {
        guard directive.arguments.count == 2 || directive.arguments.count == 3,
            let selection = makeSelection(directive.arguments[0])
        else {
            return problems.error(
                "arguments",
                "\(directive.name.text) needs rules and targets",
                at: directive.name
            )
        }
        let targets = TargetParser.parse(directive.arguments[1], &problems)
        let exclusions = targets.filter(\.isExclusion).compactMap { TargetExclusion($0, &problems) }
        let additions = targets.filter { !$0.isExclusion }
        // A third list names the targets that the second replaces.
        let replaced =
            directive.arguments.count == 3
            ? TargetParser.parse(directive.arguments[2], &problems) : []
        let isFound = changeRules(selection) { rule in
            rule.exclusions += exclusions
            rule.targets.removeAll { target in replaced.contains { $0.isSame(as: target) } }
            rule.targets += additions.filter { target in
                !rule.targets.contains { $0.isSame(as: target) }
            }
            // An exclusion reaches every rule of a chain; an addition only its head.
            for index in rule.links.indices { rule.links[index].exclusions += exclusions }
        }
        if !isFound { reportNothingFound(directive.arguments[0], selection) }
    }

    /// Applies `change` to the selected rules; false if there are none.
    private mutating func changeRules(
        _ selection: RuleSelection,
        _ change: (inout RuleBuilder) -> Void
    ) -> Bool {
        var isFound = false
        for index in elements.indices where elements[index].isIncluded(in: selection, matcher) {
            guard case .rule(var rule) = elements[index] else { continue }
            change(&rule)
            elements[index] = .rule(rule)
            isFound = true
        }
        return isFound
    }

    private mutating func updateActions(_ directive: Directive) {
        guard directive.arguments.count == 2 else {
            return problems.error(
                "arguments",
                "\(directive.name.text) needs an id and actions",
                at: directive.name
            )
        }
        // `id:link` names a rule inside a chain, 0 being its head.
        let parts = directive.arguments[0].split(0x3A)
        guard let selection = RuleSelection(ids: parts[0]),
            let link = parts.count == 2 ? Int(parts[1].text) : 0,
            link >= 0
        else {
            return problems.error("selection", "an id is needed", at: directive.arguments[0])
        }
        let actions = ActionParser.parse(directive.arguments[1], &problems)
        for action in actions where ["id", "phase", "chain"].contains(action.name.lowercased) {
            problems.error(
                "update",
                "\(action.name.text) of a rule cannot be changed",
                at: action.name
            )
        }
        var names = self.names
        var problems = self.problems
        let isFound = changeRules(selection) { rule in
            if link == 0 {
                rule.update(actions, &names, &problems)
            } else if link <= rule.links.count {
                rule.links[link - 1].update(actions, &names, &problems)
            }
        }
        self.names = names
        self.problems = problems
        if !isFound { reportNothingFound(directive.arguments[0], selection) }
    }
}

extension RuleBuilder {
    /// Actions given replace those of their kind; all others stay.
    fileprivate mutating func update(
        _ actions: [ActionDefinition],
        _ names: inout SlotNames,
        _ problems: inout ProblemList
    ) {
        let kinds = Set(actions.map { $0.name.lowercased })
        if kinds.contains("t") { transformations = [] }
        if kinds.contains("tag") {
            tags = []
            tagTexts = []
        }
        if kinds.contains("setvar") {
            effects.removeAll { if case .setVariable = $0 { true } else { false } }
        }
        if kinds.contains("ctl") {
            effects.removeAll { if case .control = $0 { true } else { false } }
        }
        apply(
            actions.filter { !["id", "phase", "chain"].contains($0.name.lowercased) },
            &names,
            &problems
        )
    }
}
