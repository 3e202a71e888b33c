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
                - is standard input. The exclusions are proved by running the request once more with them.
                """
        )

        @Argument(help: ArgumentHelp("File with the request.", valueName: "request"))
        var request: String

        @OptionGroup var source: RuleSourceOptions

        @Flag(name: .long, help: "Show every value, and rules that match without a log line.")
        var all = false

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func run() throws {
            for item in try RequestFile.read(request) {
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
            ("exclusions", .array(exclusions.map(Self.json))),
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

    private static func json(_ proposal: ExclusionProposal) -> JSONValue {
        .object([
            ("rule", .integer(proposal.ruleID)), ("target", .text(proposal.target)),
            ("path", .text(proposal.path)), ("text", .text(proposal.text)),
            ("proved", .bool(proposal.isProven)),
        ])
    }
}
