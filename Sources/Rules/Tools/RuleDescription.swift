/// A rule as its author wrote it, for people and for log lines.
package struct RuleDescription: Sendable {
    package let id: Int
    package let phase: Int
    package let location: SourceLocation
    /// The targets as written, exclusions included.
    package let targets: [String]
    /// As in `rx`; empty for `SecAction`.
    package let operatorName: String
    package let parameter: [UInt8]
    package let isNegated: Bool
    package let transformations: [String]
    package let message: String
    package let severity: Severity?
    package let tags: [String]
    /// `ver`, as in `OWASP_CRS/4.29.0`.
    package let version: String
    package let revision: String
    package let isLogged: Bool
    /// As in `deny`; `pass` if the rule does not interrupt.
    package let disruption: String
    package let status: Int
    /// As in `setvar:tx.score=+5`, in order.
    package let actions: [String]
    /// The lines of the file, the chain included.
    package let text: String
    /// The rules of the chain behind this one.
    package let links: [RuleDescription]

    init(_ rule: RuleBuilder) {
        id = rule.id
        phase = rule.phase
        location = rule.source.location()
        targets = rule.targets.map(\.source.text) + rule.exclusions.map(\.source)
        operatorName = rule.testName?.rawValue ?? ""
        parameter = rule.parameter?.bytes ?? []
        isNegated = rule.isNegated
        transformations = rule.transformations.map(\.name)
        message = rule.messageText
        severity = rule.severity
        tags = rule.tagTexts
        version = rule.version
        revision = rule.revision
        isLogged = rule.isLogged
        disruption = "\(rule.disruption)"
        status = rule.status ?? (rule.disruption == .redirect ? 302 : 403)
        actions = rule.actions.map { action in
            action.value.map { "\(action.name.text):\($0.text)" } ?? action.name.text
        }
        text = rule.chain.map { $0.source.wholeDirective }.joined(separator: "\n")
        links = rule.links.map(RuleDescription.init)
    }
}

extension RuleSet {
    /// Every rule in file order, chains under their heads; empty unless loaded with `.keepsSource`.
    package var descriptions: [RuleDescription] {
        elements.compactMap { if case .rule(let rule) = $0 { RuleDescription(rule) } else { nil } }
    }
}

extension SourceText {
    /// The lines of the directive that begins here, with its continuations.
    fileprivate var wholeDirective: String {
        var lines: [String] = []
        var number = location().line
        while number >= 1, number <= file.lines.count {
            lines.append(file.line(number))
            guard file.lines[number - 1].last == UInt8(ascii: "\\") else { break }
            number += 1
        }
        return lines.joined(separator: "\n")
    }
}
