/// `t:hexDecode`: pairs of hexadecimal digits; other bytes count as they do in C's arithmetic on digits.
///
///     SecRule ARGS "@contains select" "id:1,phase:2,deny,t:hexDecode"
enum HexDecode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        if input.isEmpty { return nil }
        var output = arena.writer(capacity: input.count / 2)
        var index = 0
        while index + 1 < input.count {
            output.append(nibble(input[index]) &* 16 &+ nibble(input[index + 1]))
            index += 2
        }
        return arena.finish(output)
    }

    private static func nibble(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 ? (byte & 0xDF) &- 0x41 &+ 10 : byte &- 0x30
    }
}
