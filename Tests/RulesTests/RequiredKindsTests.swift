import Testing

@testable import Rules

@Suite struct RequiredKindsTests {
    private func kinds(_ text: String) -> ByteKinds {
        let bytes = Constant(Array(text.utf8))
        return withExtendedLifetime(bytes) { ByteKindTable().kinds(of: bytes.view) }
    }

    @Test(arguments: [
        (#"\b(?:abs|cos)\s*\("#, "cos(", "abs cos"), ("(?i)j(?:a|&#97;)v", "JAV", "ja"),
        ("(?i)j(?:a|&#97;)v", "j&#97;v", "jv&#"), ("a+b", "ab", "a"),
        ("(?:x=1|y=2)", "y=2", "x1y2"),
        ("(?:ab){2}c", "ababc", "abab"),
    ])
    func `What a match must hold, all of it, closes what holds less`(
        expression: String,
        match: String,
        other: String
    ) {
        let required = RequiredKinds(expression: Array(expression.utf8))
        #expect(required.areMet(by: kinds(match)))
        #expect(!required.areMet(by: kinds(other)))
    }

    @Test(arguments: [
        "", ".*", "a|", "[^a]", "a*", "a?", "(?=a)", "(?!a)b?", "a{0,3}", #"(a)?\1"#, "(?(?=a)b|c)",
        "a{,3}", "a{ 0,3}",
    ])
    func `Nothing is required where nothing is sure`(expression: String) {
        let required = RequiredKinds(expression: Array(expression.utf8))
        #expect(required.areMet(by: kinds("")), "\(expression)")
    }

    /// Where it depends on the library's version, or on what else is in the expression, less is required.
    @Test(arguments: [
        (#"a\12b"#, "a\nb"), (#"a\101"#, "aA"), (#"(a)\18"#, "a\u{1}8"), (#"[0]\1234"#, "0S4"),
        ("a{,3}", ""), ("a{ 2 }", "aa"), ("(?i)[^[:^upper:]]", "a"), ("(?i)[^[:^lower:]]", "A"),
        ("(?i)[[:upper:]]", "a"),
    ])
    func `What matches holds what is required`(expression: String, match: String) {
        let bytes = Array(expression.utf8)
        #expect(RequiredKinds(expression: bytes).areMet(by: kinds(match)))
        let literals = RequiredLiterals(expression: bytes)?.literals.map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(literals?.contains { match.lowercased().contains($0) } ?? true, "\(literals ?? [])")
    }

    /// Branches multiply what they need; there is an end to it.
    @Test func `What many branches need stays small`() {
        let words = (0..<200 as Range<Int>).map { "\(["ab", "cd", "ef", "gh"][$0 % 4])\($0)=" }
        let required = RequiredKinds(expression: Array("(?:\(words.joined(separator: "|")))".utf8))
        #expect(required.sets == [ByteKinds(of: UInt8(ascii: "="))])
        let few = RequiredKinds(expression: Array("(?:ab=|cd=|ef=)".utf8))
        #expect(few.sets.first == required.sets.first && few.sets.count <= 12)
        let long = RequiredKinds(expression: Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8))
        #expect(long.sets.count <= 12)
    }
}
