import Rules

extension ProblemReport {
    /// What the rule engine says about the rule files.
    init(rules files: [String]) {
        var found: [RuleProblem] = []
        if !files.isEmpty {
            do throws(RuleSetError) {
                found = try RuleSet.load(files).warnings
            } catch {
                found = error.problems
            }
        }
        let sources = Set(found.map(\.location.file)).compactMap { try? SourceText.read($0).get() }
        self.init(problems: found.map(Problem.init), sources: sources)
    }
}

extension Problem {
    fileprivate init(_ problem: RuleProblem) {
        self.init(
            severity: problem.level == .error ? .error : .warning,
            code: .rules,
            message: "\(problem.message) (\(problem.code))",
            place: .source(SourceSpan(problem.location)),
            hint: problem.hint.isEmpty ? nil : problem.hint
        )
    }
}

extension SourceSpan {
    fileprivate init(_ location: SourceLocation) {
        self.init(
            file: location.file,
            line: max(1, location.line),
            column: max(1, location.column),
            length: 1
        )
    }
}
