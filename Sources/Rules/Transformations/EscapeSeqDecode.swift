/// `t:escapeSeqDecode`: the escapes of ANSI C; unknown ones lose their backslash.
///
///     SecRule ARGS "@contains /etc/passwd" "id:1,phase:2,deny,t:escapeSeqDecode"
enum EscapeSeqDecode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstIndex(of: 0x5C) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        var hasChanged = false
        while index < input.count {
            if input[index] == 0x5C, let (byte, length) = escape(input, at: index) {
                output.append(byte)
                index += length
                hasChanged = true
            } else {
                output.append(input[index])
                index += 1
            }
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }

    /// The control byte that `\a`, `\b` and so on stand for.
    static func letter(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "a"): 0x07
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "v"): 0x0B
        default: nil
        }
    }

    private static func escape(_ input: ByteView, at start: Int) -> (UInt8, Int)? {
        guard let kind = input.at(start + 1) else { return nil }
        if let control = letter(kind) { return (control, 2) }
        switch kind {
        case 0x5C, 0x3F, 0x27, 0x22: return (kind, 2)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            return input.hexPair(at: start + 2).map { ($0, 4) } ?? (kind, 2)
        default:
            var value = 0
            var length = 1
            while length < 4, let digit = input.at(start + length), digit.isOctalDigit {
                value = value * 8 + Int(digit &- 0x30)
                length += 1
            }
            return length == 1 ? (kind, 2) : (UInt8(truncatingIfNeeded: value), length)
        }
    }
}
