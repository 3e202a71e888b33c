import Testing

/// The tidy tests read code with these; if they were wrong, the others would pass in silence.
@Suite struct SwiftTextTests {
    @Test(arguments: [
        ("let a = 1 // try!", "let a = 1        "),
        ("a /* b /* c */ d */ e", "a                   e"),
        (#"f("as! \(g("x")) }") {"#, "f(" + Self.blank(17) + ") {"),
        (##"f(#"say "try!" \#(x) "#)"##, "f(" + Self.blank(21) + ")"),
        ("let `a \"b {` = 1", "let `xxxxxx` = 1"),
        ("\"\"\"\n}\n\"\"\" + b", "   \n \n    + b"),
    ])
    func `Comments and strings are blanked, code stays in its columns`(
        source: String,
        expected: String
    ) {
        #expect(SwiftText(source).code == expected)
    }

    @Test(arguments: [
        ("func a() {\n}\n", [FunctionSpan(line: 1, lineCount: 2)]),
        ("protocol P {\n  func a()\n  func b() -> Int\n}", []),
        ("var a: Int {\n  1\n}\nvar b = c {\n  2\n}", [FunctionSpan(line: 1, lineCount: 3)]),
        ("init(a: () -> Void = {}) {\n  self.init()\n}", [FunctionSpan(line: 1, lineCount: 3)]),
        (
            "func a() {\n  func b() {\n  }\n}",
            [FunctionSpan(line: 1, lineCount: 4), FunctionSpan(line: 2, lineCount: 2)]
        ),
    ])
    func `A function's body is found and counted`(source: String, expected: [FunctionSpan]) {
        #expect(FunctionSpan.all(in: source) == expected)
    }

    private static func blank(_ count: Int) -> String { String(repeating: " ", count: count) }

    @Test func `The tree is found`() {
        #expect(Tree.swift.contains { $0.path == "Tests/TidyTests/SwiftTextTests.swift" })
        #expect(Tree.code.contains { $0.path == "scripts/test" })
    }
}
