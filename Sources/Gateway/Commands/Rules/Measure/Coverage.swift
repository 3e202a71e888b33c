import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules coverage`
    struct Coverage: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which rules matched and which never do.",
            discussion:
                "Counts matches in regression tests (--tests), recorded requests or the event log (--from)."
        )

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp("Folder with regression tests.", valueName: "folder")
        )
        var tests: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Recorded requests, or the gateway's event log.", valueName: "file")
        )
        var from: String?

        @Option(name: .long, help: "text (default on a terminal) or json (default elsewhere).")
        var format: ReportFormat?

        func validate() throws {
            if tests == nil, from == nil { throw ValidationError("give --tests or --from") }
        }

        func run() throws {
            let rules = try source.load([.keepsSource])
            var counts: [Int: Int] = [:]
            if let tests {
                let runner = RegressionRunner(rules)
                for test in try RegressionTest.read(under: tests) {
                    for id in Set(runner.run(test).matchedIDs) { counts[id, default: 0] += 1 }
                }
            }
            if let from {
                for id in try Self.ids(in: from, rules) { counts[id, default: 0] += 1 }
            }
            try StandardOutput.write(report(rules, counts))
        }

        private static func ids(in path: String, _ rules: RuleSet) throws -> [Int] {
            let events = try EventLog.read(path)
            if !events.isEmpty { return events.flatMap { Set($0.matches.map(\.id)) } }
            let runner = RuleRunner(rules)
            return try RequestFile.read(path).flatMap { Set(runner.run($0.request).matchedIDs) }
        }

        private func report(_ rules: RuleSet, _ counts: [Int: Int]) -> [UInt8] {
            let known = rules.descriptions
            let silent = known.filter { counts[$0.id] == nil }
            if format ?? .standard == .json {
                let matched = known.filter { counts[$0.id] != nil }
                return JSONValue.object([
                    ("rules", .integer(known.count)),
                    (
                        "matched",
                        .object(matched.map { ("\($0.id)", .integer(counts[$0.id] ?? 0)) })
                    ), ("never", .array(silent.map { .integer($0.id) })),
                ])
                .line(.utf8) + [0x0A]
            }
            var text = "\(known.count - silent.count) of \(known.count) rules matched\n"
            let detections = silent.filter { $0.isLogged && !$0.message.isEmpty }
            if !detections.isEmpty { text += "rules with a message that never matched:\n" }
            for rule in detections { text += "  \(rule.id)  \(rule.message)  (\(rule.location))\n" }
            let strangers = counts.keys.filter { id in !known.contains { $0.id == id } }.sorted()
            if !strangers.isEmpty {
                text += "in the log, but not in these rules: "
                text += strangers.map(String.init).joined(separator: ", ") + "\n"
            }
            return Array(text.utf8)
        }
    }

    /// `haniel rules doc`
    struct Doc: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is known about a rule: text, exclusions, tests, hits."
        )

        @Argument(help: "Id of the rule.") var id: Int

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp("Folder with regression tests.", valueName: "folder")
        )
        var tests: String?

        @Option(name: .long, help: ArgumentHelp("The gateway's event log.", valueName: "file"))
        var log: String?

        func run() throws {
            let rules = try source.load([.keepsSource])
            let all = rules.descriptions
            guard let rule = all.first(where: { $0.id == id }) else {
                StandardError.write("no rule has the id \(id)\n")
                throw ExitCode.failure
            }
            var text =
                "\(rule.id)  \(rule.message)\n\(rule.location), phase \(rule.phase), \(rule.disruption)"
            if let severity = rule.severity { text += ", \("\(severity)".uppercased())" }
            text += "\n"
            if !rule.tags.isEmpty { text += "tags: \(rule.tags.joined(separator: ", "))\n" }
            text += Self.exclusions(rule, all)
            text += "\n\(rule.text)\n"
            text += try testLines() + logLines()
            try StandardOutput.write(text)
        }

        /// What the rule leaves out, and which rules leave it out at run time.
        private static func exclusions(_ rule: RuleDescription, _ all: [RuleDescription]) -> String {
            var lines = rule.targets.filter { $0.hasPrefix("!") }.map {
                "leaves out \($0.dropFirst())"
            }
            for other in all {
                for action in other.actions + other.links.flatMap(\.actions)
                where action.hasPrefix("ctl:ruleRemove") && names(rule, action) {
                    lines.append("rule \(other.id) (\(other.location)): \(action)")
                }
            }
            return lines.isEmpty ? "" : "exclusions:\n" + lines.map { "  \($0)\n" }.joined()
        }

        private static func names(_ rule: RuleDescription, _ action: String) -> Bool {
            let value = action.drop { $0 != "=" }.dropFirst().prefix { $0 != ";" }
            if action.lowercased().contains("bytag") { return rule.tags.contains { $0 == value } }
            return value.split(whereSeparator: { $0 == "," || $0 == " " }).contains { part in
                let ends = part.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last else { return false }
                return first <= rule.id && rule.id <= last
            }
        }

        private func testLines() throws -> String {
            guard let tests else { return "" }
            let own = try RegressionTest.read(under: tests).filter { $0.rule == "\(id)" }
            return "\ntests: \(own.count)\n"
                + own.map { "  \($0.id)  \($0.description)\n" }.joined()
        }

        private func logLines() throws -> String {
            guard let log else { return "" }
            let events = try EventLog.read(log).filter { $0.matches.contains { $0.id == id } }
            var counts: [String: Int] = [:]
            for event in events {
                for match in event.matches where match.id == id {
                    counts["\(event.path)  \(match.target)", default: 0] += 1
                }
            }
            let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20)
            return "\nhits: \(events.count)\n" + rows.map { "  \($0.value)  \($0.key)\n" }.joined()
        }
    }
}
