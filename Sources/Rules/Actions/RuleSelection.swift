/// Rules chosen by id, tag or message. Resolved to a set of rules when all rules are known.
struct RuleSelection: Sendable {
    enum Criterion: Sendable {
        case ids([ClosedRange<Int>])
        case tag(Pattern)
        case message(Pattern)
    }

    let criterion: Criterion
    let source: SourceText

    /// Ids and ranges: `1`, `1-9`, `1,5-7`; also separated by spaces.
    init?(ids text: SourceText) {
        var ranges: [ClosedRange<Int>] = []
        let words = text.unquoted.text.split { $0 == "," || $0 == " " }
        for word in words {
            let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let lower = ends.first ?? nil, let upper = ends.last ?? nil, lower <= upper,
                ends.count <= 2
            else {
                return nil
            }
            ranges.append(lower...upper)
        }
        if ranges.isEmpty { return nil }
        criterion = .ids(ranges)
        source = text
    }

    /// Tags that match a regular expression.
    init?(tag text: SourceText) {
        guard let pattern = try? Pattern(text.unquoted.bytes) else { return nil }
        criterion = .tag(pattern)
        source = text
    }

    /// Messages that match a regular expression.
    init?(message text: SourceText) {
        guard let pattern = try? Pattern(text.unquoted.bytes) else { return nil }
        criterion = .message(pattern)
        source = text
    }

    func includes(id: Int, tags: [String], message: String, _ matcher: Matcher) -> Bool {
        switch criterion {
        case .ids(let ranges): ranges.contains { $0.contains(id) }
        case .tag(let pattern): tags.contains { RuleSelection.matches(pattern, $0, matcher) }
        case .message(let pattern): RuleSelection.matches(pattern, message, matcher)
        }
    }

    private static func matches(_ pattern: Pattern, _ text: String, _ matcher: Matcher) -> Bool {
        Array(text.utf8).withView { pattern.search($0, starts: 0..<$0.count, matcher) == .match }
    }
}
