/// Everything that can be said about rule files without a request: mistakes, doubts, costs.
package struct RuleCheck: Sendable {
    /// In reading order within each file.
    package let problems: [RuleProblem]
    package let ruleCount: Int
    package let costs: [RuleCost]

    package var hasErrors: Bool { problems.contains { $0.level == .error } }

    /// Reads the files as `serve` would, and looks closer.
    package init(_ paths: [String]) {
        var compiler = Compiler()
        compiler.read(paths: paths)
        self.init(&compiler)
    }

    /// The same for the bytes of one file called `name`.
    package init(bytes: [UInt8], name: String) {
        var compiler = Compiler()
        compiler.read(SourceFile(name: name, bytes: bytes))
        self.init(&compiler)
    }

    private init(_ compiler: inout Compiler) {
        compiler.explainUnmatched()
        var assembler = Assembler(compiler, [])
        assembler.assemble()
        var linter = RuleLinter(compiler, problems: assembler.problems)
        linter.run()
        ruleCount = assembler.ruleCount
        costs = linter.costs
        problems = RuleCheck.ordered(linter.problems.problems)
    }

    /// By file in the order of their first problems, then by line and column.
    private static func ordered(_ problems: [RuleProblem]) -> [RuleProblem] {
        var ranks: [String: Int] = [:]
        for problem in problems where ranks[problem.location.file] == nil {
            ranks[problem.location.file] = ranks.count
        }
        return problems.enumerated().sorted { left, right in
            let (first, second) = (left.element.location, right.element.location)
            let keys = (ranks[first.file] ?? 0, first.line, first.column, left.offset)
            return keys < (ranks[second.file] ?? 0, second.line, second.column, right.offset)
        }
        .map(\.element)
    }
}

/// What a rule costs, as far as its text tells.
package struct RuleCost: Sendable {
    package let id: Int
    package let location: SourceLocation
    package let operatorName: String
    /// Literals one of which a matching value holds; 0 if the rule is tried on every value.
    package let literalCount: Int
    /// Whether the expression became machine code; true where there is none.
    package let isJIT: Bool
    /// Why matching may take more than linear time; empty if it cannot.
    package let backtracking: String
}
