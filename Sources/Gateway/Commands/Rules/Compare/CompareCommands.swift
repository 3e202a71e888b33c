import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules diff`
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what differs between two rule sets, and whose verdict changes.",
            discussion:
                "Each set is a rule file, folder or glob. --on replays recorded requests through both."
        )

        @Argument(help: "The rule set in force.") var old: String
        @Argument(help: "The rule set that is to replace it.") var new: String

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Recorded requests: JSON lines as run takes them, or an HTTP archive.",
                valueName: "file"
            )
        )
        var on: String?

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func run() throws {
            let before = try RuleSource(paths: RulePaths.expanded([old])).loadOrExit([.keepsSource])
            let after = try RuleSource(paths: RulePaths.expanded([new])).loadOrExit([.keepsSource])
            let difference = RuleSetDifference(before, after)
            let comparison = try on.map {
                VerdictComparison(try RequestFile.read($0), from: before, to: after)
            }
            switch format ?? .standard {
            case .text: try StandardOutput.write(difference.text + (comparison?.text ?? ""))
            case .json:
                let whole = JSONValue.object([
                    ("rules", difference.json), ("traffic", comparison?.json ?? .null),
                ])
                try StandardOutput.write(whole.line(.utf8) + [0x0A])
            }
        }
    }

    /// `haniel rules replay`
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run recorded requests through other rules: new blocks and new passes.",
            discussion: """
                The record is JSON lines as run takes them, or an HTTP archive. Without --against, the rules the \
                product comes with are what was in force. Ends with status 1 if a verdict changes, with \
                --deny-changes.
                """
        )

        @Argument(help: ArgumentHelp("File with requests.", valueName: "record")) var record: String

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp("The rules that were in force.", valueName: "path")
        )
        var against: [String] = []

        @Flag(name: .long, help: "Fail if a verdict changes, for continuous integration.")
        var denyChanges = false

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func run() throws {
            let items = try RequestFile.read(record)
            let new = try source.load([.keepsSource])
            let paths = against.isEmpty ? ["rules/main.conf"] : RulePaths.expanded(against)
            let old = try RuleSource(paths: paths).loadOrExit([.keepsSource])
            let comparison = VerdictComparison(items, from: old, to: new)
            switch format ?? .standard {
            case .text: try StandardOutput.write(comparison.text)
            case .json: try StandardOutput.write(comparison.json.line(.utf8) + [0x0A])
            }
            if denyChanges, !comparison.changes.isEmpty { throw ExitCode.failure }
        }
    }
}
