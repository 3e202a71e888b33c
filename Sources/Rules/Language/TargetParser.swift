/// Reads target lists: `ARGS|!ARGS:token|&REQUEST_HEADERS:Host|REQUEST_COOKIES:/^_ga/`.
struct TargetParser {
    private let text: SourceText
    private var index = 0

    /// The targets of a list; mistakes are reported and left out.
    static func parse(_ text: SourceText, _ problems: inout ProblemList) -> [TargetDefinition] {
        var parser = TargetParser(text: text)
        var targets: [TargetDefinition] = []
        if text.trimmed.isEmpty {
            problems.error("no-targets", "a rule needs at least one variable", at: text)
        }
        while parser.index < text.count {
            if let target = parser.target(&problems) { targets.append(target) }
        }
        return targets
    }

    private init(text: SourceText) { self.text = text }

    private mutating func target(_ problems: inout ProblemList) -> TargetDefinition? {
        while let byte = text.at(index), byte.isWhitespace || byte == 0x7C { index += 1 }
        let start = index
        guard start < text.count else { return nil }
        var isCount = false
        var isExclusion = false
        while let byte = text.at(index), byte == 0x21 || byte == 0x26 || byte.isWhitespace {
            if byte == 0x21 { isExclusion = true } else if byte == 0x26 { isCount = true }
            index += 1
        }
        let nameStart = index
        while let byte = text.at(index), byte != 0x3A, byte != 0x2E, byte != 0x7C, byte != 0x2C,
            !byte.isWhitespace
        { index += 1 }
        let name = text[nameStart..<index]
        // `TX.name` is an older spelling of `TX:name`.
        let selector =
            text.at(index) == 0x3A || text.at(index) == 0x2E
            ? self.selector(isPath: name.lowercased == "xml", &problems) : .all
        if text.at(index) == 0x2C { index += 1 }
        guard let variable = Variable.named(name.text) else {
            problems.error(
                "unknown-variable",
                "unknown variable `\(name.text)`",
                at: text,
                offset: nameStart,
                hint: NearestName.hint(name.text, in: Variable.allCases.map(\.rawValue))
            )
            return nil
        }
        if selector != .all && !variable.isCollection {
            problems.error(
                "no-members",
                "\(variable.rawValue) has no members to select",
                at: text,
                offset: nameStart
            )
            return nil
        }
        return TargetDefinition(
            variable: variable,
            selector: selector,
            isCount: isCount,
            isExclusion: isExclusion,
            source: text[start..<index]
        )
    }

    /// The selector behind the colon that `index` stands on.
    private mutating func selector(isPath: Bool, _ problems: inout ProblemList)
        -> TargetDefinition.Selector
    {
        index += 1
        let start = index
        if text.at(index) == 0x27, let end = closing(0x27) {
            let quoted = text[(start + 1)..<end]
            index = end + 1
            return TargetParser.selector(quoted)
        }
        if !isPath, text.at(index) == 0x2F, let end = closing(0x2F) {
            index = end + 1
            return .pattern(text[(start + 1)..<end].text)
        }
        if isPath { skipPath() } else { skipName() }
        let name = text[start..<index].trimmed
        if !isPath, name.at(0) == 0x2F, name.bytes.dropFirst().contains(0x2F) {
            problems.warning(
                "literal-selector",
                "`\(name.text)` is taken for a name, not for an expression",
                at: name,
                hint: "an expression ends with its second slash, and ignores case without a flag"
            )
        }
        return .name(name.bytes)
    }

    private mutating func skipName() {
        while let byte = text.at(index), byte != 0x7C, byte != 0x2C { index += 1 }
    }

    /// A path ends as a name does, but for what stands in its brackets.
    private mutating func skipPath() {
        var depth = 0
        while let byte = text.at(index), byte != 0x7C, byte != 0x2C || depth > 0 {
            if byte == 0x5B || byte == 0x28 { depth += 1 }
            if byte == 0x5D || byte == 0x29 { depth -= 1 }
            index += 1
        }
    }

    /// The next `mark` that ends the selector: one that a bar or the end follows.
    private func closing(_ mark: UInt8) -> Int? {
        var position = index + 1
        while let byte = text.at(position) {
            if byte == 0x5C {
                position += 2
                continue
            }
            let next = text.at(position + 1)
            if byte == mark, next == nil || next == 0x7C || next == 0x2C { return position }
            position += 1
        }
        return nil
    }

    /// A selector that stands by itself, as in `ctl`: a name, or `/regex/`.
    static func selector(_ text: SourceText) -> TargetDefinition.Selector {
        if text.isEmpty { return .all }
        if text.count >= 2, text.bytes.first == 0x2F, text.bytes.last == 0x2F {
            return .pattern(text[1..<(text.count - 1)].text)
        }
        return .name(text.bytes)
    }
}
