/// Makes regular expressions of every kind of syntax, each with a text that most likely matches: PCRE2 has the last
/// word. Few bytes are used, so that what is demanded without reason is missed.
struct ExpressionMaker {
    /// A part of an expression and what it matches.
    struct Part {
        var text: [UInt8]
        var sample: [UInt8]

        init(_ text: String, _ sample: String) {
            self.text = Array(text.utf8)
            self.sample = Array(sample.utf8)
        }

        init(_ text: String, bytes sample: [UInt8]) {
            self.init(bytes: Array(text.utf8), sample)
        }

        init(bytes text: [UInt8], _ sample: [UInt8]) {
            self.text = text
            self.sample = sample
        }

        func enclosed(_ opening: String, _ closing: String = ")") -> Part {
            Part(bytes: Array(opening.utf8) + text + Array(closing.utf8), sample)
        }
    }

    private static let depthLimit = 4

    var choices: Choices
    /// What the groups so far match.
    private var groups: [[UInt8]] = []

    init(_ choices: Choices) { self.choices = choices }

    /// A whole expression.
    mutating func expression() -> Part {
        groups = []
        return alternatives(depth: 0)
    }

    private mutating func alternatives(depth: Int) -> Part {
        var branches = [sequence(depth: depth)]
        while branches.count < 9, choices.below(4) == 1 { branches.append(sequence(depth: depth)) }
        return Part(
            bytes: Array(branches.map(\.text).joined(separator: Array("|".utf8))),
            choices.one(of: branches).sample
        )
    }

    private mutating func sequence(depth: Int) -> Part {
        var whole = Part("", "")
        for _ in 0..<1 + choices.below(4) {
            let part = quantified(atom(depth: depth))
            whole.text += part.text
            whole.sample += part.sample
        }
        return whole
    }

    private mutating func quantified(_ part: Part) -> Part {
        guard choices.below(3) == 1, !part.text.isEmpty else { return part }
        let (text, counts) = choices.one(of: [
            ("*", 0...2), ("+", 1...3), ("?", 0...1), ("{2}", 2...2), ("{1,}", 1...2),
            ("{0,2}", 0...2), ("{,2}", 0...2), ("{0}", 0...0), ("{ 1 }", 1...1), ("{2}{0}", 0...0),
            ("{5}", 5...5), ("{2,1}", 1...1), ("{}", 1...1), ("{1,2}{2}", 2...4),
        ])
        let mark = choices.one(of: ["", "", "", "?", "+"])
        let count = counts.lowerBound + choices.below(counts.count)
        let sample = [[UInt8]](repeating: part.sample, count: count).joined()
        return Part(bytes: part.text + Array((text + mark).utf8), Array(sample))
    }

    private mutating func atom(depth: Int) -> Part {
        switch choices.below(depth < ExpressionMaker.depthLimit ? 12 : 7) {
        case 0, 1: choices.one(of: ExpressionMaker.bytes)
        case 2: choices.one(of: ExpressionMaker.classes)
        case 3: choices.one(of: ExpressionMaker.escapes)
        case 4: choices.one(of: ExpressionMaker.marks)
        case 5: reference()
        case 6: choices.one(of: ExpressionMaker.bytes)
        case 7, 8, 9: group(depth: depth)
        case 10: lookAround(depth: depth)
        default: condition(depth: depth)
        }
    }

    private mutating func group(depth: Int) -> Part {
        let opening = choices.one(of: [
            "(", "(", "(?:", "(?:", "(?>", "(?i:", "(?-i:", "(?s:", "(?-s:", "(?m:", "(?x:", "(?|",
            "(?i-s:", "(?^:", "(?U:",
        ])
        let isCapturing = opening == "("
        let place = groups.count
        if isCapturing { groups.append([]) }
        let content = alternatives(depth: depth + 1)
        if isCapturing { groups[place] = content.sample }
        let name = choices.one(of: ["(", "(", "(?<n\(place)>", "(?P<n\(place)>", "(?'n\(place)'"])
        return content.enclosed(isCapturing ? name : opening)
    }

    private mutating func lookAround(depth: Int) -> Part {
        let opening = choices.one(of: ["(?=", "(?!", "(?<=", "(?<!", "(?*", "(*pla:"])
        let content = alternatives(depth: depth + 1).enclosed(opening)
        return Part(bytes: content.text, [])
    }

    private mutating func condition(depth: Int) -> Part {
        let opening = choices.one(of: ["(?(?=a)", "(?(1)", "(?(?!a)", "(?(DEFINE)", "(?(R)"])
        let first = sequence(depth: depth + 1)
        if choices.below(2) == 0 { return first.enclosed(opening) }
        let second = sequence(depth: depth + 1)
        let both = first.text + Array("|".utf8) + second.text
        let sample = choices.below(2) == 0 ? first.sample : second.sample
        return Part(bytes: both, sample).enclosed(opening)
    }

    /// A reference to a group; a number that no group has is an octal one.
    private mutating func reference() -> Part {
        let number = 1 + choices.below(max(groups.count, 1))
        let sample = number <= groups.count ? groups[number - 1] : []
        let referred = [
            "\\\(number)", "\\g\(number)", "\\g{-1}", "(?\(number))", "(?P=n0)", "\\k<n0>",
            "(?&n0)",
        ]
        let place = choices.below(referred.count + 4)
        if place < referred.count { return Part(referred[place], bytes: sample) }
        return choices.one(of: [
            Part("\\12", "\n"), Part("\\101", "A"), Part("\\18", "\u{1}8"),
            Part("\\377", bytes: [0xFF]),
            Part("\\81", "81"), Part("(?R)", ""),
        ])
    }
}

extension ExpressionMaker {
    /// Bytes that stand for themselves.
    fileprivate static let bytes: [Part] =
        "abcAkSZ01-_:;,/='<>&!@~ \"`]}{".map { Part("\($0)", "\($0)") }
        + "()[*+?.\\|^$".map { Part("\\\($0)", "\($0)") }
        + [
            Part(bytes: [0x80], [0x80]), Part(bytes: [0xE9], [0xE9]), Part(bytes: [0x7F], [0x7F]),
            Part(bytes: [0x01], [0x01]),
        ]

    fileprivate static let classes: [Part] = [
        Part("[ab]", "b"), Part("[a-c]", "C"), Part("[a-c]", "c"), Part("[^a]", "b"),
        Part("[^a-zA-Z]", "1"), Part("[]a]", "]"), Part("[^]a]", "b"), Part("[a-]", "-"),
        Part("[-a]", "-"), Part("[\\w-]", "-"), Part("[\\d-z]", "-"), Part("[\\w--/]", "."),
        Part("[a\\]b]", "]"), Part("[[:upper:]]", "a"), Part("[[:upper:]]", "A"),
        Part("[[:^upper:]]", "a"), Part("[^[:^upper:]]", "A"), Part("[^[:^lower:]]", "a"),
        Part("[[:punct:]]", "("), Part("[[:xdigit:]_]", "f"), Part("[[:ascii:]]", "a"),
        Part("[^\\s\\S]", "a"), Part("[\\s\\S]", "a"), Part("[\\x41-\\x43]", "B"),
        Part("[\\101-\\103]", "B"), Part("[\\Qa]\\E]", "a"), Part("[a\\E-c]", "b"),
        Part("[\\b]", "\u{8}"), Part("[\\h\\v]", bytes: [0xA0]), Part("[\\N]", "a"),
        Part("[K]", "k"),
        Part("[\\0-\\x1f]", "\u{3}"), Part("[^\\x00-\\x7f]", bytes: [0xC3]), Part("[[a]", "["),
        Part("[a[:digit:]-c]", "-"), Part("[$-&]", "%"), Part("[ -~]", "a"), Part("[a b]", " "),
        Part("[\\e\\a\\f]", "\u{1B}"), Part("[\\cA]", "\u{1}"), Part("[\\o{101}]", "A"),
    ]

    fileprivate static let escapes: [Part] = [
        Part("\\d", "1"), Part("\\D", "a"), Part("\\w", "_"), Part("\\W", "("),
        Part("\\s", "\u{B}"),
        Part("\\S", "a"), Part("\\h", "\t"), Part("\\H", "a"), Part("\\v", bytes: [0x85]),
        Part("\\V", "a"),
        Part("\\N", "a"), Part("\\R", "\r\n"), Part("\\x28", "("), Part("\\x{41}", "A"),
        Part("\\x", "\u{0}"), Part("\\xa", "\n"), Part("\\0", "\u{0}"), Part("\\012", "\n"),
        Part("\\08", "\u{0}8"), Part("\\e", "\u{1B}"), Part("\\a", "\u{7}"), Part("\\f", "\u{C}"),
        Part("\\n", "\n"), Part("\\t", "\t"), Part("\\cA", "\u{1}"), Part("\\c[", "\u{1B}"),
        Part("\\o{50}", "("), Part("\\-", "-"), Part("\\<", "<"), Part("\\ ", " "),
        Part("\\#", "#"), Part("\\X", "a"), Part("\\C", "a"), Part(".", "a"), Part(".", "\n"),
        Part("\\Qa(*\\E", "a(*"), Part("\\Qb", "b"), Part("\\E", ""), Part("\\Q\\E", ""),
    ]

    /// What takes no room, and what changes the meaning of the rest.
    fileprivate static let marks: [Part] = [
        Part("^", ""), Part("$", ""), Part("\\b", ""), Part("\\B", ""), Part("\\A", ""),
        Part("\\z", ""), Part("\\Z", ""), Part("\\G", ""), Part("\\K", ""), Part("(?i)", ""),
        Part("(?i)", ""), Part("(?-i)", ""), Part("(?x)", ""), Part("(?x) #a\n", ""),
        Part("(?xx)", ""), Part("(?s)", ""), Part("(?-s)", ""), Part("(?m)", ""), Part("(?U)", ""),
        Part("(?n)", ""), Part("(?J)", ""), Part("(?^)", ""), Part("(?)", ""), Part("()", ""),
        Part("(?#a)", ""), Part("(?C)", ""), Part("(*ACCEPT)", ""), Part("(*SKIP)", ""),
        Part("(*CRLF)", ""), Part("(?:)", ""), Part("[[:<:]]", ""),
    ]
}
