import Rules

/// What the event log keeps of one request, beside the rules of today. It keeps neither the query nor fields
/// nor content, so the rules cannot be run again.
struct EventExplanation {
    private let event: EventLog.Event
    private let descriptions: [Int: RuleDescription]
    private let exclusions: [ExclusionProposal]

    init(_ event: EventLog.Event, _ rules: RuleSet) {
        self.event = event
        descriptions = Dictionary(rules.descriptions.map { ($0.id, $0) }) { first, _ in first }
        let found = FalsePositives(
            [event],
            minCount: 1,
            minClients: 1,
            usedIDs: Set(descriptions.keys)
        )
        exclusions = found.proposals
    }

    var text: String {
        var text = "\(shown(event.method)) \(shown(event.host))\(shown(event.path))"
        text +=
            "  from \(shown(event.client)), \(shown(event.time)), answered with \(event.status)\n\n"
        for match in event.matches { text += paragraph(match) }
        text += """

            the log keeps neither the query nor fields nor content: to see values and scores, and to have an exclusion
            proved, explain the request itself

            """
        if !exclusions.isEmpty {
            text += "\nif this was no attack, the narrowest exclusion (not proved):\n\n"
            text += exclusions.map(\.text).joined(separator: "\n")
        }
        return text
    }

    private func paragraph(_ match: EventLog.Match) -> String {
        let rule = descriptions[match.id]
        var text = "  \(match.id)  \(shown(match.message))"
        if let severity = rule?.severity { text += "  [\("\(severity)".uppercased())]" }
        let place = rule.map { "\($0.location.file):\($0.location.line)" }
        text += "\n    \(place ?? "not among these rules")\n"
        if match.target.isEmpty { return text }
        return text + "    \(shown(match.target)) = \(ExplanationText.shown(match.excerpt))\n"
    }

    private func shown(_ text: String) -> String { ExplanationText.shown(Array(text.utf8)) }

    var json: JSONValue {
        .object([
            ("reference", .text(event.id)), ("time", .text(event.time)),
            ("method", .text(event.method)),
            ("host", .text(event.host)), ("path", .text(event.path)),
            ("client", .text(event.client)),
            ("status", .integer(event.status)), ("rules", .array(event.matches.map(json))),
            ("exclusions", .array(exclusions.map(\.json))),
        ])
    }

    private func json(_ match: EventLog.Match) -> JSONValue {
        .object([
            ("id", .integer(match.id)), ("msg", .text(match.message)),
            ("target", .text(match.target)),
            ("excerpt", .bytes(match.excerpt)),
            ("file", .optional(descriptions[match.id]?.location.file)),
            ("line", .optional(descriptions[match.id]?.location.line)),
        ])
    }
}
