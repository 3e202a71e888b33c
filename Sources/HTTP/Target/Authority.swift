/// A host and an optional port, checked: what `Host`, the authority of a target and `CONNECT` carry.
///
/// Narrower than RFC 3986 on purpose: a name that means to all readers what is written, or a bracketed IPv6 address; no
/// user information, no percent-encoding, which some would undo, no list; a port is 1 to 65535, or absent behind its
/// colon (RFC 3986 section 3.2.3).
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
        if length == text.count || length &+ 1 == text.count && text[length] == 0x3A {
            port = nil
        } else {
            guard text[length] == 0x3A,
                let number = Authority.portNumber(text[length + 1..<text.count])
            else {
                return nil
            }
            port = number
        }
    }

    private static func nameLength(_ text: ByteView) -> Int? {
        var length = 0
        // A name may not start with a dot, as if one stood before it.
        var carry: UInt64 = 0x80
        while length &+ 8 <= text.count,
            let dots = Word.dotsOfPlainHost(text.word(at: length), carry)
        {
            carry = dots >> 56
            length &+= 8
        }
        if length < text.count, length >= 8, length &+ 8 > text.count {
            // The rest makes one more word together with bytes seen before.
            let start = text.count &- 8
            let before: UInt64 = text[start &- 1] == 0x2E ? 0x80 : 0
            if Word.dotsOfPlainHost(text.word(at: start), before) != nil { length = text.count }
        }
        var isBehindDot = carry != 0
        while length < text.count, text[length] != 0x3A {
            let byte = text[length]
            guard ASCIISet.hostName.contains(byte), !(byte == 0x2E && isBehindDot) else {
                return nil
            }
            isBehindDot = byte == 0x2E
            length &+= 1
        }
        return length > 0 && length <= hostBytesLimit ? length : nil
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
