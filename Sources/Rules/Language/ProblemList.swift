/// Collects what is wrong with the rules, so that one run reports all of it.
struct ProblemList {
    private(set) var problems: [RuleProblem] = []

    var hasErrors: Bool { problems.contains { $0.level == .error } }

    mutating func error(
        _ code: String,
        _ message: String,
        at text: SourceText,
        offset: Int = 0,
        hint: String = ""
    ) {
        add(.error, code, message, at: text, offset: offset, hint: hint)
    }

    mutating func warning(
        _ code: String,
        _ message: String,
        at text: SourceText,
        offset: Int = 0,
        hint: String = ""
    ) {
        add(.warning, code, message, at: text, offset: offset, hint: hint)
    }

    /// Replaces what to do about a problem.
    mutating func setHint(_ hint: String, of index: Int) {
        guard problems.indices.contains(index) else { return }
        problems[index] = problems[index].with(hint: hint)
    }

    /// A problem without a line, such as a file that cannot be read.
    mutating func error(_ code: String, _ message: String, file: String) {
        let location = SourceLocation(file: file, line: 1, column: 1)
        problems.append(
            RuleProblem(
                level: .error,
                code: code,
                message: message,
                hint: "",
                location: location,
                sourceLine: ""
            )
        )
    }

    private mutating func add(
        _ level: RuleProblem.Level,
        _ code: String,
        _ message: String,
        at text: SourceText,
        offset: Int,
        hint: String
    ) {
        let location = text.location(offset)
        problems.append(
            RuleProblem(
                level: level,
                code: code,
                message: message,
                hint: hint,
                location: location,
                sourceLine: text.file.line(location.line)
            )
        )
    }
}
