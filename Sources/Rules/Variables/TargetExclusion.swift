/// Members of a variable that a rule leaves out.
struct TargetExclusion: Sendable {
    let variable: Variable
    let selector: MemberSelector
    let place: SourceText

    /// A regex that does not compile is reported.
    init?(_ target: TargetDefinition, _ problems: inout ProblemList) {
        guard let selector = MemberSelector(target, &problems) else { return nil }
        variable = target.variable
        self.selector = selector
        place = target.source
    }

    /// As written, with its `!`.
    var source: String { place.text }

    func excludes(_ variable: Variable, _ key: ByteView, _ matcher: Matcher) -> Bool {
        variable == self.variable && selector.selects(key, matcher)
    }
}

/// Which members of a collection are meant, ready for matching.
enum MemberSelector: Sendable {
    case all
    case name(Constant)
    case pattern(Pattern)
    /// Nodes of an XML document.
    case path(XPath)

    /// The values under these names are made for every document.
    private static let wholeDocument = [Array("/*".utf8), Array("//@*".utf8)]

    init?(_ target: TargetDefinition, _ problems: inout ProblemList) {
        switch target.selector {
        case .all: self = .all
        case .name(let name) where target.variable == .xml && !Self.wholeDocument.contains(name):
            guard let path = XPath(name) else {
                problems.error("xpath", "this path into XML is not supported", at: target.source)
                return nil
            }
            self = .path(path)
        case .name(let name): self = .name(Constant(name))
        case .pattern(let expression):
            do {
                self = .pattern(try Pattern(Array("(?i)".utf8) + Array(expression.utf8)))
            } catch {
                problems.error(
                    "regex",
                    "the selector does not compile: \(error.message)",
                    at: target.source
                )
                return nil
            }
        }
    }

    func selects(_ key: ByteView, _ matcher: Matcher) -> Bool {
        switch self {
        case .all: true
        case .name(let name): key.equalsFolded(name.view)
        case .path(let path): path.selects(key)
        case .pattern(let pattern): pattern.search(key, starts: 0..<key.count, matcher) == .match
        }
    }
}
