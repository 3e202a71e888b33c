/// Reads the syntax of PCRE that rules use: DOTALL and DOLLAR_ENDONLY, bytes.
struct RegexParser {
    private struct Flags {
        var ignoresCase = false
        var dotMatchesAll = true
    }

    private static let depthLimit = 200
    private static let repeatLimit = 65_535

    private let text: [UInt8]
    private var index = 0
    private var flags = Flags()
    /// False once something was read that matches less than the tree says.
    private(set) var isExact = true

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { index == text.count }

    private func at(_ position: Int) -> UInt8? { position < text.count ? text[position] : nil }

    private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard at(index) == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    mutating func alternatives(depth: Int) -> RegexSyntax? {
        guard depth < RegexParser.depthLimit else { return nil }
        var branches: [RegexSyntax] = []
        repeat {
            guard let branch = sequence(depth: depth) else { return nil }
            branches.append(branch)
        } while skip("|")
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) -> RegexSyntax? {
        var items: [RegexSyntax] = []
        while let byte = at(index), byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let item = atom(depth: depth), let repeated = quantified(item) else { return nil }
            items.append(repeated)
        }
        return .sequence(items)
    }

    private mutating func atom(depth: Int) -> RegexSyntax? {
        guard let byte = at(index) else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "("): return group(depth: depth)
        case UInt8(ascii: "["): return byteClass().map { .bytes($0) }
        case UInt8(ascii: "."):
            return .bytes(flags.dotMatchesAll ? .all : ByteMask.lineFeed.inverted)
        case UInt8(ascii: "^"): return .assertion(.start)
        case UInt8(ascii: "$"): return .assertion(.end)
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
        default: return literal(byte)
        }
    }

    private func literal(_ byte: UInt8) -> RegexSyntax {
        var mask = ByteMask()
        mask.insert(byte)
        return .bytes(flags.ignoresCase ? mask.ignoringCase : mask)
    }

    // MARK: Groups

    private mutating func group(depth: Int) -> RegexSyntax? {
        if at(index) == UInt8(ascii: "*") { return nil }
        let outer = flags
        var isAssertion = false
        if skip("?") {
            guard let kind = at(index) else { return nil }
            switch kind {
            case UInt8(ascii: ":"), UInt8(ascii: "|"): index += 1
            case UInt8(ascii: ">"):
                index += 1
                isExact = false
            case UInt8(ascii: "="), UInt8(ascii: "!"):
                index += 1
                isAssertion = true
            case UInt8(ascii: "<"), UInt8(ascii: "P"), UInt8(ascii: "'"):
                guard let isLookBehind = lookBehindOrName() else { return nil }
                isAssertion = isLookBehind
            default:
                guard let isWholeRest = readFlags() else { return nil }
                if isWholeRest { return .sequence([]) }
            }
        }
        guard let content = alternatives(depth: depth + 1), skip(")") else { return nil }
        flags = outer
        if isAssertion { isExact = false }
        return isAssertion ? .assertion(.other) : content
    }

    /// `<=`, `<!`, or the name of a group; whether it is a look-behind.
    private mutating func lookBehindOrName() -> Bool? {
        if let next = at(index + 1), next == UInt8(ascii: "=") || next == UInt8(ascii: "!") {
            guard at(index) == UInt8(ascii: "<") else { return nil }
            index += 2
            return true
        }
        _ = skip("P")
        let closing = at(index) == UInt8(ascii: "'") ? UInt8(ascii: "'") : UInt8(ascii: ">")
        guard skip("<") || skip("'") else { return nil }
        let start = index
        while let byte = at(index), byte.isWordByte { index += 1 }
        guard index > start, at(index) == closing else { return nil }
        index += 1
        return false
    }

    /// Flags in a group: true for `(?i)`, which holds to the end of the group around it, false for `(?i:`.
    /// Extended mode changes the syntax and is not understood.
    private mutating func readFlags() -> Bool? {
        var isOn = true
        while let byte = at(index) {
            index += 1
            switch byte {
            case UInt8(ascii: "i"): flags.ignoresCase = isOn
            case UInt8(ascii: "s"): flags.dotMatchesAll = isOn
            case UInt8(ascii: "m"): isExact = false
            case UInt8(ascii: "-"): isOn = false
            case UInt8(ascii: ")"): return true
            case UInt8(ascii: ":"): return false
            default: return nil
            }
        }
        return nil
    }

    // MARK: Repeats

    private mutating func quantified(_ item: RegexSyntax) -> RegexSyntax? {
        var result = item
        while let byte = at(index) {
            switch byte {
            case UInt8(ascii: "*"): result = .repeated(result, minimum: 0, maximum: nil)
            case UInt8(ascii: "?"): result = .repeated(result, minimum: 0, maximum: 1)
            case UInt8(ascii: "+"): result = .repeated(result, minimum: 1, maximum: nil)
            case UInt8(ascii: "{"):
                guard let (minimum, maximum, end) = countedRepeat() else {
                    return isDisputedRepeat ? nil : result
                }
                result = .repeated(result, minimum: minimum, maximum: maximum)
                index = end
            default: return result
            }
            index += 1
            // A lazy mark changes how, a possessive one whether, the rest can match.
            if skip("+") { isExact = false } else { _ = skip("?") }
        }
        return result
    }

    /// The bounds of `{n}`, `{n,}` or `{n,m}` and where its brace closes; nil if the brace is a literal.
    private func countedRepeat() -> (Int, Int?, Int)? {
        var position = index + 1
        guard let minimum = number(at: &position) else { return nil }
        var maximum: Int? = minimum
        if at(position) == UInt8(ascii: ",") {
            position += 1
            maximum = number(at: &position)
        }
        guard at(position) == UInt8(ascii: "}"), (maximum ?? minimum) >= minimum else { return nil }
        return (minimum, maximum, position)
    }

    /// Whether the brace begins what newer versions of the library repeat by, and older ones match as it stands: `{,3}`
    /// or `{ 3 }`.
    private var isDisputedRepeat: Bool {
        let content = text[(index + 1)...].prefix {
            $0.isDigit || $0 == 0x2C || $0 == 0x20 || $0 == 0x09
        }
        return content.contains(where: \.isDigit) && at(content.endIndex) == UInt8(ascii: "}")
    }

    private func number(at position: inout Int) -> Int? {
        var number: Int?
        while let digit = at(position)?.decimalDigit, number ?? 0 <= RegexParser.repeatLimit {
            number = (number ?? 0) * 10 + digit
            position += 1
        }
        return number
    }

    // MARK: Escapes

    private mutating func escape() -> RegexSyntax? {
        guard let byte = at(index) else { return nil }
        if let mask = RegexParser.escapedClass(byte) {
            index += 1
            return .bytes(mask)
        }
        switch byte {
        case UInt8(ascii: "b"): return assertion(.wordBoundary)
        case UInt8(ascii: "B"): return assertion(.insideWord)
        case UInt8(ascii: "A"): return assertion(.start)
        case UInt8(ascii: "z"): return assertion(.end)
        case UInt8(ascii: "Z"), UInt8(ascii: "G"):
            isExact = false
            return assertion(.other)
        case UInt8(ascii: "R"):
            index += 1
            isExact = false
            return .anything
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            // A group's number, or an octal one: that depends on how many groups there are.
            while at(index)?.isDigit == true { index += 1 }
            isExact = false
            return .anything
        default: return escapedByte().map(literal)
        }
    }

    private mutating func assertion(_ kind: RegexSyntax.Assertion) -> RegexSyntax {
        index += 1
        return .assertion(kind)
    }

    private static func escapedClass(_ letter: UInt8) -> ByteMask? {
        switch letter {
        case UInt8(ascii: "d"): .digit
        case UInt8(ascii: "D"): ByteMask.digit.inverted
        case UInt8(ascii: "w"): .word
        case UInt8(ascii: "W"): ByteMask.word.inverted
        case UInt8(ascii: "s"): .space
        case UInt8(ascii: "S"): ByteMask.space.inverted
        case UInt8(ascii: "h"): .horizontalSpace
        case UInt8(ascii: "H"): ByteMask.horizontalSpace.inverted
        case UInt8(ascii: "v"): .verticalSpace
        case UInt8(ascii: "V"): ByteMask.verticalSpace.inverted
        case UInt8(ascii: "N"): ByteMask.lineFeed.inverted
        default: nil
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
        let isBraced = skip("{")
        var value: UInt32 = 0
        var digits = 0
        while digits < (isBraced ? 6 : 2), let digit = at(index)?.hexDigit {
            value = value << 4 | UInt32(digit)
            index += 1
            digits += 1
        }
        if isBraced, !skip("}") { return nil }
        return UInt8(exactly: value)
    }

    // MARK: Classes

    /// One member of a bracketed class.
    private enum Member {
        case byte(UInt8)
        case mask(ByteMask)
    }

    /// A bracketed class, from behind its bracket.
    private mutating func byteClass() -> ByteMask? {
        let isNegated = skip("^")
        var mask = ByteMask()
        var isFirst = true
        while let byte = at(index), isFirst || byte != UInt8(ascii: "]") {
            isFirst = false
            guard let member = classMember() else { return nil }
            switch member {
            case .mask(let members): mask.formUnion(members)
            case .byte(let lower):
                guard at(index) == UInt8(ascii: "-"), let next = at(index + 1),
                    next != UInt8(ascii: "]")
                else {
                    mask.insert(lower)
                    continue
                }
                index += 1
                guard case .byte(let upper)? = classMember(), lower <= upper else { return nil }
                for byte in lower...upper { mask.insert(byte) }
            }
        }
        guard skip("]") else { return nil }
        if flags.ignoresCase { mask = mask.ignoringCase }
        return isNegated ? mask.inverted : mask
    }

    private mutating func classMember() -> Member? {
        guard let byte = at(index) else { return nil }
        if byte == UInt8(ascii: "["), at(index + 1) == UInt8(ascii: ":") { return posixClass() }
        index += 1
        guard byte == UInt8(ascii: "\\") else { return .byte(byte) }
        guard let escaped = at(index) else { return nil }
        if let mask = RegexParser.escapedClass(escaped) {
            index += 1
            return .mask(mask)
        }
        switch escaped {
        case UInt8(ascii: "b"):
            index += 1
            return .byte(0x08)
        case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "Q"), UInt8(ascii: "E"): return nil
        default: return escapedByte().map { .byte($0) }
        }
    }

    private mutating func posixClass() -> Member? {
        var end = index + 2
        let isNegated = at(end) == UInt8(ascii: "^")
        if isNegated { end += 1 }
        let start = end
        while let byte = at(end), byte.isLetter { end += 1 }
        let name = String(decoding: text[start..<end], as: UTF8.self)
        // Where case does not count, either case stands for all letters.
        let isCase = name == "upper" || name == "lower"
        guard at(end) == UInt8(ascii: ":"), at(end + 1) == UInt8(ascii: "]"),
            let mask = ByteMask.posix(isCase && flags.ignoresCase ? "alpha" : name)
        else { return nil }
        index = end + 2
        return .mask(isNegated ? mask.inverted : mask)
    }
}
