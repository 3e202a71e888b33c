/// Lays out rule files in one way, that of the Core Rule Set: an action on each line, id first, chains indented.
///
/// Comments and the order of directives stay. A directive whose new text would not be read as the same directive keeps
/// its old text.
package struct RuleFormatter {
    private static let indent = "    "
    private static let emptyLineLimit = 3
    private static let indentLimit = 8

    private let file: SourceFile
    private var output: [UInt8] = []
    private var emptyLines = 0
    /// How many chained rules stand before the next one.
    private var chainDepth = 0

    /// The file in canonical layout, or what is wrong with it.
    package static func format(_ bytes: [UInt8], name: String) throws(RuleSetError) -> [UInt8] {
        let file = SourceFile(name: name, bytes: bytes)
        var problems = ProblemList()
        var formatter = RuleFormatter(file: file)
        formatter.run(&problems)
        if problems.hasErrors { throw RuleSetError(problems: problems.problems) }
        return formatter.output
    }

    private init(file: SourceFile) { self.file = file }

    private mutating func run(_ problems: inout ProblemList) {
        var index = 0
        while index < file.lines.count {
            let first = file.lines[index]
            let start = first.firstIndex { !$0.isWhitespace }
            guard let start else {
                emptyLines += 1
                index += 1
                continue
            }
            if first[start] == UInt8(ascii: "#") {
                write(line: RuleFormatter.trimmed(first))
                index += 1
                continue
            }
            var end = index
            while file.lines[end].last == UInt8(ascii: "\\"), end + 1 < file.lines.count {
                end += 1
            }
            write(directive: Array(file.lines[index...end]), at: index, &problems)
            index = end + 1
        }
    }

    private mutating func write(line: some Sequence<UInt8>) {
        // Empty lines at the beginning and at the end vanish.
        if !output.isEmpty {
            for _ in 0..<min(emptyLines, RuleFormatter.emptyLineLimit) { output.append(0x0A) }
        }
        emptyLines = 0
        output += line
        output.append(0x0A)
    }

    private static func trimmed(_ line: [UInt8]) -> [UInt8] {
        var line = line
        while let last = line.last, last.isWhitespace { line.removeLast() }
        return line
    }

    private mutating func write(
        directive lines: [[UInt8]],
        at index: Int,
        _ problems: inout ProblemList
    ) {
        let padding = [[UInt8]](repeating: [], count: index)
        let text = Array((padding + lines).joined(separator: [0x0A]))
        var reader = DirectiveReader(SourceFile(name: file.name, bytes: text))
        guard let directive = reader.next(&problems) else { return }
        let isLink = chainDepth > 0
        let formatted = layout(directive, isOneLine: lines.count == 1)
        if let formatted, RuleFormatter.isSame(directive, formatted, file.name) {
            write(line: formatted)
        } else {
            for line in lines { write(line: RuleFormatter.trimmed(line)) }
        }
        let isChained = RuleFormatter.isChained(directive)
        chainDepth = isChained ? (isLink ? chainDepth : 0) + 1 : 0
    }

    /// The new text; nil for directives that keep theirs.
    private func layout(_ directive: Directive, isOneLine: Bool) -> [UInt8]? {
        let depth = min(chainDepth, RuleFormatter.indentLimit)
        let margin = String(repeating: RuleFormatter.indent, count: depth)
        switch directive.name.lowercased {
        case "secrule":
            guard directive.arguments.count == 2 || directive.arguments.count == 3 else {
                return nil
            }
            var text = Array("\(margin)SecRule ".utf8)
            text += RuleFormatter.targets(directive.arguments[0])
            text.append(0x20)
            text += RuleFormatter.quoted(directive.arguments[1].bytes)
            if directive.arguments.count == 3 {
                text += RuleFormatter.actions(directive.arguments[2], margin, isOneLine)
            }
            return text
        case "secaction":
            guard directive.arguments.count == 1 else { return nil }
            return Array("\(margin)SecAction".utf8)
                + RuleFormatter.actions(directive.arguments[0], margin, isOneLine)
        case "secmarker":
            guard directive.arguments.count == 1 else { return nil }
            return Array("SecMarker ".utf8) + RuleFormatter.quoted(directive.arguments[0].bytes)
        default: return nil
        }
    }

    /// Targets without white space around their bars, quoted if one has a space inside.
    private static func targets(_ text: SourceText) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text.bytes where !byte.isWhitespace { bytes.append(byte) }
        let hasSpaceInside = text.bytes.indices.contains { index in
            guard text.bytes[index].isWhitespace else { return false }
            let before = text.bytes[..<index].last { !$0.isWhitespace }
            let after = text.bytes[index...].first { !$0.isWhitespace }
            return before != nil && after != nil && before != 0x7C && after != 0x7C
                && before != 0x2C && after != 0x2C
        }
        return hasSpaceInside ? quoted(text.bytes) : bytes
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = [0x22]
        for byte in bytes {
            if byte == 0x22 { text.append(0x5C) }
            text.append(byte)
        }
        return text + [0x22]
    }

    /// The actions on a line each, transformations together. Jumps that were written on one line stay there,
    /// as gates do in rows.
    private static func actions(_ list: SourceText, _ margin: String, _ isOneLine: Bool) -> [UInt8] {
        let written = pieces(list)
        let staysInLine = isOneLine && written.contains { $0.name == "skipafter" }
        let sorted = written.enumerated().sorted { left, right in
            (ActionOrder.rank(left.element.name), left.offset)
                < (ActionOrder.rank(right.element.name), right.offset)
        }
        .map(\.element)
        let separator = staysInLine ? [0x2C] : Array(",\\\n\(margin)\(indent)".utf8)
        var lines: [[UInt8]] = []
        for (index, action) in sorted.enumerated() {
            if index > 0, action.name == "t", sorted[index - 1].name == "t",
                let last = lines.popLast()
            {
                lines.append(last + [0x2C] + action.text)
            } else {
                lines.append(action.text)
            }
        }
        let text = Array(lines.joined(separator: separator))
        return (staysInLine ? [0x20] : Array(" \\\n\(margin)\(indent)".utf8)) + quoted(text)
    }

    /// The actions of a list as written, trimmed, without white space behind the colon.
    private static func pieces(_ list: SourceText) -> [(name: String, text: [UInt8])] {
        var found: [(name: String, text: [UInt8])] = []
        var current: [UInt8] = []
        var isQuoted = false
        func flush() {
            let text = trimmedBoth(current)
            current = []
            guard !text.isEmpty else { return }
            let colon = text.firstIndex(of: 0x3A)
            let name = trimmedBoth(Array(text[..<(colon ?? text.count)]))
            let value = colon.map { trimmedBoth(Array(text[($0 + 1)...])) }
            found.append(
                (
                    String(decoding: name, as: UTF8.self).lowercased(),
                    value.map { name + [0x3A] + $0 } ?? name
                )
            )
        }
        for (index, byte) in list.bytes.enumerated() {
            let isEscaped = index > 0 && list.bytes[index - 1] == 0x5C
            if byte == 0x27, !isEscaped, isQuoted || current.last == 0x3A || current.last == 0x20 {
                isQuoted.toggle()
            }
            if byte == 0x2C, !isQuoted { flush() } else { current.append(byte) }
        }
        flush()
        return found
    }

    private static func trimmedBoth(_ bytes: [UInt8]) -> [UInt8] {
        var slice = bytes[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return Array(slice)
    }

    private static func isChained(_ directive: Directive) -> Bool {
        guard let list = directive.arguments.last, directive.name.lowercased.hasPrefix("sec") else {
            return false
        }
        var ignored = ProblemList()
        let isRule = ["secrule", "secaction"].contains(directive.name.lowercased)
        return isRule
            && ActionParser.parse(list, &ignored).contains { $0.name.lowercased == "chain" }
    }
}

extension RuleFormatter {
    /// Whether a text is read as the directive it was made from: same targets, operator and actions, each kind of
    /// action in its order.
    private static func isSame(_ directive: Directive, _ text: [UInt8], _ name: String) -> Bool {
        var problems = ProblemList()
        var reader = DirectiveReader(SourceFile(name: name, bytes: text))
        guard let other = reader.next(&problems), reader.next(&problems) == nil,
            problems.problems.isEmpty,
            other.name.lowercased == directive.name.lowercased,
            other.arguments.count == directive.arguments.count
        else { return false }
        for (index, pair) in zip(directive.arguments, other.arguments).enumerated() {
            let isActions = index == directive.arguments.count - 1 && isActionList(directive)
            let isEqual =
                isActions
                ? actionKey(pair.0) == actionKey(pair.1)
                : isTargetList(directive, index)
                    ? pair.0.bytes.filter { !$0.isWhitespace }
                        == pair.1.bytes.filter { !$0.isWhitespace }
                    : pair.0.bytes == pair.1.bytes
            if !isEqual { return false }
        }
        return true
    }

    private static func isActionList(_ directive: Directive) -> Bool {
        directive.name.lowercased == "secaction" || directive.arguments.count == 3
    }

    private static func isTargetList(_ directive: Directive, _ index: Int) -> Bool {
        directive.name.lowercased == "secrule" && index == 0
    }

    private static func actionKey(_ list: SourceText) -> [String: [String]] {
        var problems = ProblemList()
        var key: [String: [String]] = [:]
        for action in ActionParser.parse(list, &problems) {
            let rank = ActionOrder.rank(action.name.text)
            let text = "\(action.name.lowercased)=\(action.value?.text ?? "")"
            key["\(rank)", default: []].append(text)
        }
        key["problems"] = problems.problems.map(\.code)
        return key
    }
}

/// The order of actions in a rule, which is that of the Core Rule Set.
enum ActionOrder {
    private static let names: [[String]] = [
        ["id"], ["phase"], ["allow", "block", "deny", "drop", "pass", "proxy", "redirect"],
        ["status"],
        ["capture"], ["t"], ["log", "nolog", "auditlog", "noauditlog"], ["msg"], ["logdata"],
        ["tag"],
        [
            "sanitisearg", "sanitisematched", "sanitisematchedbytes", "sanitiserequestheader",
            "sanitiseresponseheader",
        ], ["ctl"], ["ver"], ["rev"], ["severity"], ["maturity"], ["accuracy"], ["multimatch"],
        ["initcol"], ["setenv", "setrsc", "setsid", "setuid"],
        ["setvar", "expirevar", "deprecatevar"],
        ["chain"], ["skip"], ["skipafter"],
    ]

    private static let ranks: [String: Int] = {
        var ranks: [String: Int] = [:]
        for (rank, group) in names.enumerated() { for name in group { ranks[name] = rank } }
        return ranks
    }()

    static func rank(_ name: String) -> Int { ranks[name.lowercased()] ?? names.count }
}
