import Transport

/// What a ticket's square code says: event, ticket and a signature, so that a door can check it without a network.
///
/// The text is `BMH1.` and base 45 (RFC 9285) of eight bytes of event, eight of ticket, one of flags and the Ed25519
/// signature of `BMH1.` and those 17 bytes. Its alphabet is the compact one of QR codes.
struct TicketCode: Sendable, Equatable {
    let event: Int64
    let ticket: Int64
    var flags: UInt8 = 0

    private static let prefix = "BMH1."

    private var payload: [UInt8] {
        let bytes = [event, ticket].flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64(56 - 8 * $0)) }
        }
        return bytes + [flags]
    }

    /// The text to print; nil if the key refuses.
    func signed(by key: Ed25519PrivateKey) -> String? {
        let payload = payload
        guard let signature = key.sign(Array(Self.prefix.utf8) + payload) else { return nil }
        return Self.prefix + Base45.encode(payload + signature)
    }

    /// The code behind a scanned text; nil unless `key`'s owner signed it.
    static func verified(_ text: String, with key: Ed25519PublicKey) -> TicketCode? {
        guard text.hasPrefix(prefix), text.utf8.count <= 200,
            let bytes = Base45.decode(text.utf8.dropFirst(prefix.utf8.count)), bytes.count == 81
        else { return nil }
        let payload = Array(bytes[..<17])
        guard key.isValid(signature: Array(bytes[17...]), for: Array(prefix.utf8) + payload) else {
            return nil
        }
        let numbers = [payload[0..<8], payload[8..<16]].map { bytes in
            bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        return TicketCode(event: numbers[0], ticket: numbers[1], flags: payload[16])
    }
}

/// Base 45 (RFC 9285): two bytes in three characters that QR codes store compactly.
enum Base45 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

    /// The encoded text of `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for index in stride(from: 0, to: bytes.count, by: 2) {
            let isPair = index + 1 < bytes.count
            let number = isPair ? Int(bytes[index]) << 8 | Int(bytes[index + 1]) : Int(bytes[index])
            text.append(alphabet[number % 45])
            text.append(alphabet[number / 45 % 45])
            if isPair { text.append(alphabet[number / 2025]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes behind a text; nil if it is not base 45.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var digits: [Int] = []
        for character in text {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            digits.append(digit)
        }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 3) {
            let group = digits[index..<min(index + 3, digits.count)]
            guard group.count >= 2 else { return nil }
            let number = group.reversed().reduce(0) { $0 * 45 + $1 }
            guard number <= (group.count == 3 ? 0xFFFF : 0xFF) else { return nil }
            if group.count == 3 { bytes.append(UInt8(number >> 8)) }
            bytes.append(UInt8(number & 0xFF))
        }
        return bytes
    }
}
