import ArgumentParser
import Glibc
import Rules

/// Text for people or JSON for programs.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json

    static var standard: ReportFormat { isatty(STDOUT_FILENO) == 1 ? .text : .json }
}

extension RuleTools {
    /// `haniel rules explain`
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Explain what the rules do with a request, and which exclusion would help.",
            discussion: """
                The request is a file: raw as on the wire, JSON as run takes it, an HTTP archive, or a curl command; \
                - is standard input. The exclusions are proved by running the request once more with them. With --log \
                the request is a reference, as block pages show it; what the event log keeps of it is shown.
                """
        )

        @Argument(
            help: ArgumentHelp("File with the request, or a reference.", valueName: "request")
        )
        var request: String

        @Option(name: .long, help: ArgumentHelp("The gateway's event log.", valueName: "file"))
        var log: String?

        @OptionGroup var source: RuleSourceOptions

        @Flag(name: .long, help: "Show every value, and rules that match without a log line.")
        var all = false

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func run() throws {
            if let log { return try explain(request, in: log) }
            let items = try RequestFile.read(request)
            if items.isEmpty {
                throw RegressionProblem(description: "\(request) holds no request")
            }
            for item in items {
                let explanation = try Explanation(
                    item.request,
                    source.isGiven
                        ? RuleSource(paths: source.paths)
                        : item.rules ?? RuleSource(paths: source.paths)
                )
                switch format ?? .standard {
                case .text:
                    let text = ExplanationText(
                        explanation: explanation,
                        isColoured: isatty(STDOUT_FILENO) == 1,
                        showsAll: all
                    )
                    try StandardOutput.write(text.text)
                case .json: try StandardOutput.write(explanation.json.line + [0x0A])
                }
            }
        }

        private func explain(_ reference: String, in log: String) throws {
            let wanted = reference.lowercased()
            guard let event = try EventLog.read(log).first(where: { $0.id == wanted }) else {
                throw RegressionProblem(
                    description:
                        "\(log) has no event of \(reference): it holds requests that a rule matched, in the form ecs"
                )
            }
            let explanation = EventExplanation(event, try source.load([.keepsSource]))
            switch format ?? .standard {
            case .text: try StandardOutput.write(explanation.text)
            case .json: try StandardOutput.write(explanation.json.line + [0x0A])
            }
        }
    }
}

extension Explanation {
    var json: JSONValue {
        .object([
            (
                "interruption",
                outcome.interruption.map { stop in
                    .object([("id", .integer(stop.ruleID)), ("status", .integer(stop.status))])
                } ?? .null
            ),
            (
                "score",
                .object([
                    ("in", .integer(outcome.inboundScore)),
                    ("out", .integer(outcome.outboundScore)),
                ])
            ),
            ("rules", .array(rules.map(Self.json))),
            ("removed_rules", .array(outcome.removedRules.map(JSONValue.integer))),
            ("removed_targets", .array(outcome.removedTargets.map(JSONValue.text))),
            ("exclusions", .array(exclusions.map(\.json))),
        ])
    }

    private static func json(_ rule: MatchedRule) -> JSONValue {
        .object([
            ("id", .integer(rule.id)), ("phase", .integer(rule.phase)),
            ("file", .optional(rule.description?.location.file)),
            ("line", .optional(rule.description?.location.line)),
            ("msg", rule.record.map { .bytes($0.message) } ?? .null),
            ("data", rule.record.map { .bytes($0.logData) } ?? .null),
            ("logged", .bool(rule.record?.isLogged ?? false)),
            ("matches", .array(rule.matches.map(json))),
            (
                "tx",
                .array(
                    rule.changes.map { change in
                        .object([
                            ("name", .bytes(change.name)), ("before", .bytes(change.before)),
                            ("after", .bytes(change.after)),
                        ])
                    }
                )
            ),
        ])
    }

    private static func json(_ match: Match) -> JSONValue {
        .object([
            ("link", .integer(match.link)), ("target", .bytes(match.target)),
            ("original", .bytes(match.original)),
            (
                "transformations",
                .array(
                    match.steps.map {
                        .object([("name", .text($0.name)), ("output", .bytes($0.output))])
                    }
                )
            ),
            ("value", .bytes(match.value)), ("operator", .text(match.operatorText)),
            ("from", .optional(match.matched?.lowerBound)),
            ("to", .optional(match.matched?.upperBound)),
            ("bytes", match.matched.map { .bytes(Array(match.value[$0])) } ?? .null),
        ])
    }

}

extension ExclusionProposal {
    var json: JSONValue {
        .object([
            ("rule", .integer(ruleID)), ("target", .text(target)), ("path", .text(path)),
            ("text", .text(text)), ("proved", .bool(isProven)),
        ])
    }
}
