import Rules

/// Recorded requests through two rule sets: whose verdict changes, and why.
struct VerdictComparison {
    struct Change {
        let place: String
        let method: String
        let path: String
        let isBlockedNow: Bool
        let gained: [Int]
        let lost: [Int]
    }

    /// What the rules say of one request.
    struct Verdict {
        let isBlocked: Bool
        let ids: [Int]
    }

    private(set) var requestCount = 0
    /// Requests that are blocked by one set and not by the other.
    private(set) var changes: [Change] = []
    /// For each rule how many requests it matches that it did not, and the reverse.
    private(set) var gained: [Int: Int] = [:]
    private(set) var lost: [Int: Int] = [:]

    init(_ items: [RequestFile.Item], from old: RuleSet, to new: RuleSet) {
        let before = Judge(old)
        let after = Judge(new)
        for item in items {
            requestCount += 1
            note(item, before.verdict(item.request), after.verdict(item.request))
        }
    }

    private mutating func note(_ item: RequestFile.Item, _ old: Verdict, _ new: Verdict) {
        let more = new.ids.filter { !old.ids.contains($0) }
        let less = old.ids.filter { !new.ids.contains($0) }
        for id in more { gained[id, default: 0] += 1 }
        for id in less { lost[id, default: 0] += 1 }
        guard old.isBlocked != new.isBlocked else { return }
        let path = item.request.target.prefix { $0 != UInt8(ascii: "?") }
        changes.append(
            Change(
                place: item.place,
                method: ExplanationText.shown(item.request.method),
                path: ExplanationText.shown(Array(path)),
                isBlockedNow: new.isBlocked,
                gained: more,
                lost: less
            )
        )
    }

    /// One rule set with what is needed to run it.
    private final class Judge {
        private let runner: RuleRunner
        private let blockers: Set<Int>

        init(_ rules: RuleSet) {
            runner = RuleRunner(rules)
            blockers = Set(
                rules.descriptions.filter { ["deny", "drop", "redirect"].contains($0.disruption) }
                    .map(\.id)
            )
        }

        /// A set that only detects blocks as far as it would.
        func verdict(_ request: RuleRequest) -> Verdict {
            let outcome = runner.run(request)
            let isBlocked =
                outcome.interruption != nil || outcome.matchedIDs.contains(where: blockers.contains)
            return Verdict(isBlocked: isBlocked, ids: outcome.loggedIDs)
        }
    }

    var text: String {
        let blocked = changes.count(where: \.isBlockedNow)
        var text = "\(requestCount) requests: \(blocked) newly blocked, "
        text += "\(changes.count - blocked) no longer blocked\n"
        for change in changes {
            text += change.isBlockedNow ? "BLOCK " : "PASS  "
            text += "\(change.method) \(change.path)  (\(change.place))"
            if !change.gained.isEmpty { text += "  now also \(Self.list(change.gained))" }
            if !change.lost.isEmpty { text += "  no longer \(Self.list(change.lost))" }
            text += "\n"
        }
        text += Self.table("rules that match more requests", gained)
        return text + Self.table("rules that match fewer requests", lost)
    }

    private static func list(_ ids: [Int]) -> String {
        ids.map(String.init).joined(separator: ", ")
    }

    private static func table(_ title: String, _ counts: [Int: Int]) -> String {
        if counts.isEmpty { return "" }
        let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return "\(title):\n" + rows.map { "  \($0.key)  \($0.value)\n" }.joined()
    }

    var json: JSONValue {
        func counts(_ table: [Int: Int]) -> JSONValue {
            .object(table.sorted { $0.key < $1.key }.map { ("\($0.key)", .integer($0.value)) })
        }
        return .object([
            ("requests", .integer(requestCount)),
            (
                "changes",
                .array(
                    changes.map { change in
                        .object([
                            ("place", .text(change.place)), ("method", .text(change.method)),
                            ("path", .text(change.path)),
                            ("verdict", .text(change.isBlockedNow ? "block" : "pass")),
                            ("gained", .array(change.gained.map(JSONValue.integer))),
                            ("lost", .array(change.lost.map(JSONValue.integer))),
                        ])
                    }
                )
            ), ("gained", counts(gained)), ("lost", counts(lost)),
        ])
    }
}
