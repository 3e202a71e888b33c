import Rules

/// Why the rules decided as they did about one request.
struct Explanation {
    /// One value that made a rule match.
    struct Match {
        let link: Int
        let target: [UInt8]
        let original: [UInt8]
        /// Outputs of the transformations that changed the value.
        let steps: [(name: String, output: [UInt8])]
        let value: [UInt8]
        let operatorText: String
        /// The bytes of `value` that the operator is about.
        let matched: Range<Int>?
    }

    /// A rule that matched.
    struct MatchedRule {
        let id: Int
        let phase: Int
        let description: RuleDescription?
        let record: RuleObserver.LogRecord?
        let matches: [Match]
        let changes: [RuleObserver.Change]

        /// Whether it only judges the score that others made.
        var isVerdict: Bool {
            !matches.isEmpty
                && matches.allSatisfy {
                    let target = String(decoding: $0.target, as: UTF8.self).lowercased()
                    return target.hasPrefix("tx:") && target.contains("anomaly_score")
                }
        }
    }

    let request: RuleRequest
    let outcome: RuleRunner.Outcome
    let rules: [MatchedRule]
    /// Names and values that rules looked at, in the order of the request.
    let values: [(target: [UInt8], value: [UInt8])]
    let exclusions: [ExclusionProposal]
    let ruleCount: Int

    init(_ request: RuleRequest, _ source: RuleSource) throws {
        let set = try source.loadOrExit([.keepsSource, .runsEveryRule])
        let runner = RuleRunner(set, keepsValues: true, usesGates: false)
        self.request = request
        outcome = runner.run(request, uniqueID: "explain")
        ruleCount = set.ruleCount
        let known = set.descriptionsByID
        rules = Self.matchedRules(runner, outcome, known)
        values = Self.values(runner.observer.sights)
        exclusions = ExclusionProposal.proposals(for: rules, request, source)
    }

    private static func matchedRules(
        _ runner: RuleRunner,
        _ outcome: RuleRunner.Outcome,
        _ known: [Int: RuleDescription]
    ) -> [MatchedRule] {
        let bytes = MatchedBytes()
        let hits = Dictionary(grouping: runner.observer.sights.filter(\.isMatch), by: \.ruleID)
        let changes = Dictionary(grouping: runner.observer.changes, by: \.ruleID)
        var seen: Set<Int> = []
        return outcome.matchedIDs.filter { seen.insert($0).inserted }.map { id in
            let rule = known[id]
            let matches = (hits[id] ?? []).map { sight in
                let description = sight.link == 0 ? rule : rule?.links[safe: sight.link - 1]
                return match(sight, runner, description, bytes)
            }
            return MatchedRule(
                id: id,
                phase: rule?.phase ?? hits[id]?.first?.phase ?? 0,
                description: rule,
                record: outcome.records.last { $0.ruleID == id },
                matches: matches,
                changes: changes[id] ?? []
            )
        }
    }

    private static func match(
        _ sight: RuleObserver.Sight,
        _ runner: RuleRunner,
        _ description: RuleDescription?,
        _ bytes: MatchedBytes
    ) -> Match {
        var before = sight.original
        var steps: [(name: String, output: [UInt8])] = []
        for step in runner.steps(of: sight) where step.output != before {
            steps.append(step)
            before = step.output
            if before == sight.value { break }
        }
        let name = description.map { "\($0.isNegated ? "!" : "")@\($0.operatorName)" } ?? ""
        let parameter = String(decoding: description?.parameter ?? [], as: UTF8.self)
        return Match(
            link: sight.link,
            target: sight.target,
            original: sight.original,
            steps: steps,
            value: sight.value,
            operatorText: parameter.isEmpty ? name : "\(name) \(parameter)",
            matched: sight.matched ?? bytes.range(in: sight.value, of: description)
        )
    }

    private static let requestVariables: Set<String> = [
        "REQUEST_METHOD", "REQUEST_FILENAME", "QUERY_STRING", "REQUEST_PROTOCOL", "REQUEST_BODY",
        "REQBODY_PROCESSOR", "REQBODY_ERROR_MSG",
    ]
    private static let requestCollections = [
        "ARGS:", "ARGS_GET:", "ARGS_POST:", "REQUEST_HEADERS:", "REQUEST_COOKIES:", "FILES:",
        "XML:",
        "MULTIPART_PART_HEADERS:",
    ]

    private static func values(_ sights: [RuleObserver.Sight]) -> [(
        target: [UInt8], value: [UInt8]
    )] {
        var seen: Set<[UInt8]> = []
        return sights.compactMap { sight in
            let name = String(decoding: sight.target, as: UTF8.self)
            guard
                requestVariables.contains(name)
                    || requestCollections.contains(where: name.hasPrefix)
            else { return nil }
            let isNew = seen.insert(sight.target + [0] + sight.original).inserted
            return isNew && !sight.original.isEmpty ? (sight.target, sight.original) : nil
        }
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

/// Finds the bytes that an operator is about, where the engine itself does not say.
final class MatchedBytes {
    private let probe = try? RuleProbe()

    func range(in value: [UInt8], of rule: RuleDescription?) -> Range<Int>? {
        guard let rule, !rule.isNegated else { return nil }
        let parameter = rule.parameter
        switch rule.operatorName {
        case "contains", "strmatch", "containsWord": return value.firstRange(of: parameter)
        case "streq", "detectSQLi", "detectXSS", "within", "ipMatch", "ipMatchFromFile":
            return 0..<value.count
        case "beginsWith": return value.starts(with: parameter) ? 0..<parameter.count : nil
        case "endsWith":
            return value.count >= parameter.count
                ? (value.count - parameter.count)..<value.count : nil
        case "pm", "pmFromFile", "pmf", "rxGlobal": return captured(in: value, rule)
        default: return nil
        }
    }

    private func captured(in value: [UInt8], _ rule: RuleDescription) -> Range<Int>? {
        let file = rule.location.file
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        guard let probe,
            let answer = try? probe.evaluate(
                operator: rule.operatorName,
                parameter: rule.parameter,
                input: value,
                isNegated: false,
                isCapturing: true,
                folder: folder
            ), let group = answer.groups.first, !group.isEmpty
        else { return nil }
        return value.firstRange(of: group)
    }
}
