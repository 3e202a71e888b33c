/// Base64 with the URL-safe alphabet and no padding (RFC 4648 section 5).
public enum Base64URL {
    private static let alphabet = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// What each byte stands for as a character; 64 for one outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The encoded text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(encodedCount(bytes.count))
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in bytes {
            bits = (bits << 8) | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[Int((bits >> bitCount) & 63)])
            }
        }
        if bitCount > 0 { text.append(alphabet[Int((bits << (6 - bitCount)) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` stands for; nil if it holds a character outside the alphabet, or bits that no encoder
    /// would have left (two spellings of one token would otherwise both be valid).
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        if let bytes = text.withContiguousStorageIfAvailable({ unsafe decode(characters: $0) }) {
            return bytes
        }
        return unsafe Array(text).withUnsafeBufferPointer { unsafe decode(characters: $0) }
    }

    private static func decode(characters: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard characters.count % 4 != 1 else { return nil }
        var bytes = [UInt8](
            repeating: 0,
            count: characters.count / 4 * 3 + characters.count % 4 * 3 / 4
        )
        var target = bytes.mutableSpan
        return unsafe decode(characters.span, into: &target) ? bytes : nil
    }

    /// Fills `bytes` with what `text` stands for: nothing is allocated. False if it stands for another number of bytes,
    /// or for none, as `decode` says; what `bytes` holds then is of no use.
    public static func decode(_ text: Span<UInt8>, into bytes: inout MutableSpan<UInt8>) -> Bool {
        guard text.count == encodedCount(bytes.count) else { return false }
        let values = values
        // The sixth bit of none but a character outside.
        var all: UInt8 = 0
        var (place, count) = (0, 0)
        while place &+ 4 <= text.count {
            let (first, second) = (values[Int(text[place])], values[Int(text[place &+ 1])])
            let (third, fourth) = (values[Int(text[place &+ 2])], values[Int(text[place &+ 3])])
            all |= first | second | third | fourth
            bytes[count] = first << 2 | second >> 4
            bytes[count &+ 1] = second << 4 | third >> 2
            bytes[count &+ 2] = third << 6 | fourth
            place &+= 4
            count &+= 3
        }
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in place..<text.count {
            let value = values[Int(text[index])]
            all |= value
            bits = (bits << 6) | UInt32(value)
            bitCount &+= 6
            guard bitCount >= 8 else { continue }
            bitCount &-= 8
            bytes[count] = UInt8(truncatingIfNeeded: bits >> bitCount)
            count &+= 1
        }
        return all < 64 && bits & ((1 << bitCount) - 1) == 0
    }

    private static func encodedCount(_ count: Int) -> Int {
        count / 3 * 4 + (count % 3 * 4 + 2) / 3
    }

    /// The bytes that `text` stands for; nil if it is not Base64URL.
    public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }
}
