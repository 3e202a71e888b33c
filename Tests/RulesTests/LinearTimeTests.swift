import Testing

@testable import Rules

/// No expression of the Core Rule Set can be made to work more than in proportion to the length of a value.
@Suite struct LinearTimeTests {
    private static func outcome(_ expression: String, _ value: [UInt8]) throws -> Bool {
        let program = try #require(LinearProgram(Array(expression.utf8)))
        var budget = TimeBudget(milliseconds: 60_000)
        let scanner = LinearScanner(program)
        let found = value.withView { scanner.search($0, &budget) }
        if case .match = found { return true }
        return false
    }

    @Test(arguments: [
        (#"(?i)union\s+select"#, "x UNION \t select y", true), ("^a+$", "aaa\n", false),
        (#"\bon\w+="#, "x onload=", true), (#"\bon\w+="#, "xonload=", false),
        ("a{2,3}b", "ab", false),
        ("a{2,3}b", "aaaab", true), ("[^a-c]d", "cd", false), ("(?:ab|a)(?:bcd|c)$", "abcd", true),
        ("x.y", "x\ny", true), ("(?-s)x.y", "x\ny", false), (#"\Bb"#, "ab", true), ("", "", true),
        (#"^\s*$"#, "  \t", true), (#"a\z"#, "a\n", false), ("[[:alpha:]]+[0-9]", "--a1", true),
    ])
    func `The automaton answers like PCRE2`(expression: String, value: String, isMatch: Bool) throws {
        let bytes = Array(value.utf8)
        #expect(try Self.outcome(expression, bytes) == isMatch)
        let pattern = try Pattern(Array(expression.utf8))
        let matcher = Matcher(matchLimit: 100_000)
        let outcome = bytes.withView { pattern.search($0, starts: 0..<bytes.count, matcher) }
        #expect((outcome == .match) == isMatch)
    }

    @Test(arguments: [#"(a)\1"#, "a(?=b)", "(?>a)b", "a++b", "(?m)^a"])
    func `What no automaton can stand for is left to PCRE2`(expression: String) {
        #expect(LinearProgram(Array(expression.utf8)) == nil)
    }

    @Test func `An expression that takes the place of another in memory is searched as itself`()
        throws
    {
        let matcher = Matcher(matchLimit: 100_000)
        for number in 0..<100 {
            let pattern = try Pattern(Array("(?:a|aa)+b\(number)".utf8))
            let value = Array((String(repeating: "a", count: 300) + " ab\(number)").utf8)
            var budget = TimeBudget(milliseconds: 60_000)
            let outcome = value.withView { matcher.search(pattern, $0, &budget) }
            #expect(outcome == .match, "\(number)")
        }
    }

    /// Values that make backtracking engines suffer.
    private static let hostile: [String] = [
        "<", "select ", "\"", "'", "\\", "a=", "/*", "${", "(", "x y ", "on", ";a|",
    ]

    @Test(
        .enabled(
            if: ConformanceData.isPresent,
            "the public rule set (../shared/waf) is not on this machine"
        )
    )
    func `Long values cost every expression of the Core Rule Set one step per byte`() throws {
        let rules = try CoreRuleSetTests.loaded.get()
        let patterns = rules.tables.tests.compactMap { ($0 as? RegexMatch)?.pattern }
        #expect(patterns.count > 300)
        let values = Self.hostile.map {
            Array(String(repeating: $0, count: 65_536 / $0.utf8.count).utf8)
        }
        for (number, pattern) in patterns.enumerated() {
            let text = String(decoding: pattern.expression, as: UTF8.self)
            let program = try #require(LinearProgram(pattern.expression), "\(text)")
            var budget = TimeBudget(milliseconds: 60_000)
            let scanner = LinearScanner(program)
            // Every expression meets two of the values, and the whole set meets each of them many times.
            for offset in [0, 5] {
                let value = values[(number + offset) % values.count]
                let outcome = value.withView { scanner.search($0, &budget) }
                #expect(outcome != .limitReached, "\(text)")
            }
            // States that were never seen are what costs: there are few, however long the value is.
            #expect(scanner.madeCount < 3_000, "\(text)")
        }
    }
}
