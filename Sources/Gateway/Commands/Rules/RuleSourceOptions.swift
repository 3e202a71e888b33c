import ArgumentParser
import Rules

/// Which rules a tool works with.
struct RuleSourceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Rule file, folder or glob; repeatable, loaded in the order given.",
            valueName: "path"
        )
    )
    var rules: [String] = []

    /// Where the product keeps its rules when it is run from its folder.
    private static let usual = "rules/main.conf"

    /// Whether rules were named at all.
    var isGiven: Bool { !rules.isEmpty }

    var paths: [String] { rules.isEmpty ? [Self.usual] : RulePaths.expanded(rules) }

    /// The compiled rules, or every problem and the end.
    func load(_ options: RuleSetOptions) throws -> RuleSet {
        try RuleSource(paths: paths).loadOrExit(options)
    }
}

/// Rules in files, or a text that came with a request.
struct RuleSource {
    var paths: [String] = []
    /// Instead of files.
    var text: [UInt8]?

    /// - Parameter prefix: rules that come first, as an exclusion must.
    func load(_ options: RuleSetOptions, prefix: [UInt8] = []) throws(RuleSetError) -> RuleSet {
        if let text { return try RuleSet.load(bytes: prefix + text, name: "rules", options) }
        return try RuleSet.load(paths, options, prefix: prefix)
    }

    /// The compiled rules; a set with errors is printed and ends the command.
    func loadOrExit(_ options: RuleSetOptions) throws -> RuleSet {
        do throws(RuleSetError) {
            return try load(options)
        } catch {
            StandardError.write(error.problems.map(FindingText.paragraph).joined())
            throw ExitCode.failure
        }
    }
}
