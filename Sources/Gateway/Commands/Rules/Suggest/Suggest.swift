import ArgumentParser
import Rules

extension RuleTools {
    /// `haniel rules suggest`
    struct Suggest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose the narrowest exclusions for false positives in the event log.",
            discussion: """
                Events are grouped by rule, target and path. A group becomes an exclusion of that one target on that \
                one path if enough clients met it; what few clients meet is more likely an attack. With --tests the \
                regression tests of the rules concerned run with and without the exclusions, and those that no \
                longer pass are named.
                """
        )

        @Option(name: .long, help: ArgumentHelp("The gateway's event log.", valueName: "file"))
        var from: String

        @Option(name: .long, help: ArgumentHelp("Fewest events of a group.", valueName: "count"))
        var minCount = 5

        @Option(name: .long, help: ArgumentHelp("Fewest clients of a group.", valueName: "count"))
        var minIps = 3

        @OptionGroup var source: RuleSourceOptions

        @Option(
            name: .long,
            help: ArgumentHelp("Folder with regression tests.", valueName: "folder")
        )
        var tests: String?

        @Option(
            name: .long,
            help: ArgumentHelp("File to write; default is standard output.", valueName: "file")
        )
        var output: String?

        func run() throws {
            let rules = try source.load([.keepsSource])
            let groups = FalsePositives(
                try EventLog.read(from),
                minCount: minCount,
                minClients: minIps,
                usedIDs: Set(rules.descriptions.map(\.id))
            )
            var text = groups.text(source: from)
            if let tests, !groups.proposals.isEmpty { text += try proof(groups, rules, tests) }
            if let output {
                guard FileContents.replace(output, with: Array(text.utf8)) else {
                    throw RegressionProblem(description: "cannot write \(output)")
                }
                StandardError.write("\(groups.proposals.count) exclusions written to \(output)\n")
            } else {
                try StandardOutput.write(text)
            }
        }

        /// Which tests of the rules concerned pass without the exclusions and fail with them.
        private func proof(_ groups: FalsePositives, _ rules: RuleSet, _ folder: String) throws
            -> String
        {
            let concerned = Set(groups.proposals.map { "\($0.ruleID)" })
            let tests = try RegressionTest.read(under: folder).filter {
                concerned.contains($0.rule)
            }
            let prefix = Array(groups.proposals.map(\.text).joined().utf8)
            let excluded = try RuleSource(paths: source.paths).load([.keepsSource], prefix: prefix)
            let before = RegressionRunner(rules)
            let after = RegressionRunner(excluded)
            let lost = tests.filter {
                before.run($0).reasons.isEmpty && !after.run($0).reasons.isEmpty
            }
            if lost.isEmpty {
                return
                    "# All \(tests.count) regression tests of these rules say the same with the exclusions.\n"
            }
            return
                "# Of \(tests.count) regression tests these no longer pass with the exclusions:\n"
                + lost.map { "#   \($0.id)  \($0.description)\n" }.joined()
        }
    }
}

/// Events grouped by what an exclusion could name.
struct FalsePositives {
    private struct Key: Hashable {
        let rule: Int
        let target: String
        let path: String
    }

    private struct Group {
        var count = 0
        var clients: Set<String> = []
        var first = ""
        var last = ""
        var message = ""
        var excerpts: [String] = []
    }

    private static let excerptLimit = 3

    private(set) var proposals: [ExclusionProposal] = []
    private var evidence: [String] = []
    private let eventCount: Int
    private var smallGroups = 0
    private var namelessMatches = 0

    init(_ events: [EventLog.Event], minCount: Int, minClients: Int, usedIDs: Set<Int>) {
        eventCount = events.count
        var groups: [Key: Group] = [:]
        for event in events {
            for match in event.matches { note(match, event, &groups) }
        }
        let sorted = groups.sorted { left, right in
            (right.value.count, left.key.rule, left.key.path, left.key.target)
                < (left.value.count, right.key.rule, right.key.path, right.key.target)
        }
        var id = ExclusionProposal.firstID
        for (key, group) in sorted {
            guard group.count >= minCount, group.clients.count >= minClients else {
                smallGroups += 1
                continue
            }
            while usedIDs.contains(id) { id += 1 }
            proposals.append(
                ExclusionProposal(ruleID: key.rule, target: key.target, path: key.path, id: id)
            )
            evidence.append(Self.comment(key.rule, group))
            id += 1
        }
    }

    private mutating func note(
        _ match: EventLog.Match,
        _ event: EventLog.Event,
        _ groups: inout [Key: Group]
    ) {
        guard let target = ExclusionProposal.excludable(Array(match.target.utf8)) else {
            namelessMatches += 1
            return
        }
        // Rules that judge the score name TX: without their causes there is nothing to exclude.
        if target.isEmpty || event.path.isEmpty { return }
        var group = groups[Key(rule: match.id, target: target, path: event.path)] ?? Group()
        group.count += 1
        group.clients.insert(event.client)
        group.message = match.message
        if group.first.isEmpty { group.first = event.time }
        group.last = event.time
        let excerpt = ExplanationText.shown(match.excerpt, limit: 80)
        if group.excerpts.count < Self.excerptLimit, !group.excerpts.contains(excerpt) {
            group.excerpts.append(excerpt)
        }
        groups[Key(rule: match.id, target: target, path: event.path)] = group
    }

    private static func comment(_ rule: Int, _ group: Group) -> String {
        var text = "# \(rule): \(group.message.filter { !$0.isNewline })\n"
        text +=
            "# \(group.count) events of \(group.clients.count) clients, \(group.first) to \(group.last)\n"
        for excerpt in group.excerpts { text += "#   \(excerpt)\n" }
        return text
    }

    func text(source: String) -> String {
        var text =
            "# Exclusions proposed from \(eventCount) events. Look at each: an attack is no false positive.\n"
        text += "# Load this file before the rules it names, as rules/local/before.conf is.\n"
        if smallGroups > 0 {
            text += "# \(smallGroups) groups with too few events or clients are left out.\n"
        }
        if namelessMatches > 0 {
            text += "# \(namelessMatches) matches on names that are no text are left out.\n"
        }
        for (proposal, evidence) in zip(proposals, evidence) {
            text += "\n\(evidence)\(proposal.text)"
        }
        return proposals.isEmpty ? text + "# Nothing to propose.\n" : text + "\n"
    }
}
