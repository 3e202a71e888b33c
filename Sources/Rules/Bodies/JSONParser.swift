/// JSON bodies (RFC 8259) as arguments: `{"a":{"b":[1]}}` gives `json.a.b.array_0` the value `1`.
///
/// Strings are unescaped; numbers, `true`, `false` and `null` keep their text. Works without recursion.
struct JSONParser {
    enum Failure: Error {
        case syntax, tooDeep, tooManyValues, longName
        /// The text ends before the value does.
        case end
    }

    private struct Level {
        let isArray: Bool
        /// Length of the name before this level.
        let nameLength: Int
        var memberCount = 0
    }

    private static let nameBytesLimit = 8_192

    private let text: ByteView
    private let arena: Arena
    private let depthLimit: Int
    private let isCut: Bool
    private var index = 0
    private var levels: [Level] = []
    /// The name of the value that is read, with the names of all levels above it.
    private let name = ByteBuffer()
    private var valuesLeft: Int

    /// - Parameter isCut: whether the text goes on behind its limit: a string that is unfinished is reported, too.
    init(
        _ text: ByteView,
        depthLimit: Int,
        valueLimit: Int,
        isCut: Bool = false,
        _ arena: Arena
    ) {
        self.text = text
        self.depthLimit = depthLimit
        self.isCut = isCut
        self.arena = arena
        valuesLeft = valueLimit
        name.append(ByteView("json"))
    }

    /// Reports every leaf. What was found before a failure stands.
    mutating func parse(_ found: (_ name: ByteView, _ value: ByteView) -> Void) throws(Failure) {
        try value(found)
        while !levels.isEmpty { try step(found) }
        skipSpace()
        if index != text.count { throw .syntax }
    }

    /// What is wrong where `index` stands.
    private var failure: Failure { index < text.count ? .syntax : .end }

    /// One member, or the end, of the innermost object or array.
    private mutating func step(_ found: (ByteView, ByteView) -> Void) throws(Failure) {
        guard let level = levels.last else { return }
        skipSpace()
        name.truncate(to: level.nameLength)
        let closing: UInt8 = level.isArray ? 0x5D : 0x7D
        if text.at(index) == closing {
            index += 1
            levels.removeLast()
            return
        }
        if level.memberCount > 0 {
            try expect(0x2C)
            skipSpace()
        }
        levels[levels.count - 1].memberCount += 1
        if level.isArray {
            try extendName(ByteView("array_"), level.memberCount)
        } else {
            try extendName(try string())
            // Of a member that is cut off there is only the name.
            if isCut, index == text.count { try report(ByteView(), found) }
            skipSpace()
            try expect(0x3A)
        }
        try value(found)
    }

    /// Appends the name of a member, with the number of one that has no other.
    private func extendName(_ part: ByteView, _ number: Int? = nil) throws(Failure) {
        let digits = number.map(arena.decimal) ?? ByteView()
        guard name.count + part.count + digits.count < JSONParser.nameBytesLimit else {
            throw .longName
        }
        name.append(UInt8(ascii: "."))
        name.append(part)
        name.append(digits)
    }

    private mutating func value(_ found: (ByteView, ByteView) -> Void) throws(Failure) {
        skipSpace()
        guard let byte = text.at(index) else { throw .end }
        switch byte {
        case 0x7B, 0x5B:
            index += 1
            if levels.count >= depthLimit { throw .tooDeep }
            levels.append(Level(isArray: byte == 0x5B, nameLength: name.count))
        case 0x22: try report(try string(), found)
        default: try report(try bare(), found)
        }
    }

    private mutating func report(_ value: ByteView, _ found: (ByteView, ByteView) -> Void)
        throws(Failure)
    {
        if valuesLeft == 0 { throw .tooManyValues }
        valuesLeft -= 1
        found(arena.copy(name.view), value)
    }

    private mutating func skipSpace() {
        while let byte = text.at(index),
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        { index += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(Failure) {
        guard text.at(index) == byte else { throw failure }
        index += 1
    }

    /// `true`, `false`, `null` or a number.
    private mutating func bare() throws(Failure) -> ByteView {
        let start = index
        while let byte = text.at(index),
            byte.isWordByte || byte == 0x2D || byte == 0x2B || byte == 0x2E
        { index += 1 }
        let word = text[start..<index]
        let isKnown =
            word.equals("true") || word.equals("false") || word.equals("null") || isNumber(word)
        if !isKnown { throw failure }
        return word
    }

    private func isNumber(_ word: ByteView) -> Bool {
        var position = word.at(0) == 0x2D ? 1 : 0
        let first = position
        while word.at(position)?.isDigit == true { position += 1 }
        if position == first || (word.at(first) == 0x30 && position > first + 1) { return false }
        if word.at(position) == 0x2E {
            let fraction = position + 1
            position = fraction
            while word.at(position)?.isDigit == true { position += 1 }
            if position == fraction { return false }
        }
        if let mark = word.at(position), mark | 0x20 == UInt8(ascii: "e") {
            position += 1
            if let sign = word.at(position), sign == 0x2B || sign == 0x2D { position += 1 }
            let exponent = position
            while word.at(position)?.isDigit == true { position += 1 }
            if position == exponent { return false }
        }
        return position == word.count
    }

    /// The string whose quote `index` stands on, unescaped; a slice of the text if it holds no escape.
    private mutating func string() throws(Failure) -> ByteView {
        try expect(0x22)
        let start = index
        var hasEscape = false
        while let byte = text.at(index), byte != 0x22 {
            if byte < 0x20 { throw .syntax }
            if byte == 0x5C { hasEscape = true }
            index += byte == 0x5C ? 2 : 1
        }
        let isOpen = index >= text.count
        if isOpen, !isCut { throw .end }
        let raw = text[start..<index]
        index = min(index + 1, text.count)
        return hasEscape ? try unescaped(raw, isOpen: isOpen) : raw
    }

    /// What follows a mistake in a string without an end stays as it is.
    private func unescaped(_ raw: ByteView, isOpen: Bool) throws(Failure) -> ByteView {
        var output = arena.writer(capacity: raw.count)
        var position = 0
        while position < raw.count {
            let byte = raw[position]
            guard byte == 0x5C else {
                output.append(byte)
                position += 1
                continue
            }
            if isOpen, !isEscape(raw, position) {
                output.append(raw.dropFirst(position))
                break
            }
            switch raw.at(position + 1) {
            case 0x22, 0x5C, 0x2F: output.append(raw[position + 1])
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                position += try appendScalar(raw, position, &output)
            default: throw .syntax
            }
            position += 2
        }
        return arena.finish(output)
    }

    private func isEscape(_ raw: ByteView, _ position: Int) -> Bool {
        guard let letter = raw.at(position + 1) else { return false }
        if letter == UInt8(ascii: "u") { return raw.hexQuad(at: position + 2) != nil }
        return ByteView("\"\\/bfnrt").contains(letter)
    }

    /// Appends `\uXXXX`, or a pair of surrogates, as UTF-8; returns how many bytes follow the `\u`.
    private func appendScalar(_ raw: ByteView, _ position: Int, _ output: inout ByteWriter)
        throws(Failure) -> Int
    {
        guard let first = raw.hexQuad(at: position + 2) else { throw .syntax }
        var code = UInt32(first)
        var length = 4
        if first & 0xFC00 == 0xD800, raw.starts(with: "\\u", at: position + 6),
            let second = raw.hexQuad(at: position + 8), second & 0xFC00 == 0xDC00
        {
            code = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
            length = 10
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { output.append(byte) }
        return length
    }
}
