import HTTP
import Transport

/// Reads the dot-separated fields of a token that anybody may have written.
struct TokenReader {
    /// The longest token there is; anything longer was not signed here.
    static let lengthLimit = 256

    private let bytes: [UInt8]
    private var index = 0

    /// Nil if the token is longer than any of ours.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.lengthLimit else { return nil }
        self.bytes = bytes
    }

    /// The bytes up to the next dot, or to the end; nil after the last field.
    mutating func field() -> ArraySlice<UInt8>? {
        guard index <= bytes.count else { return nil }
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: ".") { index += 1 }
        let field = bytes[start..<index]
        index += 1
        return field
    }

    /// Whether these bytes are the UTF-8 of `text`.
    static func isEqual(_ field: ArraySlice<UInt8>, _ text: String) -> Bool {
        var text = text
        return unsafe field.withUnsafeBytes { field in
            text.withUTF8 { unsafe ByteView(field).equals(ByteView(UnsafeRawBufferPointer($0))) }
        }
    }

    /// Whether the next field is exactly `text`.
    mutating func skip(_ text: String) -> Bool {
        field().map { Self.isEqual($0, text) } ?? false
    }

    /// A decimal number of at most 15 digits, without sign or leading zeros.
    mutating func number() -> Int64? {
        guard let digits = field(), (1...15).contains(digits.count) else { return nil }
        guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// A Base64URL field of so many bytes.
    mutating func octets(_ count: Int) -> [UInt8]? {
        guard let field = field(), let octets = Base64URL.decode(field), octets.count == count
        else { return nil }
        return octets
    }

    /// Whether the last field is the authentication code, shortened to 128 bits, of all that came before it.
    mutating func verify(_ key: HMACKey) -> Bool {
        let signedCount = index - 1
        guard signedCount > 0, let code = octets(16), index > bytes.count else { return false }
        return key.isCode(code, of: bytes[0..<signedCount])
    }

    /// `text` with its authentication code behind it.
    static func signed(_ text: String, _ key: HMACKey) -> String {
        text + "." + Base64URL.encode(Array(key.authenticate(Array(text.utf8)).prefix(16)))
    }
}
