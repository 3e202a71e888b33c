import Transport

/// Random names and secrets.
enum Token {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A secret of 32 random bytes in Base64URL: 43 characters.
    static func secret() -> String { Base64URL.encode(Digest.randomBytes(32)) }

    /// The hexadecimal SHA-256 of a secret, the only form in which the database knows it.
    static func hash(_ secret: String) -> String { hexadecimal(Digest.sha256(Array(secret.utf8))) }

    /// `count` random characters of Crockford's base 32, which people can read to each other.
    static func readable(_ count: Int) -> String {
        String(decoding: Digest.randomBytes(count).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// Lower-case hexadecimal digits, two for each byte.
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes behind hexadecimal digits; nil for anything else.
    static func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map { $0 }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
