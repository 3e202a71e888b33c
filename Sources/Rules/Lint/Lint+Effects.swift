extension RuleLinter {
    /// Actions that take rules away which do not exist.
    mutating func checkSelections(_ heads: [RuleBuilder]) {
        let known = heads + removed.map(\.rule)
        for head in heads {
            for case .control(let control) in head.chain.flatMap(\.effects) {
                guard let selection = control.selection,
                    !known.contains(where: { $0.isIncluded(in: selection, matcher) })
                else { continue }
                problems.warning(
                    "nothing-found",
                    "no rule is meant by `\(selection.source.text)`",
                    at: selection.source
                )
            }
        }
    }

    /// Collections that rules read or write and none opens.
    mutating func checkCollections(_ heads: [RuleBuilder]) {
        let rules = heads.flatMap(\.chain)
        let opened = rules.flatMap(\.effects).compactMap { effect -> Variable? in
            if case .openCollection(let variable, _) = effect { variable } else { nil }
        }
        for rule in rules {
            for target in rule.targets { report(target.variable, opened, at: target.source) }
            for case .setVariable(let change) in rule.effects {
                let name = change.variable.rawValue.lowercased()
                report(change.variable, opened, at: rule.place(of: "setvar", value: name))
            }
        }
    }

    private mutating func report(_ used: Variable, _ opened: [Variable], at place: SourceText) {
        guard used.isPersistent, !opened.contains(used) else { return }
        problems.warning(
            "no-collection",
            "no rule opens \(used.rawValue): it is always empty, and what is set in it is lost",
            at: place,
            hint: "open it first: initcol:\(used.rawValue.lowercased())=%{REMOTE_ADDR}"
        )
    }
}

extension RuleBuilder {
    fileprivate func isIncluded(in selection: RuleSelection, _ matcher: Matcher) -> Bool {
        selection.includes(id: id, tags: tagTexts, message: messageText, matcher)
    }
}

extension Control {
    /// The rules that it is about.
    fileprivate var selection: RuleSelection? {
        switch self {
        case .removeRules(let selection), .removeTarget(let selection, _): selection
        default: nil
        }
    }
}
