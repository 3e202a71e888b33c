/// Reads a value as SQL, tolerantly, from one of three places: bare, or inside single or double quotes.
struct SQLTokenizer {
    private static let tokenLimit = 64
    private static let wordBytesLimit = 64
    /// The no-break space of Latin-1, which databases skip like any other.
    private static let hardSpace: UInt8 = 0xA0

    private let text: ByteView
    private let isHashComment: Bool
    private var index = 0
    private(set) var tokens: [SQLToken] = []
    /// Something that gives an injection away, whatever stands around it.
    private(set) var hasTelltale = false
    /// `/*!` behind something: a comment with code in it, as MySQL executes them.
    private(set) var hasExecutableComment = false
    /// Such a comment that is no licence: `/*!50000 union*/`, `/*!=1*/`, or an empty one that parts words.
    private(set) var hasCommentedCode = false
    private var isInExecutableComment = false
    private var isAtCode = false

    /// - Parameters:
    ///   - quote: the quote the value stands in; nil for none.
    ///   - isHashComment: whether `#` begins a comment, as in MySQL, or is an operator.
    init(_ text: ByteView, quote: UInt8?, isHashComment: Bool) {
        self.text = text
        self.isHashComment = isHashComment
        if let quote { skipString(quote) }
        while index < text.count, tokens.count < SQLTokenizer.tokenLimit { next() }
    }

    private mutating func append(_ kind: SQLToken.Kind, _ detail: SQLToken.Detail = .none) {
        if isAtCode { readCode(kind) }
        // Neighbouring strings are one.
        if kind == .string, tokens.last?.kind == .string { return }
        tokens.append(SQLToken(kind: kind, detail: detail))
    }

    /// The first token in a comment that MySQL executes; a licence begins with a word, with the star of its
    /// next line, or with `(c)`.
    private mutating func readCode(_ kind: SQLToken.Kind) {
        isAtCode = false
        switch kind {
        case .number, .string, .variable, .word: break
        case .arithmetic where text.at(index - 1) == 0x2A: break
        // `(c) 2026`
        case .open
        where text.at(index).map { $0 | 0x20 } == UInt8(ascii: "c") && text.at(index + 1) == 0x29:
            break
        default: hasCommentedCode = true
        }
    }

    private mutating func endExecutableComment() {
        if isAtCode { hasCommentedCode = true }
        isAtCode = false
        isInExecutableComment = false
        index += 2
    }

    /// A string, from behind its first quote; doubled and escaped quotes belong to it.
    private mutating func skipString(_ quote: UInt8) {
        while let byte = text.at(index) {
            index += 1
            if byte == 0x5C {
                index += 1
            } else if byte == quote {
                guard text.at(index) == quote else { break }
                index += 1
            }
        }
        append(.string)
    }

    private mutating func next() {
        let byte = text[index]
        switch byte {
        case 0...0x20, Self.hardSpace, 0x7B, 0x7D: index += 1
        case 0x27, 0x22, 0x60:
            index += 1
            skipString(byte)
        case 0x23:
            if isHashComment { skipLine(.hash) } else { single(.arithmetic) }
        case 0x2D:
            if text.at(index + 1) == 0x2D { skipLine(.dashes) } else { single(.arithmetic) }
        case 0x2F: slash()
        case 0x28: single(.open)
        case 0x29: single(.close)
        case 0x2C: single(.comma)
        case 0x3B: single(.semicolon)
        case 0x40: variable()
        case 0x26, 0x7C: pair(byte)
        case 0x3C, 0x3E, 0x3D, 0x21: comparison()
        case 0x2A where isInExecutableComment && text.at(index + 1) == 0x2F:
            endExecutableComment()
        case 0x2B, 0x2A, 0x25, 0x5E, 0x7E: single(.arithmetic)
        default: other(byte)
        }
    }

    private mutating func other(_ byte: UInt8) {
        if byte.isDigit || byte == 0x2E && text.at(index + 1)?.isDigit == true {
            number()
        } else if byte.isWordByte || byte >= 0x80 {
            word()
        } else if byte == 0x5C, (text.at(index + 1) ?? 0) | 0x20 == UInt8(ascii: "n") {
            // `\N` is NULL.
            index += 2
            append(.variable)
        } else {
            index += 1
        }
    }

    private mutating func single(_ kind: SQLToken.Kind) {
        index += 1
        append(kind)
    }

    /// A comment to the end of its line; only one that swallows the rest of the value is a token.
    private mutating func skipLine(_ detail: SQLToken.Detail) {
        if let end = text.firstIndex(of: 0x0A, from: index) {
            index = end + 1
        } else {
            index = text.count
            append(.comment, detail)
        }
    }

    private mutating func slash() {
        guard text.at(index + 1) == 0x2A else { return single(.arithmetic) }
        if text.at(index + 2) == 0x21 { return executableComment() }
        guard let end = text.firstRange(of: "*/", from: index + 2) else {
            index = text.count
            return append(.comment, .block)
        }
        // Comments do not nest; what looks as if they did is meant to confuse, `/*/*/` included.
        if text[(index + 2)...end].contains("/*") { hasTelltale = true }
        index = end + 2
    }

    /// What MySQL executes, from a version on if one is named.
    private mutating func executableComment() {
        index += 3
        if !tokens.isEmpty { hasExecutableComment = true }
        isInExecutableComment = true
        isAtCode = true
        let digits = versionDigits(at: index)
        guard digits > 0 else { return }
        index += digits
        hasCommentedCode = true
    }

    /// How long the version at the start of a comment with code is: five digits or six, or none.
    private func versionDigits(at start: Int) -> Int {
        var digits = 0
        while digits < 6, text.at(start + digits)?.isDigit == true { digits += 1 }
        return digits < 5 ? 0 : digits
    }

    private mutating func variable() {
        while let byte = text.at(index),
            byte == 0x40 || byte.isWordByte || byte == 0x2E || byte == 0x24
        { index += 1 }
        append(.variable)
    }

    private mutating func pair(_ byte: UInt8) {
        if text.at(index + 1) == byte {
            index += 2
            append(.logical, .symbol)
        } else {
            single(.arithmetic)
        }
    }

    /// Comparisons; exclamation marks alone negate.
    private mutating func comparison() {
        var isNegation = true
        while let byte = text.at(index),
            byte == 0x3C || byte == 0x3D || byte == 0x3E || byte == 0x21
        {
            if byte != 0x21 { isNegation = false }
            index += 1
        }
        append(isNegation ? .arithmetic : .comparison, .symbol)
    }

    private mutating func number() {
        let start = index
        while text.at(index)?.isDigit == true { index += 1 }
        if index - start == 1, text[start] == 0x30,
            (text.at(index) ?? 0) | 0x20 == UInt8(ascii: "x")
        {
            index += 1
            while text.at(index)?.hexDigit != nil { index += 1 }
            return append(.number)
        }
        while let byte = text.at(index), byte.isDigit || byte == 0x2E { index += 1 }
        if (text.at(index) ?? 0) | 0x20 == UInt8(ascii: "e"), isExponent(at: index + 1) {
            index += 2
            while text.at(index)?.isDigit == true { index += 1 }
        } else if let byte = text.at(index), byte.isWordByte, !isKeyword(at: index) {
            while let byte = text.at(index), byte.isWordByte { index += 1 }
            return append(.word)
        }
        append(.number)
    }

    private func isExponent(at position: Int) -> Bool {
        let sign = text.at(position)
        let isSigned = sign == 0x2B || sign == 0x2D
        return text.at(isSigned ? position + 1 : position)?.isDigit == true
    }

    /// Whether a keyword is glued to a number, as in `1or 1`.
    private func isKeyword(at start: Int) -> Bool {
        var end = start
        while let byte = text.at(end), byte.isWordByte, end - start < 32 { end += 1 }
        return SQLWords.token(lowercased(start..<end)) != nil
    }

    private func lowercased(_ range: Range<Int>) -> String {
        String(decoding: text[range].array.map(\.foldedCase), as: UTF8.self)
    }

    private mutating func word() {
        let start = index
        while let byte = text.at(index),
            byte.isWordByte || byte >= 0x80 && byte != Self.hardSpace || byte == 0x2E
                || byte == 0x24
        { index += 1 }
        guard index - start <= SQLTokenizer.wordBytesLimit else { return append(.word) }
        let name = lowercased(start..<index)
        let (second, end, isSplit) = wordAhead()
        let isCall = isCallAhead
        if isCall && SQLWords.isTelltale(name) || SQLWords.isTelltaleName(name)
            || SQLWords.isTelltale(name, second)
        {
            hasTelltale = true
        }
        if SQLWords.isComparison(name, second) {
            index = end
            return append(.comparison, second == "between" ? .between : .none)
        }
        guard let token = SQLWords.token(name) else { return append(.word) }
        switch token.kind {
        case .function: append(isCall ? .function : .word, isCall ? token.detail : .none)
        case .clause where name == "order" || name == "group":
            if second == "by" { index = end }
            append(second == "by" ? .clause : .word, isSplit ? .split : .none)
        default: append(token.kind, token.detail)
        }
    }

    private var isCallAhead: Bool { text.at(spaceAhead().end) == 0x28 }

    /// The letters that come next, where they end, and whether a comment stands before them.
    private func wordAhead() -> (word: String, end: Int, isSplit: Bool) {
        let (start, isSplit) = spaceAhead()
        var end = start
        while let byte = text.at(end), byte.isLetter || byte == 0x5F, end - start < 32 { end += 1 }
        return (lowercased(start..<end), end, isSplit)
    }

    /// Where the white space and the comments that come next end, and whether there are comments.
    private func spaceAhead() -> (end: Int, hasComment: Bool) {
        var position = index
        var hasComment = false
        while let byte = text.at(position) {
            if byte <= 0x20 || byte == Self.hardSpace {
                position += 1
            } else if let end = commentEnd(from: position) {
                position = end
                hasComment = true
            } else {
                break
            }
        }
        return (position, hasComment)
    }

    /// The place behind the comment that begins here, or behind the sign of one that MySQL executes; nil if
    /// there is none, or none that ends.
    private func commentEnd(from start: Int) -> Int? {
        let second = text.at(start + 1)
        switch text.at(start) {
        case 0x2F? where second == 0x2A && text.at(start + 2) == 0x21:
            return start + 3 + versionDigits(at: start + 3)
        case 0x2F? where second == 0x2A:
            return text.firstRange(of: "*/", from: start + 2).map { $0 + 2 }
        case 0x2D? where second == 0x2D: break
        case 0x23? where isHashComment: break
        default: return nil
        }
        return text.firstIndex(of: 0x0A, from: start).map { $0 + 1 }
    }
}
