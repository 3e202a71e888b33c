/// Reads a value as SQL, tolerantly, from one of three places: bare, or inside single or double quotes.
struct SQLTokenizer {
    private static let tokenLimit = 64

    private let text: ByteView
    private var index = 0
    private(set) var tokens: [SQLToken] = []
    /// A function that gives an injection away was called.
    private(set) var hasTelltale = false
    /// A comment with code in it, as MySQL executes them.
    private(set) var hasExecutableComment = false

    /// - Parameter quote: the quote the value stands in; nil for none.
    init(_ text: ByteView, quote: UInt8?) {
        self.text = text
        if let quote { skipString(quote) }
        while index < text.count, tokens.count < SQLTokenizer.tokenLimit { next() }
    }

    private mutating func append(_ token: SQLToken) {
        if token == .string, tokens.last == .string { return }
        tokens.append(token)
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
        case 0...0x20, 0xA0: index += 1
        case 0x27, 0x22, 0x60:
            index += 1
            skipString(byte)
        case 0x23:
            index = text.count
            append(.comment)
        case 0x2D: dash()
        case 0x2F: slash()
        case 0x28: single(.open)
        case 0x29: single(.close)
        case 0x2C: single(.comma)
        case 0x3B: single(.semicolon)
        case 0x40: variable()
        case 0x26, 0x7C: pair(byte)
        case 0x3C, 0x3E, 0x3D, 0x21: comparison()
        case 0x2B, 0x2A, 0x25, 0x5E, 0x7E: single(.arithmetic)
        default:
            if byte.isDigit {
                number()
            } else if byte.isWordByte || byte >= 0x80 {
                word()
            } else {
                index += 1
            }
        }
    }

    private mutating func single(_ token: SQLToken) {
        index += 1
        append(token)
    }

    private mutating func dash() {
        if text.at(index + 1) == 0x2D {
            index = text.count
            append(.comment)
        } else {
            single(.arithmetic)
        }
    }

    private mutating func slash() {
        guard text.at(index + 1) == 0x2A else { return single(.arithmetic) }
        let isExecutable = text.at(index + 2) == 0x21
        if isExecutable {
            hasExecutableComment = true
            index += 3
            while text.at(index)?.isDigit == true { index += 1 }
            return
        }
        guard let end = text.firstRange(of: "*/", from: index + 2) else {
            index = text.count
            return append(.comment)
        }
        index = end + 2
    }

    private mutating func variable() {
        while let byte = text.at(index), byte == 0x40 || byte.isWordByte || byte == 0x2E {
            index += 1
        }
        append(.variable)
    }

    private mutating func pair(_ byte: UInt8) {
        if text.at(index + 1) == byte {
            index += 2
            append(.logical)
        } else {
            single(.arithmetic)
        }
    }

    private mutating func comparison() {
        while let byte = text.at(index),
            byte == 0x3C || byte == 0x3D || byte == 0x3E || byte == 0x21
        { index += 1 }
        append(.comparison)
    }

    private mutating func number() {
        let start = index
        while let byte = text.at(index), byte.isDigit || byte == 0x2E { index += 1 }
        if index - start == 1, text[start] == 0x30,
            (text.at(index) ?? 0) | 0x20 == UInt8(ascii: "x")
        {
            index += 1
            while text.at(index)?.hexDigit != nil { index += 1 }
        } else if (text.at(index) ?? 0) | 0x20 == UInt8(ascii: "e"),
            text.at(index + 1)?.isDigit == true
        {
            index += 1
            while text.at(index)?.isDigit == true { index += 1 }
        } else if let byte = text.at(index), byte.isWordByte, keyword(at: index) == nil {
            while let byte = text.at(index), byte.isWordByte { index += 1 }
            return append(.word)
        }
        append(.number)
    }

    /// The keyword glued to a number, as in `1or 1`.
    private func keyword(at start: Int) -> SQLToken? {
        var end = start
        while let byte = text.at(end), byte.isWordByte, end - start < 32 { end += 1 }
        return SQLWords.token(lowercased(start..<end))
    }

    private func lowercased(_ range: Range<Int>) -> String {
        String(decoding: text[range].array.map(\.foldedCase), as: UTF8.self)
    }

    private mutating func word() {
        let start = index
        while let byte = text.at(index),
            byte.isWordByte || byte >= 0x80 || byte == 0x2E || byte == 0x24
        { index += 1 }
        guard index - start <= 64 else { return append(.word) }
        let name = lowercased(start..<index)
        let isCall = isCallAhead
        if isCall, SQLWords.isTelltale(name) || name.hasPrefix("dbms_") || name.hasPrefix("utl_") {
            hasTelltale = true
        }
        if name == "xp_cmdshell" || name.hasPrefix("information_schema") { hasTelltale = true }
        switch SQLWords.token(name) {
        case .function?: append(isCall || name == "case" ? .function : .word)
        case .clause? where name == "order" || name == "group":
            append(isByAhead() ? .clause : .word)
        case let token?: append(token)
        case nil: append(.word)
        }
    }

    private var isCallAhead: Bool {
        var position = index
        while let byte = text.at(position), byte <= 0x20 { position += 1 }
        return text.at(position) == 0x28
    }

    private mutating func isByAhead() -> Bool {
        var position = index
        while let byte = text.at(position), byte <= 0x20 { position += 1 }
        guard text.startsFolded(with: "by", at: position),
            !(text.at(position + 2)?.isWordByte ?? false)
        else {
            return false
        }
        index = position + 2
        return true
    }
}
