import Testing

@testable import Rules

@Suite struct RequiredKindsTests {
    private func kinds(_ text: String) -> ByteKinds {
        let bytes = Constant(Array(text.utf8))
        return withExtendedLifetime(bytes) { ByteKindTable().kinds(of: bytes.view) }
    }

    private func sets(_ expression: String) -> [ByteKinds] {
        RegexSyntax.parse(Array(expression.utf8)).map { RequiredKinds($0.tree).sets } ?? []
    }

    private func holds(_ value: String, _ expression: String) -> Bool {
        sets(expression).allSatisfy(kinds(value).intersects)
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
        #expect(holds(match, expression))
        #expect(!holds(other, expression))
    }

    @Test(arguments: [
        "", ".*", "a|", "[^a]", "a*", "a?", "(?=a)", "(?!a)b?", "a{0,3}", #"(a)?\1"#, "(?(?=a)b|c)",
        "a{,3}", "a{ 0,3}",
    ])
    func `Nothing is required where nothing is sure`(expression: String) {
        #expect(sets(expression).isEmpty, "\(expression)")
    }

    /// Where it depends on the library's version, or on what else is in the expression, less is required.
    @Test(arguments: [
        (#"a\12b"#, "a\nb"), (#"a\101"#, "aA"), (#"(a)\18"#, "a\u{1}8"), (#"[0]\1234"#, "0S4"),
        ("a{,3}", ""), ("a{ 2 }", "aa"), ("(?i)[^[:^upper:]]", "a"), ("(?i)[^[:^lower:]]", "A"),
        ("(?i)[[:upper:]]", "a"),
    ])
    func `What matches holds what is required`(expression: String, match: String) {
        #expect(holds(match, expression))
        let literals = RequiredContent(expression: Array(expression.utf8))?.literals.map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(literals?.contains { match.lowercased().contains($0) } ?? true, "\(literals ?? [])")
    }

    /// Branches multiply what they need; there is an end to it.
    @Test func `What many branches need stays small`() {
        let words = (0..<200 as Range<Int>).map { "\(["ab", "cd", "ef", "gh"][$0 % 4])\($0)=" }
        let many = sets("(?:\(words.joined(separator: "|")))")
        #expect(many == [ByteKinds(of: UInt8(ascii: "="))])
        let few = sets("(?:ab=|cd=|ef=)")
        #expect(few.first == many.first && few.count <= 12)
        #expect(sets("abcdefghijklmnopqrstuvwxyz0123456789").count <= 12)
    }
}
