import Yams

/// Walks the nodes of one file and fills sections, collecting every problem instead of stopping at the first.
struct ConfigurationReader {
    private let source: SourceText
    private let secrets: SecretSource
    private let repeated: RepeatedKeys
    private(set) var problems: [Problem] = []
    private(set) var origins = Origins()
    /// Paths of what is missing or could not be read; nothing more can be said about them.
    private(set) var unread: Set<String> = []

    init(source: SourceText, repeated: RepeatedKeys, secrets: SecretSource) {
        self.source = source
        self.repeated = repeated
        self.secrets = secrets
    }

    // MARK: Sections and lists

    mutating func section<Section: ConfigurationSection>(_ node: Node, _ path: String) -> Section? {
        guard case .mapping(let mapping) = node else {
            report(
                .wrongType,
                node,
                path,
                expected: "a mapping with keys such as `\(Section.keys[0].name)`"
            )
            return nil
        }
        origins[path] = .file(span(of: node), template: nil)
        var section = Section.unfilled
        var given: [String] = []
        var earlierLines: [String: Int] = [:]
        for (keyNode, value) in mapping {
            guard let name = keyName(keyNode, keys: Section.keys.map(\.name), path, &earlierLines),
                let key = Section.keys.first(where: { $0.name == name })
            else { continue }
            checkAlternative(name, beside: given, in: Section.alternatives, keyNode, path)
            given.append(name)
            let keyPath = self.path(path, name)
            origins[keyPath] = .file(span(of: value), template: nil)
            key.read(&self, value, keyPath, &section)
        }
        reportMissing(in: Section.self, given: given, node, path)
        return section
    }

    mutating func list<Element>(
        _ node: Node,
        _ path: String,
        _ read: (inout ConfigurationReader, Node, String) -> Element?
    ) -> [Element]? {
        guard case .sequence(let sequence) = node else {
            report(
                .wrongType,
                node,
                path,
                expected: "a list",
                hint: node.scalar.map { "write [\($0.string)]" }
            )
            return nil
        }
        var elements: [Element] = []
        for (index, item) in sequence.enumerated() {
            let itemPath = "\(path)[\(index)]"
            origins[itemPath] = .file(span(of: item), template: nil)
            if let element = read(&self, item, itemPath) {
                elements.append(element)
            } else {
                // The elements behind it have other numbers now than the file gives them.
                unread.insert(path)
            }
        }
        return elements
    }

    /// The key that a node names, or seems to mean; nil for every other node. What is wrong with it becomes a problem.
    /// `earlierLines` remembers where each key of this mapping stood first.
    private mutating func keyName(
        _ node: Node,
        keys: [String],
        _ path: String,
        _ earlierLines: inout [String: Int]
    ) -> String? {
        let place = path.isEmpty ? "" : " in `\(path)`"
        guard let text = node.scalar?.string else {
            problems.append(
                problem(.wrongType, node, "expected a key\(place), found a list or mapping")
            )
            return nil
        }
        let name = repeated.name(of: text) ?? text
        if let line = earlierLines[name] {
            let message = "duplicate key `\(name)`\(place), first given in line \(line)"
            problems.append(problem(.duplicateKey, node, message, hint: "keep one of them"))
        } else {
            earlierLines[name] = node.mark?.line ?? 1
        }
        guard keys.contains(name) else {
            let near = nearestName(to: name, among: keys)
            let hint =
                near.map { "did you mean `\($0)`?" } ?? "the keys here are \(choice(of: keys))"
            problems.append(problem(.unknownKey, node, "unknown key `\(name)`\(place)", hint: hint))
            // Read as what was meant, so that its value is checked and nothing is called missing.
            return near
        }
        return name
    }

    private mutating func reportMissing<Section: ConfigurationSection>(
        in _: Section.Type,
        given: [String],
        _ node: Node,
        _ path: String
    ) {
        let place = path.isEmpty ? "" : " in `\(path)`"
        for key in Section.keys where key.isRequired && !given.contains(key.name) {
            unread.insert(self.path(path, key.name))
            problems.append(problem(.missingKey, node, "missing key `\(key.name)`\(place)"))
        }
        if !Section.alternatives.isEmpty, !given.contains(where: Section.alternatives.contains) {
            let words = choice(of: Section.alternatives)
            unread.insert(path)
            problems.append(
                problem(.exactlyOne, node, "expected exactly one of \(words)\(place), found none")
            )
        }
    }

    private mutating func checkAlternative(
        _ name: String,
        beside given: [String],
        in alternatives: [String],
        _ node: Node,
        _ path: String
    ) {
        guard alternatives.contains(name),
            let other = given.first(where: { alternatives.contains($0) && $0 != name })
        else { return }
        unread.insert(path)
        let message =
            "`\(name)` stands beside `\(other)`: expected exactly one of \(choice(of: alternatives))"
        problems.append(problem(.exactlyOne, node, message))
    }

    private func path(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    // MARK: Scalars

    /// Reads a scalar, with `${…}` replaced; `plain` refuses quotes, for numbers and truth values.
    mutating func scalar<Value>(
        _ node: Node,
        _ path: String,
        expected: String,
        plain: Bool = false,
        _ parse: (String) throws(Misfit) -> Value
    ) -> Value? {
        guard let scalar = node.scalar, !isNull(node) else {
            report(.wrongType, node, path, expected: expected)
            return nil
        }
        var isTemplate = false
        do throws(Misfit) {
            let text = try secrets.expanded(scalar.string)
            isTemplate = text != scalar.string
            if isTemplate { origins[path] = .file(span(of: node), template: scalar.string) }
            if plain, scalar.style != .plain, !isTemplate {
                throw Misfit(code: .wrongType, expected: "\(expected) without quotes")
            }
            return try parse(text)
        } catch {
            // A hint may quote the value, which must not get out if it came from the environment or a secret file.
            report(
                error.code,
                node,
                path,
                expected: error.expected,
                hint: isTemplate ? nil : error.hint
            )
            return nil
        }
    }

    func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    // MARK: Problems

    private mutating func report(
        _ code: ProblemCode,
        _ node: Node,
        _ path: String,
        expected: String,
        hint: String? = nil
    ) {
        unread.insert(path)
        let message =
            "\(path.isEmpty ? "the file" : path): expected \(expected), found \(description(of: node))"
        problems.append(problem(code, node, message, hint: hint))
    }

    private func problem(_ code: ProblemCode, _ node: Node, _ message: String, hint: String? = nil)
        -> Problem
    {
        Problem(code: code, message: message, place: .source(span(of: node)), hint: hint)
    }

    private func description(of node: Node) -> String {
        switch node {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            if isNull(node) { return "nothing" }
            let line = scalar.string.unicodeScalars.prefix(60).map {
                $0.value < 0x20 ? " " : String($0)
            }.joined()
            return "`\(line)`"
        }
    }

    private func span(of node: Node) -> SourceSpan {
        let mark = node.mark
        let length = node.scalar?.string.unicodeScalars.prefix { $0 != "\n" }.count ?? 1
        return source.span(line: mark?.line ?? 1, column: mark?.column ?? 1, plainLength: length)
    }
}
