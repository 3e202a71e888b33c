/// `t:cssDecode`: CSS 2.x escapes, one to six hexadecimal digits; the low byte is kept, full-width forms become ASCII.
///
///     SecRule ARGS "@contains expression(" "id:1,phase:2,deny,t:cssDecode"
enum CSSDecode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstIndex(of: 0x5C) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        while index < input.count {
            guard input[index] == 0x5C else {
                output.append(input[index])
                index += 1
                continue
            }
            index += 1
            let digits = digitCount(input, from: index)
            if digits > 0 {
                output.append(byte(input[index..<(index + digits)]))
                index += digits
                if let next = input.at(index), next.isWhitespace { index += 1 }
            } else if let next = input.at(index) {
                if next != 0x0A { output.append(next) }
                index += 1
            }
        }
        return arena.finish(output)
    }

    private static func digitCount(_ input: ByteView, from start: Int) -> Int {
        var length = 0
        while length < 6, input.at(start + length)?.hexDigit != nil { length += 1 }
        return length
    }

    private static func byte(_ digits: ByteView) -> UInt8 {
        var code: UInt32 = 0
        for index in 0..<digits.count { code = code << 4 | UInt32(digits[index].hexDigit ?? 0) }
        return UInt16(exactly: code)?.lowByteFoldingFullWidth ?? UInt8(truncatingIfNeeded: code)
    }
}
