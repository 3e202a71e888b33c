import Yams

/// What one file says, and everything that is wrong with how it says it.
struct DecodedConfiguration: Sendable {
    var configuration: Configuration
    var origins: Origins
    var source: SourceText
    var problems: [Problem]
    /// Paths of what is missing or could not be read.
    var unread: Set<String> = []

    /// Whether nothing can be said about the value at the path, since it, a part of it or what it is in was not read.
    func isUnread(_ path: String) -> Bool {
        unread.contains { isInside($0, path) || isInside(path, $0) }
    }

    private func isInside(_ path: String, _ outer: String) -> Bool {
        guard path.hasPrefix(outer) else { return false }
        let next = path.dropFirst(outer.count).first
        return outer.isEmpty || next == nil || next == "." || next == "["
    }
}

extension Configuration {
    /// Reads the file at the path. A file that cannot be read, or is no YAML, gives the defaults and a problem.
    static func decode(file: String, secrets: SecretSource) -> DecodedConfiguration {
        switch SourceText.read(file) {
        case .success(let source): return decode(source, secrets: secrets)
        case .failure(let problem):
            return DecodedConfiguration(
                configuration: Configuration(),
                origins: Origins(),
                source: SourceText(file: file, text: ""),
                problems: [problem],
                unread: [""]
            )
        }
    }

    /// Reads the text of a file.
    static func decode(_ source: SourceText, secrets: SecretSource) -> DecodedConfiguration {
        var repeated = RepeatedKeys()
        var result = DecodedConfiguration(
            configuration: Configuration(),
            origins: Origins(),
            source: source,
            problems: []
        )
        do {
            guard let root = try repeated.compose(source.text) else {
                let message = "the file is empty; it needs at least `listeners` and `routes`"
                result.problems = [
                    Problem(code: .missingKey, message: message, place: .file(source.file))
                ]
                result.unread = [""]
                return result
            }
            var reader = ConfigurationReader(source: source, repeated: repeated, secrets: secrets)
            if let configuration: Configuration = reader.section(root, "") {
                result.configuration = configuration
            }
            result.origins = reader.origins
            result.problems = reader.problems
            result.unread = reader.unread
        } catch {
            result.problems = [syntaxProblem(error, in: source)]
            result.unread = [""]
        }
        return result
    }

    private static func syntaxProblem(_ error: any Error, in source: SourceText) -> Problem {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _):
            let begun = context.map { " \($0.text), begun in line \($0.mark.line)" } ?? ""
            return syntaxProblem("\(problem)\(begun)", at: mark, in: source)
        case YamlError.composer(let context, let problem, let mark, _):
            return syntaxProblem(
                (context.map { "\($0.text) " } ?? "") + problem,
                at: mark,
                in: source
            )
        case YamlError.reader(let problem, _, _, _):
            return Problem(
                code: .syntax,
                message: "not YAML: \(problem)",
                place: .file(source.file)
            )
        case YamlError.duplicatedKeysInMapping(let names, let context):
            let span = source.span(
                line: context.mark.line,
                column: context.mark.column,
                plainLength: 1
            )
            return Problem(
                code: .duplicateKey,
                message: "duplicate key \(choice(of: names))",
                place: .source(span),
                hint: "keep one of them"
            )
        default:
            return Problem(code: .syntax, message: "not YAML: \(error)", place: .file(source.file))
        }
    }

    private static func syntaxProblem(_ message: String, at mark: Mark, in source: SourceText)
        -> Problem
    {
        let isTab = source.line(mark.line).unicodeScalars.dropFirst(mark.column - 1).first == "\t"
        return Problem(
            code: .syntax,
            message: "not YAML: \(message)",
            place: .source(source.span(line: mark.line, column: mark.column, plainLength: 1)),
            hint: isTab
                ? "indent with spaces"
                : "look at the colon, quotes and indentation here and just above"
        )
    }
}
