import Testing

@testable import Rules

@Suite struct RequiredLiteralsTests {
    @Test(arguments: [
        (#"union\s+select"#, ["select"]), ("(?i)ABC|def", ["abc", "def"]), ("a?bcd", ["bcd"]),
        ("x(?:ab|cd)y", ["xaby", "xcdy"]),
        ("abc*", ["ab"]), ("(?:foo)+", ["foo"]), (#"\x3cscript"#, ["<script"]),
        ("ab{2}c", ["abbc", "abb"]),
        ("^id_", ["id_"]),
        (#"\bon(?:load|error\w+)="#, ["onerror", "onload"]), (#"a\.b"#, ["a.b"]),
    ])
    func `What a match must hold is found`(expression: String, literals: [String]) throws {
        let found = try #require(RequiredContent(expression: Array(expression.utf8)))
        let texts = Set(found.literals.map { String(decoding: $0, as: UTF8.self) })
        // Longer members are as right as shorter ones: each must contain one of the expected.
        #expect(texts.allSatisfy { text in literals.contains { text.contains($0) } }, "\(texts)")
    }

    @Test(arguments: ["", ".*", "a|", "[^a]", #"\w+"#, "(?x) a b", "(?:)", "a*"])
    func `Nothing is claimed where nothing is sure`(expression: String) {
        #expect(RequiredContent(expression: Array(expression.utf8)) == nil)
    }
}
