@testable import Rules

private let kindTable = ByteKindTable()
private let expressionBytesLimit = 400

/// An expression up to the first NUL, a value behind it: automaton and PCRE2 agree, and what matches holds what the
/// expression requires.
func checkRegex(_ input: [UInt8]) throws(RuleViolation) {
    let split = input.firstIndex(of: 0) ?? input.count
    let expression = Array(input.prefix(min(split, 200)))
    let value = Array(input.dropFirst(split + 1).prefix(2_000))
    guard let pattern = try? Pattern(expression) else { return }
    try check(pattern, [value])
}

/// The same of an expression that the input makes up, and of values that most likely match it.
func checkExpression(_ input: [UInt8]) throws(RuleViolation) {
    var maker = ExpressionMaker(Choices(input))
    let made = maker.expression()
    guard made.text.count < expressionBytesLimit, made.sample.count < expressionBytesLimit,
        let pattern = try? Pattern(made.text)
    else { return }
    let other = made.sample.map { $0.isLetter ? $0 ^ 0x20 : $0 }
    let longer = Array("x ".utf8) + made.sample + Array(" 9".utf8)
    try check(pattern, [made.sample, other, longer, [], Array(made.sample.dropLast())])
}

private func check(_ pattern: Pattern, _ values: [[UInt8]]) throws(RuleViolation) {
    let required = RequiredContent(expression: pattern.expression)
    let scanner = LinearProgram(pattern.expression).map(LinearScanner.init)
    let matcher = Matcher(matchLimit: 20_000)
    for value in values {
        let outcome = value.withView { pattern.search($0, starts: 0..<value.count, matcher) }
        if outcome == .limitReached { continue }
        func told(_ problem: String) -> String {
            "\(problem): '\(String(decoding: pattern.expression, as: UTF8.self))' in \(value)"
        }
        if outcome == .match {
            try require(holds(value, required?.literals), told("a match without its literals"))
            let held = value.withView { kindTable.kinds(of: $0) }
            try require(
                required?.kinds.sets.allSatisfy(held.intersects) ?? true,
                told("a match without its kinds")
            )
        }
        guard let scanner else { continue }
        var budget = TimeBudget(milliseconds: 60_000)
        let found = value.withView { scanner.search($0, &budget) }
        var isMatch = false
        if case .match = found { isMatch = true }
        try require(
            isMatch == (outcome == .match),
            told("PCRE2 \(outcome), automaton \(found)")
        )
    }
}

private func holds(_ value: [UInt8], _ literals: [[UInt8]]?) -> Bool {
    guard let literals else { return true }
    let folded = value.map(\.foldedCase)
    return folded.withView { text in
        literals.contains { $0.withView { text.firstRange(of: $0) != nil } }
    }
}
