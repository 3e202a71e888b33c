/// The body of a function, initialiser, subscript or computed property.
struct FunctionSpan: Equatable {
    /// The line of the introducing keyword, from 1.
    var line: Int
    /// Lines from the keyword to the closing brace, both counted.
    var lineCount: Int

    /// Every body in code without comments and strings.
    static func all(in code: String) -> [FunctionSpan] {
        let bytes = Array(code.utf8)
        var lineAt = [Int](repeating: 1, count: bytes.count + 1)
        for index in bytes.indices {
            lineAt[index + 1] = lineAt[index] + (bytes[index] == UInt8(ascii: "\n") ? 1 : 0)
        }
        return keywords(in: bytes).compactMap { keyword in
            guard let open = opening(in: bytes, after: keyword),
                let close = closing(in: bytes, of: open)
            else {
                return nil
            }
            return FunctionSpan(
                line: lineAt[keyword.start],
                lineCount: lineAt[close] - lineAt[keyword.start] + 1
            )
        }
    }

    private struct Keyword {
        var start: Int
        var end: Int
        /// A property's initial value may hold a closure, which is not its body.
        var stopsAtAssignment: Bool
    }

    private static let introducers = ["func", "init", "deinit", "subscript", "var"]
    private static let enders: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "let", "case", "static", "struct", "class",
        "enum", "extension",
        "public", "private", "typealias", "import",
    ]

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    private static func word(in bytes: [UInt8], at start: Int) -> String? {
        guard isWordByte(bytes[start]), start == 0 || !isWordByte(bytes[start - 1]) else {
            return nil
        }
        var end = start
        while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func keywords(in bytes: [UInt8]) -> [Keyword] {
        bytes.indices.compactMap { start in
            guard let word = word(in: bytes, at: start), introducers.contains(word),
                start == 0 || ![UInt8(ascii: "."), UInt8(ascii: "`")].contains(bytes[start - 1])
            else { return nil }
            return Keyword(
                start: start,
                end: start + word.utf8.count,
                stopsAtAssignment: word == "var"
            )
        }
    }

    /// The brace that opens the body, or nil where there is none: a requirement, or a stored property.
    private static func opening(in bytes: [UInt8], after keyword: Keyword) -> Int? {
        var depth = 0
        var index = keyword.end
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return index
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "="), UInt8(ascii: "\n"):
                if depth == 0, keyword.stopsAtAssignment { return nil }
            default:
                if depth == 0, let word = word(in: bytes, at: index), enders.contains(word) {
                    return nil
                }
            }
            if depth < 0 { return nil }
            index += 1
        }
        return nil
    }

    private static func closing(in bytes: [UInt8], of open: Int) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == UInt8(ascii: "{") { depth += 1 }
            if bytes[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
