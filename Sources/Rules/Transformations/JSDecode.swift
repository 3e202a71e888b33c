/// `t:jsDecode`: JavaScript escapes `\uHHHH`, `\xHH`, octal and single letters.
///
///     SecRule ARGS "@contains alert(" "id:1,phase:2,deny,t:jsDecode"
enum JSDecode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstIndex(of: 0x5C) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        var hasChanged = false
        while index < input.count {
            if input[index] == 0x5C, index + 1 < input.count {
                let (byte, length) = escape(input, at: index)
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

    private static func escape(_ input: ByteView, at start: Int) -> (UInt8, Int) {
        let kind = input[start + 1]
        if kind == UInt8(ascii: "u"), let code = input.hexQuad(at: start + 2) {
            return (code.lowByteFoldingFullWidth, 6)
        }
        if kind == UInt8(ascii: "x"), let byte = input.hexPair(at: start + 2) { return (byte, 4) }
        if kind.isOctalDigit { return octal(input, at: start) }
        return (EscapeSeqDecode.letter(kind) ?? kind, 2)
    }

    /// Up to three digits, as long as they fit into a byte.
    private static func octal(_ input: ByteView, at start: Int) -> (UInt8, Int) {
        var length = 1
        var value = 0
        while length < 4, let digit = input.at(start + length), digit.isOctalDigit,
            value * 8 + 7 < 512
        {
            let next = value * 8 + Int(digit &- 0x30)
            if next > 255 { break }
            value = next
            length += 1
        }
        return (UInt8(truncatingIfNeeded: value), length)
    }
}
