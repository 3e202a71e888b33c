/// Reads JSON (RFC 8259) strictly, into values whose strings are bytes.
struct JSONReader {
    /// What a string's code points become.
    enum Strings {
        /// One byte each; a code point beyond 255 is an error.
        case codePoints
        /// Their UTF-8.
        case utf8
    }

    struct Failure: Error, CustomStringConvertible {
        let message: String
        /// Position in the text, from 0.
        let offset: Int

        var description: String { "\(message) at byte \(offset + 1)" }
    }

    private static let depthLimit = 64

    private let text: ArraySlice<UInt8>
    private let strings: Strings
    private var index: Int

    private init(_ text: ArraySlice<UInt8>, _ strings: Strings) {
        self.text = text
        self.strings = strings
        index = text.startIndex
    }

    /// The document that `text` is, and nothing else.
    static func read(_ text: ArraySlice<UInt8>, _ strings: Strings) throws(Failure) -> JSONValue {
        var reader = JSONReader(text, strings)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.peek != nil { throw reader.failure("text behind the end of the document") }
        return value
    }

    private var peek: UInt8? { index < text.endIndex ? text[index] : nil }

    private func failure(_ message: String) -> Failure {
        Failure(message: message, offset: index - text.startIndex)
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.depthLimit else { throw failure("nested too deeply") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): return .bytes(try string())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case nil: throw failure("the document ends too early")
        default: return try word()
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        index += 1
        var members: [(key: String, value: JSONValue)] = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a name in quotes is missing") }
            let key = String(decoding: try string(), as: UTF8.self)
            guard take(UInt8(ascii: ":")) else { throw failure("`:` is missing") }
            members.append((key, try value(depth: depth + 1)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("`}` is missing") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        index += 1
        var members: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(members) }
        repeat { members.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("`]` is missing") }
        return .array(members)
    }

    private mutating func word() throws(Failure) -> JSONValue {
        let start = index
        while let byte = peek, byte > 0x20, byte != 0x2C, byte != 0x5D, byte != 0x7D { index += 1 }
        let word = String(decoding: text[start..<index], as: UTF8.self)
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if Self.isNumber(word) {
                if let number = Int(word) { return .integer(number) }
                if let number = Double(word), number.isFinite { return .number(number) }
            }
            index = start
            throw failure("`\(word)` is no value")
        }
    }

    /// JSON knows one spelling of a whole number: no plus sign, no leading zero; digits on both sides of a point.
    private static func isNumber(_ word: String) -> Bool {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        var rest = word.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            return false
        }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let mark = rest.popFirst() else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    /// The bytes of the string that begins here.
    private mutating func string() throws(Failure) -> [UInt8] {
        index += 1
        var bytes: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return bytes
            case UInt8(ascii: "\\"):
                index += 1
                try appendEscaped(to: &bytes)
            case 0x00..<0x20: throw failure("a control byte in a string")
            case 0x20..<0x80:
                bytes.append(byte)
                index += 1
            default: try append(try utf8CodePoint(), to: &bytes)
            }
        }
        throw failure("a string has no end")
    }

    private mutating func appendEscaped(to bytes: inout [UInt8]) throws(Failure) {
        guard let byte = peek else { throw failure("a string has no end") }
        index += 1
        switch byte {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "u"): try append(try escapedCodePoint(), to: &bytes)
        default: throw failure("an unknown escape")
        }
    }

    /// The code point behind `\u`, surrogate pairs joined.
    private mutating func escapedCodePoint() throws(Failure) -> UInt32 {
        let first = try hexadecimal()
        guard (0xD800..<0xDC00).contains(first) else { return first }
        guard peek == UInt8(ascii: "\\"), index + 1 < text.endIndex,
            text[index + 1] == UInt8(ascii: "u")
        else { return first }
        index += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else { throw failure("half a surrogate pair") }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits are missing")
            }
            number = number << 4 | UInt32(digit)
            index += 1
        }
        return number
    }

    private mutating func utf8CodePoint() throws(Failure) -> UInt32 {
        var iterator = text[index...].prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
            throw failure("the text is not UTF-8")
        }
        index += UTF8.width(scalar)
        return scalar.value
    }

    private func append(_ codePoint: UInt32, to bytes: inout [UInt8]) throws(Failure) {
        switch strings {
        case .codePoints:
            guard let byte = UInt8(exactly: codePoint) else {
                throw failure("a code point beyond 255; strings carry bytes")
            }
            bytes.append(byte)
        case .utf8: bytes += String(UnicodeScalar(codePoint) ?? "\u{FFFD}").utf8
        }
    }
}
