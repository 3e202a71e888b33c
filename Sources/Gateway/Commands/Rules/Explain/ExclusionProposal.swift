import Rules

/// The narrowest exclusion that would keep one rule away from one value.
struct ExclusionProposal {
    let ruleID: Int
    /// As in `ARGS:id`; empty if the rule as a whole would have to go.
    let target: String
    let path: String
    /// The directive, with this id.
    let id: Int
    /// Whether the request, with all proposals in force, no longer meets the rule.
    var isProven = false

    /// Ids of proposals start here, in the range that rules/local is for.
    static let firstID = 9_210_001

    var text: String {
        let control =
            target.isEmpty ? "ruleRemoveById=\(ruleID)" : "ruleRemoveTargetById=\(ruleID);\(target)"
        return """
            SecRule REQUEST_FILENAME "\(RuleText.test(for: RuleRequest.filename(of: Array(path.utf8))))" \\
                "id:\(id),\\
                phase:1,\\
                pass,\\
                t:none,\\
                nolog,\\
                ctl:\(control)"

            """
    }

    /// Collections whose members a client fills and a site can name.
    private static let named = [
        "ARGS", "ARGS_GET", "ARGS_POST", "ARGS_NAMES", "REQUEST_COOKIES", "REQUEST_COOKIES_NAMES",
        "REQUEST_HEADERS", "FILES", "FILES_NAMES", "XML", "MULTIPART_PART_HEADERS",
    ]

    /// The part of a matched target that an exclusion can name; empty if there is none, nil if it is a name that was
    /// not kept as it came.
    static func excludable(_ target: [UInt8]) -> String? {
        let colon = target.firstIndex(of: UInt8(ascii: ":")) ?? target.count
        let name = String(decoding: target[..<colon], as: UTF8.self)
        guard named.contains(name) else { return single.contains(name) ? name : "" }
        // Without a colon it is the member whose name is empty.
        let member = Array(target.dropFirst(colon + 1))
        if member.firstRange(of: Array("\u{FFFD}".utf8)) != nil { return nil }
        if name == "XML" {
            return RuleText.isPath(member) ? String(decoding: target, as: UTF8.self) : nil
        }
        return "\(name):\(RuleText.selector(for: member))"
    }

    private static let single = [
        "REQUEST_BODY", "QUERY_STRING", "REQUEST_URI", "REQUEST_FILENAME", "REQUEST_BASENAME",
    ]

    /// One proposal for each rule and value that added to the verdict, proven by running the request again.
    static func proposals(
        for rules: [Explanation.MatchedRule],
        _ request: RuleRequest,
        _ source: RuleSource
    ) -> [ExclusionProposal] {
        let path = String(
            decoding: request.target.prefix { $0 != UInt8(ascii: "?") },
            as: UTF8.self
        )
        var found: [ExclusionProposal] = []
        for rule in rules where isCause(rule) {
            let targets = rule.matches.map { excludable($0.target) }
            let named = targets.compactMap { $0 }.filter { !$0.isEmpty }
            if named.isEmpty, targets.contains(nil) { continue }
            for target in named.isEmpty ? [""] : named {
                if found.contains(where: { $0.ruleID == rule.id && $0.target == target }) {
                    continue
                }
                found.append(
                    ExclusionProposal(
                        ruleID: rule.id,
                        target: target,
                        path: path,
                        id: firstID + found.count
                    )
                )
            }
        }
        prove(&found, request, source)
        return found
    }

    /// Whether a rule raised a score or blocked by itself; rules that only judge what others found are no causes.
    private static func isCause(_ rule: Explanation.MatchedRule) -> Bool {
        guard let description = rule.description, rule.record != nil, !rule.isVerdict else {
            return false
        }
        let raisesScore = rule.changes.contains {
            String(decoding: $0.name, as: UTF8.self).contains("anomaly_score")
        }
        return raisesScore || rule.record?.isBlocking == true
            || ["deny", "drop", "block", "redirect"].contains(description.disruption)
    }

    private static func prove(
        _ proposals: inout [ExclusionProposal],
        _ request: RuleRequest,
        _ source: RuleSource
    ) {
        if proposals.isEmpty { return }
        let prefix = Array(proposals.map(\.text).joined().utf8)
        guard let rules = try? source.load([.keepsSource], prefix: prefix) else { return }
        let outcome = RuleRunner(rules).run(request)
        for index in proposals.indices {
            proposals[index].isProven = !outcome.matchedIDs.contains(proposals[index].ruleID)
        }
    }
}
