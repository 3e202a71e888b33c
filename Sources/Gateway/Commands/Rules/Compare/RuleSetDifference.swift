import Rules

/// What differs between two rule sets, rule by rule.
struct RuleSetDifference {
    struct Change {
        let id: Int
        /// As in `targets: +ARGS_NAMES -XML:/*`.
        let details: [String]
    }

    let added: [RuleDescription]
    let removed: [RuleDescription]
    let changed: [Change]

    init(_ old: RuleSet, _ new: RuleSet) {
        let before = old.descriptionsByID
        let after = new.descriptionsByID
        added = new.descriptions.filter { before[$0.id] == nil }
        removed = old.descriptions.filter { after[$0.id] == nil }
        changed = old.descriptions.compactMap { rule in
            guard let other = after[rule.id] else { return nil }
            let details = Self.details(rule, other)
            return details.isEmpty ? nil : Change(id: rule.id, details: details)
        }
    }

    private static func details(_ old: RuleDescription, _ new: RuleDescription) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ left: String, _ right: String) {
            guard left != right else { return }
            found.append(
                left.utf8.count + right.utf8.count > 160
                    ? "\(name) changed" : "\(name): \(left) -> \(right)"
            )
        }
        compare("phase", "\(old.phase)", "\(new.phase)")
        compareLists("targets", old.targets, new.targets, &found)
        compare("operator", operatorText(old), operatorText(new))
        compare(
            "transformations",
            old.transformations.joined(separator: ","),
            new.transformations.joined(separator: ",")
        )
        compare("action", old.disruption, new.disruption)
        compare("status", "\(old.status)", "\(new.status)")
        compare(
            "severity",
            old.severity.map { "\($0)" } ?? "none",
            new.severity.map { "\($0)" } ?? "none"
        )
        compare("log", old.isLogged ? "log" : "nolog", new.isLogged ? "log" : "nolog")
        compareLists("tags", old.tags, new.tags, &found)
        compareLists("effects", effects(old), effects(new), &found)
        compare("message", old.message, new.message)
        if old.links.count != new.links.count {
            found.append("chain: \(old.links.count) -> \(new.links.count) links")
        } else {
            for (index, pair) in zip(old.links, new.links).enumerated() {
                found += details(pair.0, pair.1).map { "link \(index + 1) \($0)" }
            }
        }
        return found
    }

    private static func operatorText(_ rule: RuleDescription) -> String {
        "\(rule.isNegated ? "!" : "")@\(rule.operatorName) "
            + String(decoding: rule.parameter, as: UTF8.self)
    }

    private static func effects(_ rule: RuleDescription) -> [String] {
        rule.actions.filter {
            $0.hasPrefix("setvar:") || $0.hasPrefix("ctl:") || $0.hasPrefix("skip")
        }
    }

    private static func compareLists(
        _ name: String,
        _ left: [String],
        _ right: [String],
        _ found: inout [String]
    ) {
        let gained = right.filter { !left.contains($0) }.map { "+\($0)" }
        let lost = left.filter { !right.contains($0) }.map { "-\($0)" }
        if !gained.isEmpty || !lost.isEmpty {
            found.append("\(name): \((gained + lost).joined(separator: " "))")
        }
    }

    var text: String {
        var text = ""
        for rule in added { text += "+ \(rule.id)  \(rule.message)  (\(rule.location))\n" }
        for rule in removed { text += "- \(rule.id)  \(rule.message)  (\(rule.location))\n" }
        for change in changed {
            text += "~ \(change.id)\n" + change.details.map { "    \($0)\n" }.joined()
        }
        return text + "\(added.count) added, \(removed.count) removed, \(changed.count) changed\n"
    }

    var json: JSONValue {
        .object([
            ("added", .array(added.map { .integer($0.id) })),
            ("removed", .array(removed.map { .integer($0.id) })),
            (
                "changed",
                .array(
                    changed.map {
                        .object([
                            ("id", .integer($0.id)),
                            ("details", .array($0.details.map(JSONValue.text))),
                        ])
                    }
                )
            ),
        ])
    }
}
