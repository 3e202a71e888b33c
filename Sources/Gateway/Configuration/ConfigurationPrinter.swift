/// Writes a configuration as YAML that reads back as the same, with a comment for the origin of each value if wanted.
struct ConfigurationPrinter {
    private let origins: Origins
    private let showsOrigins: Bool
    private var lines: [(text: String, comment: String?)] = []

    /// Every value, with `# file:line`, `# flag` or `# default` behind it.
    static func effective(_ configuration: Configuration, origins: Origins) -> String {
        var printer = ConfigurationPrinter(origins: origins, showsOrigins: true)
        printer.append(configuration.tree, path: "", indent: 0)
        return printer.text
    }

    /// The shortest file that says the same: what differs from the defaults.
    static func brief(_ configuration: Configuration) -> String {
        var printer = ConfigurationPrinter(origins: Origins(), showsOrigins: false)
        printer.append(configuration.tree, path: "", indent: 0)
        return printer.text
    }

    private init(origins: Origins, showsOrigins: Bool) {
        self.origins = origins
        self.showsOrigins = showsOrigins
    }

    private var text: String {
        let column = min(60, (lines.map(\.text.count).max() ?? 0) + 2)
        return lines.map { line in
            guard let comment = line.comment else { return line.text + "\n" }
            let gap = String(repeating: " ", count: max(2, column - line.text.count))
            return "\(line.text)\(gap)# \(comment)\n"
        }.joined()
    }

    private mutating func append(
        _ tree: ConfigurationTree,
        path: String,
        indent: Int,
        prefix: String = ""
    ) {
        guard case .section(let entries) = tree else { return }
        var lead = prefix.isEmpty ? String(repeating: " ", count: indent) : prefix
        for entry in entries where showsOrigins || !entry.isDefault {
            let entryPath = path.isEmpty ? entry.name : "\(path).\(entry.name)"
            append(entry, path: entryPath, indent: indent, lead: lead)
            lead = String(repeating: " ", count: indent)
        }
    }

    private mutating func append(
        _ entry: ConfigurationTree.Entry,
        path: String,
        indent: Int,
        lead: String
    ) {
        switch entry.tree {
        case .scalar, .text:
            lines.append(("\(lead)\(entry.name): \(scalar(entry.tree, path))", comment(path)))
        case .list(let items) where items.allSatisfy(\.isScalar):
            let words = items.enumerated().map { scalar($1, "\(path)[\($0)]") }.joined(
                separator: ", "
            )
            lines.append(("\(lead)\(entry.name): [\(words)]", comment(path)))
        case .list(let items):
            lines.append(("\(lead)\(entry.name):", nil))
            let inner = String(repeating: " ", count: indent + 2) + "- "
            for (index, item) in items.enumerated() {
                append(item, path: "\(path)[\(index)]", indent: indent + 4, prefix: inner)
            }
        case .section(let entries):
            guard !entries.isEmpty else { return }
            lines.append(("\(lead)\(entry.name):", nil))
            append(entry.tree, path: path, indent: indent + 2)
        }
    }

    private func comment(_ path: String) -> String? {
        guard showsOrigins else { return nil }
        switch origins[path] {
        case .file(let span, let template):
            // A comment ends with its line, so that only the first line of a template can stand in it.
            let line = template?.split(whereSeparator: \.isNewline).first
            return "\(span.file):\(span.line)" + (line.map { ", \($0)" } ?? "")
        case .flag(let name): return "flag \(name)"
        case nil: return "default"
        }
    }

    /// Text that came through `${…}` is printed as it was written, so that no secret gets out. Numbers, addresses and
    /// words are none.
    private func scalar(_ tree: ConfigurationTree, _ path: String) -> String {
        switch tree {
        case .scalar(let word): return needsQuotes(inFlow: word) ? quoted(word) : word
        case .text(let text):
            if case .file(_, let template?) = origins[path] { return quoted(template) }
            return needsQuotes(text) ? quoted(text) : text
        case .list, .section: return ""
        }
    }

    private func needsQuotes(inFlow word: String) -> Bool {
        guard let first = word.first else { return true }
        return "&*!|>'\"%@`#-?".contains(first) || word.contains { "[]{},".contains($0) }
            || word.hasSuffix(":")
            || word.contains(": ") || word.contains(" #")
    }

    private func needsQuotes(_ text: String) -> Bool {
        let words = ["true", "false", "null", "~", "yes", "no", "on", "off"]
        return needsQuotes(inFlow: text) || words.contains(text.lowercased()) || Double(text) != nil
            || text.contains { $0.isWhitespace || $0 == "\\" } || !text.isPrintableLine
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case let control where control.value < 0x20 || (0x7F...0x9F).contains(control.value):
                let hex = String(control.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
