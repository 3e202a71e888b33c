import HTTP
import Transport

/// Reads the dot-separated fields of a token that anybody may have written.
struct TokenReader {
    /// The longest token there is; anything longer was not signed here.
    static let lengthLimit = 256

    private let bytes: ByteView
    private var index = 0

    /// Nil if the token is longer than any of ours.
    init?(_ bytes: ByteView) {
        guard bytes.count <= Self.lengthLimit else { return nil }
        self.bytes = bytes
    }

    /// Begins behind what a ticket or a pass says first: that it is of that room. Of anything else nothing is left to
    /// read.
    init(_ bytes: ByteView, of room: String) {
        self.bytes = bytes
        let isOfRoom = bytes.count <= Self.lengthLimit && skip("v1") && skip(room)
        if !isOfRoom { index = bytes.count + 1 }
    }

    /// Whether fields are left.
    var hasMore: Bool { index <= bytes.count }

    /// Whether there never was anything to read.
    var isEmpty: Bool { bytes.isEmpty }

    /// The bytes up to the next dot, or to the end; nil after the last field.
    mutating func field() -> ByteView? {
        guard index <= bytes.count else { return nil }
        let end = bytes.firstIndex(of: UInt8(ascii: "."), from: index) ?? bytes.count
        let field = bytes[index..<end]
        index = end + 1
        return field
    }

    /// Whether these bytes are the UTF-8 of `text`.
    static func isEqual(_ field: ByteView, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe field.equals(ByteView(UnsafeRawBufferPointer($0))) }
    }

    /// Whether the next field is exactly `text`.
    mutating func skip(_ text: String) -> Bool {
        field().map { Self.isEqual($0, text) } ?? false
    }

    /// A decimal number of at most 15 digits, without sign or leading zeros.
    mutating func number() -> Int64? {
        guard let digits = field(), (1...15).contains(digits.count) else { return nil }
        guard digits.count == 1 || digits[0] != UInt8(ascii: "0") else { return nil }
        return digits.decimal.map { Int64($0) }
    }

    /// A Base64URL field of so many bytes.
    mutating func octets<let count: Int>() -> InlineArray<count, UInt8>? {
        guard let field = field() else { return nil }
        var octets = InlineArray<count, UInt8>(repeating: 0)
        let isWhole = unsafe field.withUnsafeBytes { text in
            var target = octets.mutableSpan
            return unsafe Base64URL.decode(text.bindMemory(to: UInt8.self).span, into: &target)
        }
        return isWhole ? octets : nil
    }

    /// Whether the last field is the authentication code, shortened to 128 bits, of all that came before it.
    mutating func verify(_ key: HMACKey) -> Bool {
        let signed = bytes.prefix(index - 1)
        guard !signed.isEmpty, let code: InlineArray<16, UInt8> = octets(), index > bytes.count
        else { return false }
        return unsafe signed.withUnsafeBytes {
            unsafe key.isCode(code.span, of: $0.bindMemory(to: UInt8.self).span)
        }
    }

    /// `text` with its authentication code behind it.
    static func signed(_ text: String, _ key: HMACKey) -> String {
        text + "." + Base64URL.encode(Array(key.authenticate(Array(text.utf8)).prefix(16)))
    }
}
