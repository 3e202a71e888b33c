/// The syntax tree of a regular expression, as far as literals can be learned from it.
indirect enum RegexSyntax {
    /// The alternatives of one byte, letters in lower case; nil if too many to list.
    case bytes([UInt8]?)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    /// A part that may be missing.
    case optional(RegexSyntax)
    /// A part that occurs at least once.
    case repeated(RegexSyntax)
    /// Something of any length: an assertion, a back-reference.
    case anything

    /// The tree of an expression, or nil for syntax that is not understood; then nothing is known about literals.
    static func parse(_ expression: [UInt8]) -> RegexSyntax? {
        var parser = RegexSyntaxParser(expression)
        guard let tree = parser.alternatives(depth: 0), parser.isAtEnd else { return nil }
        return tree
    }
}

/// Reads the syntax of PCRE that rules use.
struct RegexSyntaxParser {
    private static let listedBytesLimit = 12
    private static let depthLimit = 200
    private let text: [UInt8]
    private var index = 0

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { index == text.count }

    private func at(_ position: Int) -> UInt8? { position < text.count ? text[position] : nil }

    mutating func alternatives(depth: Int) -> RegexSyntax? {
        guard depth < RegexSyntaxParser.depthLimit else { return nil }
        var branches: [RegexSyntax] = []
        while true {
            guard let branch = sequence(depth: depth) else { return nil }
            branches.append(branch)
            guard at(index) == UInt8(ascii: "|") else { break }
            index += 1
        }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) -> RegexSyntax? {
        var items: [RegexSyntax] = []
        while let byte = at(index), byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let item = atom(depth: depth) else { return nil }
            guard let repeated = quantified(item) else { return nil }
            items.append(repeated)
        }
        return .sequence(items)
    }

    private mutating func atom(depth: Int) -> RegexSyntax? {
        guard let byte = at(index) else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "("): return group(depth: depth)
        case UInt8(ascii: "["): return byteClass()
        case UInt8(ascii: "."): return .bytes(nil)
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return .sequence([])
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
        default: return .bytes([byte.foldedCase])
        }
    }

    private mutating func group(depth: Int) -> RegexSyntax? {
        var isAssertion = false
        if at(index) == UInt8(ascii: "*") { return nil }
        if at(index) == UInt8(ascii: "?") {
            index += 1
            guard let kind = at(index) else { return nil }
            switch kind {
            case UInt8(ascii: ":"), UInt8(ascii: ">"), UInt8(ascii: "|"): index += 1
            case UInt8(ascii: "="), UInt8(ascii: "!"):
                index += 1
                isAssertion = true
            case UInt8(ascii: "<"):
                guard let next = at(index + 1),
                    next == UInt8(ascii: "=") || next == UInt8(ascii: "!")
                else {
                    return nil
                }
                index += 2
                isAssertion = true
            default:
                guard let isWholeRest = flags() else { return nil }
                if isWholeRest { return .sequence([]) }
            }
        }
        guard let content = alternatives(depth: depth + 1), at(index) == UInt8(ascii: ")") else {
            return nil
        }
        index += 1
        return isAssertion ? .sequence([]) : content
    }

    /// Flags in a group: true for `(?i)`, false for `(?i:`. Extended mode changes the syntax and is not understood.
    private mutating func flags() -> Bool? {
        while let byte = at(index) {
            index += 1
            switch byte {
            case UInt8(ascii: "i"), UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "-"):
                continue
            case UInt8(ascii: ")"): return true
            case UInt8(ascii: ":"): return false
            default: return nil
            }
        }
        return nil
    }

    private mutating func quantified(_ item: RegexSyntax) -> RegexSyntax? {
        var result = item
        while let byte = at(index) {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "?"): result = .optional(result)
            case UInt8(ascii: "+"): result = .repeated(result)
            case UInt8(ascii: "{"):
                guard let (minimum, end) = countedRepeat() else { return result }
                result = RegexSyntaxParser.repeating(result, minimum)
                index = end
            default: return result
            }
            index += 1
            // A lazy or possessive mark changes how, not whether, the part occurs.
            if let mark = at(index), mark == UInt8(ascii: "?") || mark == UInt8(ascii: "+") {
                index += 1
            }
        }
        return result
    }

    /// At least `minimum` times; the first few copies are written out, so that they can join into longer literals.
    private static func repeating(_ item: RegexSyntax, _ minimum: Int) -> RegexSyntax {
        switch minimum {
        case 0: .optional(item)
        case 1: .repeated(item)
        default:
            .sequence([RegexSyntax](repeating: item, count: min(minimum, 4)) + [.optional(item)])
        }
    }

    /// The minimum of `{n}`, `{n,}` or `{n,m}` and where its brace closes; nil if the brace is a literal.
    private func countedRepeat() -> (Int, Int)? {
        var position = index + 1
        var minimum = 0
        var digits = 0
        while let digit = at(position)?.decimalDigit, digits < 6 {
            minimum = minimum * 10 + digit
            position += 1
            digits += 1
        }
        if digits == 0 { return nil }
        if at(position) == UInt8(ascii: ",") { position += 1 }
        while at(position)?.isDigit == true { position += 1 }
        return at(position) == UInt8(ascii: "}") ? (minimum, position) : nil
    }

    private mutating func escape() -> RegexSyntax? {
        guard let byte = at(index) else { return nil }
        switch byte {
        case UInt8(ascii: "s"):
            index += 1
            return .bytes([0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20])
        case UInt8(ascii: "d"):
            index += 1
            return .bytes(Array(0x30...0x39))
        case UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "S"),
            UInt8(ascii: "h"),
            UInt8(ascii: "H"), UInt8(ascii: "v"), UInt8(ascii: "V"),
            UInt8(ascii: "N"), UInt8(ascii: "R"):
            index += 1
            return byte == UInt8(ascii: "R") ? .anything : .bytes(nil)
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"),
            UInt8(ascii: "Z"),
            UInt8(ascii: "G"):
            index += 1
            return .sequence([])
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            index += 1
            return .anything
        default:
            return escapedByte().map { .bytes([$0.foldedCase]) }
        }
    }

    /// The byte that an escape stands for; `index` is behind the backslash.
    private mutating func escapedByte() -> UInt8? {
        guard let byte = at(index) else { return nil }
        index += 1
        if let control = EscapeSeqDecode.letter(byte), byte != UInt8(ascii: "b"),
            byte != UInt8(ascii: "v")
        {
            return control
        }
        switch byte {
        case UInt8(ascii: "e"): return 0x1B
        case UInt8(ascii: "x"): return hexEscape()
        case UInt8(ascii: "0"):
            var value: UInt8 = 0
            var digits = 0
            while digits < 2, let digit = at(index), digit.isOctalDigit {
                value = value &* 8 &+ (digit &- 0x30)
                index += 1
                digits += 1
            }
            return value
        default: return byte.isLetter || byte.isDigit ? nil : byte
        }
    }

    private mutating func hexEscape() -> UInt8? {
        let isBraced = at(index) == UInt8(ascii: "{")
        if isBraced { index += 1 }
        var value: UInt32 = 0
        var digits = 0
        while digits < (isBraced ? 6 : 2), let digit = at(index)?.hexDigit {
            value = value << 4 | UInt32(digit)
            index += 1
            digits += 1
        }
        if isBraced {
            guard at(index) == UInt8(ascii: "}") else { return nil }
            index += 1
        }
        return UInt8(exactly: value)
    }

    /// A bracketed class, from behind its bracket.
    private mutating func byteClass() -> RegexSyntax? {
        let isNegated = at(index) == UInt8(ascii: "^")
        if isNegated { index += 1 }
        var members: Set<UInt8>? = []
        var isFirst = true
        while let byte = at(index), isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            guard let lower = classMember(&members) else { return nil }
            if let lower, at(index) == UInt8(ascii: "-"), let next = at(index + 1),
                next != UInt8(ascii: "]")
            {
                index += 1
                var none: Set<UInt8>? = []
                guard let upper = classMember(&none) else { return nil }
                guard let upper, lower <= upper else { return nil }
                for byte in lower...upper { members?.insert(byte.foldedCase) }
            } else if let lower {
                members?.insert(lower.foldedCase)
            }
        }
        guard at(index) == UInt8(ascii: "]") else { return nil }
        index += 1
        guard !isNegated, let members, members.count <= RegexSyntaxParser.listedBytesLimit else {
            return .bytes(nil)
        }
        return .bytes(members.sorted())
    }

    /// One member of a class: its byte, or `.some(nil)` for a class escape, which makes the set unlisted.
    private mutating func classMember(_ members: inout Set<UInt8>?) -> UInt8?? {
        guard let byte = at(index) else { return nil }
        if byte == UInt8(ascii: "["), at(index + 1) == UInt8(ascii: ":") { return nil }
        index += 1
        guard byte == UInt8(ascii: "\\") else { return .some(byte) }
        guard let escaped = at(index) else { return nil }
        switch escaped {
        case UInt8(ascii: "s"):
            index += 1
            for space in [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20] as [UInt8] { members?.insert(space) }
            return .some(nil)
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"),
            UInt8(ascii: "S"),
            UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "v"), UInt8(ascii: "V"),
            UInt8(ascii: "N"):
            index += 1
            members = nil
            return .some(nil)
        case UInt8(ascii: "b"):
            index += 1
            return .some(0x08)
        case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "Q"), UInt8(ascii: "E"): return nil
        default: return escapedByte().map { .some($0) }
        }
    }
}
