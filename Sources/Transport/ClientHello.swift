/// What a client says of itself in the first message of TLS, as far as its fingerprint and the host's policy need it.
struct ClientHello {
    var legacyVersion: UInt16 = 0
    var versions: [UInt16] = []
    var ciphers: [UInt16] = []
    var extensions: [UInt16] = []
    var signatureAlgorithms: [UInt16] = []
    /// The first protocol that ALPN offers.
    var firstProtocol: [UInt8] = []
    var serverName: String?

    /// The JA4 fingerprint for TLS over TCP, from its public description: what is offered, in an order that the client
    /// cannot shuffle.
    ///
    /// Made of bytes in few allocations: every handshake comes by here.
    var fingerprint: String {
        let ciphers = Self.sortedWithoutGrease(self.ciphers)
        let extensions = Self.sortedWithoutGrease(self.extensions)
        let signatures = signatureAlgorithms.filter { !Self.isGrease($0) }
        var hashed: [UInt8] = []
        hashed.reserveCapacity((extensions.count + signatures.count) * 5)
        for value in extensions where value != 0x0000 && value != 0x0010 {
            Self.append(value, to: &hashed)
        }
        for (index, value) in signatures.enumerated() {
            Self.append(value, separator: index == 0 ? 0x5F : 0x2C, to: &hashed)
        }
        var text: [UInt8] = []
        text.reserveCapacity(36)
        text.append(0x74)
        text.append(contentsOf: versionText.utf8)
        text.append(extensions.first == 0 ? 0x64 : 0x69)
        Self.appendTwoDigits(ciphers.count, to: &text)
        Self.appendTwoDigits(extensions.count, to: &text)
        text.append(contentsOf: protocolText.utf8)
        text.append(0x5F)
        Self.appendShortHash(Self.list(ciphers), to: &text)
        text.append(0x5F)
        Self.appendShortHash(hashed, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private var versionText: String {
        let best = versions.filter { !Self.isGrease($0) }.max() ?? legacyVersion
        switch best {
        case 0x0304: return "13"
        case 0x0303: return "12"
        case 0x0302: return "11"
        case 0x0301: return "10"
        case 0x0300: return "s3"
        default: return "00"
        }
    }

    /// First and last character of the first protocol; of its hexadecimal form if they are no letters or digits.
    private var protocolText: String {
        guard let first = firstProtocol.first, let last = firstProtocol.last else { return "00" }
        if Self.isAlphanumeric(first), Self.isAlphanumeric(last) {
            return String(decoding: [first, last], as: UTF8.self)
        }
        return String(first >> 4, radix: 16) + String(last & 15, radix: 16)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// Values that clients put in to keep servers tolerant (RFC 8701).
    private static func isGrease(_ value: UInt16) -> Bool {
        value & 0x0F0F == 0x0A0A && value >> 8 == value & 0xFF
    }

    private static func sortedWithoutGrease(_ values: [UInt16]) -> [UInt16] {
        var kept = values.filter { !isGrease($0) }
        kept.sort()
        return kept
    }

    private static func appendTwoDigits(_ count: Int, to text: inout [UInt8]) {
        let shown = min(count, 99)
        text.append(0x30 + UInt8(truncatingIfNeeded: shown / 10))
        text.append(0x30 + UInt8(truncatingIfNeeded: shown % 10))
    }

    /// Each value in four hexadecimal digits, with commas between them.
    private static func list(_ values: [UInt16]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(values.count * 5)
        for value in values { append(value, to: &text) }
        return text
    }

    /// A value in four hexadecimal digits, behind the separator unless it is the first.
    private static func append(_ value: UInt16, separator: UInt8 = 0x2C, to text: inout [UInt8]) {
        if !text.isEmpty || separator != 0x2C { text.append(separator) }
        appendDigits(UInt8(truncatingIfNeeded: value >> 8), to: &text)
        appendDigits(UInt8(truncatingIfNeeded: value), to: &text)
    }

    private static func appendDigits(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(digit(byte >> 4))
        text.append(digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// Six bytes of a hash; zeros for an empty list.
    private static func appendShortHash(_ list: [UInt8], to text: inout [UInt8]) {
        let hash = list.isEmpty ? [] : Digest.sha256(list)
        for index in 0..<6 { appendDigits(list.isEmpty ? 0 : hash[index], to: &text) }
    }

    // MARK: Reading extensions

    /// 16-bit values behind a length of one or two bytes; empty if that does not fit.
    static func values(_ bytes: [UInt8], lengthBytes: Int) -> [UInt16] {
        guard bytes.count >= lengthBytes else { return [] }
        var length = 0
        for index in 0..<lengthBytes { length = length << 8 | Int(bytes[index]) }
        guard length == bytes.count - lengthBytes, length % 2 == 0 else { return [] }
        return pairs(bytes, from: lengthBytes)
    }

    /// Every two bytes as one value; a byte left over is none.
    static func pairs(_ bytes: [UInt8], from start: Int = 0) -> [UInt16] {
        var values: [UInt16] = []
        values.reserveCapacity(bytes.count / 2)
        var index = start
        while index + 1 < bytes.count {
            values.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
            index += 2
        }
        return values
    }

    /// The first protocol name of an ALPN extension (RFC 7301).
    static func firstProtocol(in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 3, Int(bytes[2]) > 0, 3 + Int(bytes[2]) <= bytes.count else {
            return []
        }
        return Array(bytes[3..<3 + Int(bytes[2])])
    }

    /// The host name of a server_name extension (RFC 6066), in lower case.
    static func serverName(in bytes: [UInt8]) -> String? {
        guard bytes.count > 5, bytes[2] == 0 else { return nil }
        let length = Int(bytes[3]) << 8 | Int(bytes[4])
        guard length > 0, length <= 255, 5 + length <= bytes.count else { return nil }
        let name = bytes[5..<5 + length]
        guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: name, as: UTF8.self).lowercased()
    }
}
