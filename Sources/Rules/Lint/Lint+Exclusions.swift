extension RuleLinter {
    /// Exclusions that leave out what the rule does not look at, or what another one leaves out already.
    mutating func checkExclusions(_ rule: RuleBuilder) {
        var seen: [TargetExclusion] = []
        for exclusion in rule.exclusions {
            let place = exclusion.place
            if !rule.targets.contains(where: { $0.variable.shares(exclusion.variable) }) {
                // Updates by tag meet many rules; only what stands in the rule itself is a slip.
                if place.file === rule.source.file, place.isNear(rule.source) {
                    problems.warning(
                        "no-effect-exclusion",
                        "the rule does not look at \(exclusion.variable.rawValue)",
                        at: place
                    )
                }
            } else if let earlier = seen.first(where: { $0.covers(exclusion) }) {
                problems.warning(
                    "shadowed-exclusion",
                    "`\(earlier.source)` leaves this out already",
                    at: place
                )
            }
            seen.append(exclusion)
        }
        for target in rule.targets {
            let name: [UInt8]? = if case .name(let name) = target.selector { name } else { nil }
            guard
                let whole = rule.exclusions.first(where: { exclusion in
                    guard exclusion.variable == target.variable else { return false }
                    if case .all = exclusion.selector { return true }
                    guard case .name(let left) = exclusion.selector, let name else { return false }
                    return left.view.equalsFolded(name)
                })
            else { continue }
            problems.warning(
                "excluded-target",
                "`\(whole.source)` leaves out all of `\(target.source.text)`",
                at: target.source
            )
        }
    }

    /// Rules that were removed although others rely on them.
    mutating func checkRemovals(_ heads: [RuleBuilder]) {
        for (rule, place) in removed where Self.isBlocker(rule) { report(rule, at: place) }
        let blockers = heads.filter(Self.isBlocker)
        for head in heads {
            for case .control(.removeRules(let selection)) in head.chain.flatMap(\.effects) {
                for blocker in blockers
                where selection.includes(
                    id: blocker.id,
                    tags: blocker.tagTexts,
                    message: blocker.messageText,
                    matcher
                ) {
                    // Who takes away all rules of a set for a request means just that; a few ids are a slip.
                    guard case .ids(let ranges) = selection.criterion,
                        ranges.allSatisfy({ $0.count <= 1_000 })
                    else { continue }
                    report(blocker, at: selection.source)
                }
            }
        }
    }

    private mutating func report(_ rule: RuleBuilder, at place: SourceText) {
        problems.warning(
            "blocks-nothing",
            "rule \(rule.id) is the one that blocks: without it every other rule only counts",
            at: place,
            hint: "exclude the rules that its message lists instead, on the target they matched"
        )
    }

    /// Whether a rule ends requests because of what others have added up.
    private static func isBlocker(_ rule: RuleBuilder) -> Bool {
        rule.disruption.isInterrupting
            && rule.targets.contains { target in
                guard target.variable == .tx, case .name(let name) = target.selector else {
                    return false
                }
                return String(decoding: name, as: UTF8.self).lowercased().contains("anomaly_score")
            }
    }
}

extension TargetExclusion {
    /// Whether everything that `other` leaves out is left out already.
    fileprivate func covers(_ other: TargetExclusion) -> Bool {
        guard variable == other.variable else { return false }
        switch (selector, other.selector) {
        case (.all, _): return true
        case (.name(let left), .name(let right)): return left.view.equalsFolded(right.view)
        default: return false
        }
    }
}

extension Variable {
    /// Whether an exclusion of `other` can leave out members of this variable.
    fileprivate func shares(_ other: Variable) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.args, .argsGet), (.args, .argsPost), (.argsGet, .args), (.argsPost, .args):
            return true
        default: return false
        }
    }
}

extension SourceText {
    /// Whether this stands within the lines that a rule may take.
    fileprivate func isNear(_ other: SourceText) -> Bool {
        let lines = location().line - other.location().line
        return lines >= 0 && lines < 60
    }
}
