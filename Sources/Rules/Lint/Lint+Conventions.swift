extension RuleLinter {
    /// The severity that each score of the Core Rule Set's convention belongs to.
    private static let scores: [(variable: String, severity: Severity)] = [
        ("critical_anomaly_score", .critical), ("error_anomaly_score", .error),
        ("warning_anomaly_score", .warning), ("notice_anomaly_score", .notice),
    ]
    /// A tag used at least so often is a convention of the set.
    private static let commonTagCount = 5

    /// Tags and severities that differ from what the rest of the set does.
    mutating func checkConventions(_ heads: [RuleBuilder]) {
        var counts: [String: Int] = [:]
        for tag in heads.flatMap(\.tagTexts) { counts[tag, default: 0] += 1 }
        let common = counts.filter { $0.value >= Self.commonTagCount }.map(\.key).sorted()
        for head in heads {
            for tag in head.tagTexts where counts[tag] == 1 && tag.utf8.count > 4 {
                guard let near = NearestName.of(tag, in: common, editLimit: 1),
                    Self.isSlip(tag, near)
                else {
                    continue
                }
                problems.warning(
                    "rare-tag",
                    "no other rule has the tag `\(tag)`",
                    at: head.place(of: "tag", value: tag.lowercased()),
                    hint: "did you mean `\(near)`?"
                )
            }
            checkSeverity(head)
        }
    }

    /// A difference in letters; `level/1` and `level/2` differ on purpose.
    private static func isSlip(_ tag: String, _ other: String) -> Bool {
        tag.filter { !$0.isNumber } != other.filter { !$0.isNumber }
    }

    private mutating func checkSeverity(_ head: RuleBuilder) {
        let added = head.chain.flatMap(\.actions).filter { $0.name.lowercased == "setvar" }
            .compactMap { $0.value?.lowercased }
        for (variable, severity) in Self.scores
        where added.contains(where: { $0.hasSuffix("=+%{tx.\(variable)}") }) {
            guard let own = head.severity else {
                problems.warning(
                    "no-severity",
                    "the rule adds the score of \(severity) and has no severity",
                    at: head.source
                )
                continue
            }
            if own != severity {
                problems.warning(
                    "other-severity",
                    "the rule is \(own) and adds the score of \(severity)",
                    at: head.place(of: "severity")
                )
            }
        }
    }
}
