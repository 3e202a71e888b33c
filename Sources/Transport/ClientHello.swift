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
    var fingerprint: String {
        let ciphers = self.ciphers.filter { !Self.isGrease($0) }
        let extensions = self.extensions.filter { !Self.isGrease($0) }
        let signatures = signatureAlgorithms.filter { !Self.isGrease($0) }
        var start = "t" + versionText + (extensions.contains(0) ? "d" : "i")
        start += Self.twoDigits(ciphers.count) + Self.twoDigits(extensions.count) + protocolText
        let sorted = extensions.filter { $0 != 0x0000 && $0 != 0x0010 }.sorted()
        var rest = Self.list(sorted)
        if !signatures.isEmpty { rest += "_" + Self.list(signatures) }
        let cipherHash = Self.shortHash(Self.list(ciphers.sorted()))
        let restHash = sorted.isEmpty && signatures.isEmpty ? Self.noHash : Self.shortHash(rest)
        return "\(start)_\(cipherHash)_\(restHash)"
    }

    private static let noHash = "000000000000"

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

    private static func twoDigits(_ count: Int) -> String {
        count < 10 ? "0\(count)" : "\(min(count, 99))"
    }

    private static func list(_ values: [UInt16]) -> String {
        values.map(hex).joined(separator: ",")
    }

    private static func hex(_ value: UInt16) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 4 - text.count) + text
    }

    private static func shortHash(_ text: String) -> String {
        guard !text.isEmpty else { return noHash }
        return Digest.sha256(Array(text.utf8)).prefix(6).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    // MARK: Reading extensions

    /// 16-bit values behind a length of one or two bytes; empty if that does not fit.
    static func values(_ bytes: [UInt8], lengthBytes: Int) -> [UInt16] {
        guard bytes.count >= lengthBytes else { return [] }
        let length = bytes.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
        let body = Array(bytes.dropFirst(lengthBytes))
        guard length == body.count, length % 2 == 0 else { return [] }
        return pairs(body)
    }

    /// Every two bytes as one value; a byte left over is none.
    static func pairs(_ bytes: [UInt8]) -> [UInt16] {
        stride(from: 0, to: bytes.count - bytes.count % 2, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
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
