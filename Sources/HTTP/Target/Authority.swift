/// A host and an optional port, checked: what `Host`, the authority of a target and `CONNECT` carry.
///
/// Narrower than RFC 3986 on purpose: letters, digits and `-._` or a bracketed IPv6 address; no user information, no
/// percent-encoding, no list; a port is 1 to 65535 when there is a colon.
public struct Authority: Sendable, Equatable {
    /// Bytes of the host, brackets included, from the start.
    public let hostLength: Int
    public let port: UInt16?

    static let hostBytesLimit = 255

    /// Nil when the bytes are no authority.
    public init?(parsing text: ByteView) {
        guard let first = text.isEmpty ? nil : text[0] else { return nil }
        let length = first == 0x5B ? Authority.bracketedLength(text) : Authority.nameLength(text)
        guard let length else { return nil }
        hostLength = length
        if length == text.count {
            port = nil
        } else {
            guard text[length] == 0x3A, let number = Authority.portNumber(text[length + 1..<text.count]) else {
                return nil
            }
            port = number
        }
    }

    private static func nameLength(_ text: ByteView) -> Int? {
        let length = text.firstIndex(of: 0x3A) ?? text.count
        guard length > 0, length <= hostBytesLimit, text[0] != 0x2E else { return nil }
        var previous: UInt8 = 0
        for index in 0..<length {
            let byte = text[index]
            guard ASCIISet.hostName.contains(byte), !(byte == 0x2E && previous == 0x2E) else { return nil }
            previous = byte
        }
        return length
    }

    private static func bracketedLength(_ text: ByteView) -> Int? {
        guard let close = text.firstIndex(of: 0x5D), close >= 3, close <= 46 else { return nil }
        var colons = 0
        for index in 1..<close {
            let byte = text[index]
            if byte == 0x3A { colons += 1 }
            guard byte == 0x3A || byte == 0x2E || ASCII.hexValue(byte) != nil else { return nil }
        }
        return colons >= 2 && colons <= 7 ? close + 1 : nil
    }

    private static func portNumber(_ text: ByteView) -> UInt16? {
        guard text.count <= 5, let number = text.decimal, number > 0 else { return nil }
        return UInt16(exactly: number)
    }
}
