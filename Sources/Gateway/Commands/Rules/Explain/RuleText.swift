/// What a client chose, as a rule file can hold it: bytes that mean something there are written as an expression.
enum RuleText {
    /// A selector of one member, whatever its name holds.
    static func selector(for name: [UInt8]) -> String {
        let isPlain =
            !name.isEmpty && name.allSatisfy { isWord($0) || "_-.[]:$@".utf8.contains($0) }
        return isPlain ? String(decoding: name, as: UTF8.self) : "/\(expression(for: name))/"
    }

    /// An operator that one path meets.
    static func test(for path: [UInt8]) -> String {
        isPath(path)
            ? "@streq \(String(decoding: path, as: UTF8.self))" : "@rx \(expression(for: path))"
    }

    static func isPath(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.allSatisfy { isWord($0) || "/_-.:@~*()[]=$+".utf8.contains($0) }
    }

    private static func expression(for text: [UInt8]) -> String {
        let parts = text.map { byte in
            if isWord(byte) || byte == UInt8(ascii: "_") { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
        return "^\(parts.joined())$"
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
