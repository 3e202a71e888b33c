/// `@rx` with a macro: the expression is known only when the rule runs. Expressions made so far are kept per worker.
///
///     SecRule ARGS:token "!@rx ^%{tx.expected}$" "id:1,phase:2,deny"
final class ExpandedRegexMatch: Operator {
    private let expression: Macro

    init(_ expression: Macro) { self.expression = expression }

    /// An expression that does not compile matches nothing.
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        let text = evaluation.expand(expression).array
        guard let pattern = evaluation.workspace.patterns.pattern(text),
            evaluation.search(pattern, input)
        else { return false }
        if evaluation.isCapturing { evaluation.captureGroups(of: input) }
        return true
    }

    /// Whether a parameter holds a macro and not just a percent sign that a brace follows.
    static func isNeeded(_ parameter: SourceText) -> Bool {
        var index = 0
        while let byte = parameter.at(index) {
            if byte == 0x25, parameter.at(index + 1) == 0x7B {
                let rest = parameter.suffix(from: index + 2).bytes
                let name = rest.prefix { $0.isWordByte }
                if Variable.named(String(decoding: name, as: UTF8.self)) != nil { return true }
            }
            index += 1
        }
        return false
    }
}

/// Expressions compiled at run time. Belongs to one worker.
final class PatternCache {
    private static let limit = 128

    private var patterns: [[UInt8]: Pattern?] = [:]

    /// Nil if the expression does not compile.
    func pattern(_ expression: [UInt8]) -> Pattern? {
        if let known = patterns[expression] { return known }
        if patterns.count >= PatternCache.limit { patterns.removeAll() }
        let made = try? Pattern(expression)
        patterns[expression] = .some(made)
        return made
    }
}
