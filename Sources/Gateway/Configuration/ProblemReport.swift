/// Problems with the sources they point into, as text for people or JSON for programs.
struct ProblemReport: Sendable, Error {
    /// In the order of the files and lines.
    let problems: [Problem]
    private let sources: [String: SourceText]

    init(problems: [Problem], sources: [SourceText]) {
        self.problems = problems.enumerated()
            .sorted {
                ($0.element.order.0, $0.element.order.1, $0.offset) < (
                    $1.element.order.0, $1.element.order.1, $1.offset
                )
            }
            .map(\.element)
        self.sources = Dictionary(sources.map { ($0.file, $0) }) { first, _ in first }
    }

    /// The problems of several reports.
    init(merging reports: [ProblemReport]) {
        problems = reports.flatMap(\.problems)
        sources = Dictionary(reports.flatMap(\.sources)) { first, _ in first }
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// One paragraph per problem: `file:line:column: error: message [code]`, the line, a caret and a hint.
    var text: String {
        problems.map(paragraph).joined(separator: "\n")
    }

    /// An array with one object per problem.
    var json: String {
        guard !problems.isEmpty else { return "[]" }
        return "[\n" + problems.map { "  " + jsonObject($0) }.joined(separator: ",\n") + "\n]"
    }

    private func paragraph(_ problem: Problem) -> String {
        let headline = "\(problem.severity): \(problem.message) [\(problem.code.rawValue)]\n"
        var text: String
        switch problem.place {
        case .flag(let name): text = "\(name): \(headline)"
        case .file(let file): text = "\(file): \(headline)"
        case .source(let span):
            text = "\(span.file):\(span.line):\(span.column): \(headline)"
            if let source = sources[span.file] { text += excerpt(of: span, in: source) }
        }
        if let hint = problem.hint { text += "  hint: \(hint)\n" }
        return text
    }

    private func excerpt(of span: SourceSpan, in source: SourceText) -> String {
        let line = source.line(span.line)
        let number = String(span.line)
        let margin = String(repeating: " ", count: number.count)
        // A tab before the caret stays a tab, so that the caret stands right whatever a terminal makes of it.
        let indent = String(
            String.UnicodeScalarView(
                line.unicodeScalars.prefix(span.column - 1).map { $0 == "\t" ? "\t" : " " }
            )
        )
        let carets = String(repeating: "^", count: span.length)
        return "  \(number) | \(line)\n  \(margin) | \(indent)\(carets)\n"
    }

    private func jsonObject(_ problem: Problem) -> String {
        var members: [String] = []
        switch problem.place {
        case .flag(let name): members.append("\"flag\": \(jsonString(name))")
        case .file(let file): members.append("\"file\": \(jsonString(file))")
        case .source(let span):
            members.append("\"file\": \(jsonString(span.file)), \"line\": \(span.line)")
            members.append("\"column\": \(span.column), \"length\": \(span.length)")
        }
        members.append(
            "\"severity\": \"\(problem.severity)\", \"code\": \"\(problem.code.rawValue)\""
        )
        members.append("\"message\": \(jsonString(problem.message))")
        if let hint = problem.hint { members.append("\"hint\": \(jsonString(hint))") }
        return "{" + members.joined(separator: ", ") + "}"
    }
}

extension Problem {
    /// Flags first, then files by line and column.
    fileprivate var order: (String, Int) {
        switch place {
        case .flag: ("", 0)
        case .file(let file): (file, 0)
        // A column beyond the factor would only sort within its own line.
        case .source(let span): (span.file, span.line &* 10_000 &+ min(span.column, 9999))
        }
    }
}

private func jsonString(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\t": quoted += "\\t"
        case let control where control.value < 0x20:
            let hex = String(control.value, radix: 16)
            quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
