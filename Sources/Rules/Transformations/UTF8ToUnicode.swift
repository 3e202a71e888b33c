/// `t:utf8toUnicode`: well-formed multi-byte UTF-8 becomes `%uXXXX`; everything else stays.
///
///     SecRule ARGS "@rx %u[fF]{2}" "id:1,phase:2,deny,t:utf8toUnicode"
enum UTF8ToUnicode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstIndex(where: { $0 >= 0x80 }) else { return nil }
        var output = arena.writer(capacity: input.count * 4)
        output.append(input.prefix(first))
        var index = first
        var hasChanged = false
        while index < input.count {
            if let (code, length) = input.utf8Scalar(at: index), length > 1 {
                append(code, to: &output)
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

    private static func append(_ code: UInt32, to output: inout ByteWriter) {
        output.append("%u")
        var shift = code > 0xFFFFF ? 20 : code > 0xFFFF ? 16 : 12
        while shift >= 0 {
            output.append(.hexDigit(of: UInt8(truncatingIfNeeded: code >> UInt32(shift))))
            shift -= 4
        }
    }
}

extension ByteView {
    /// The well-formed UTF-8 character at `index` (RFC 3629) and its length in bytes.
    func utf8Scalar(at index: Int) -> (UInt32, Int)? {
        guard let lead = at(index) else { return nil }
        if lead < 0x80 { return (UInt32(lead), 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2, lead <= 0xF4 else { return nil }
        var code = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for offset in 1..<length {
            guard let byte = at(index + offset), byte & 0xC0 == 0x80 else { return nil }
            code = code << 6 | UInt32(byte & 0x3F)
        }
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard code >= smallest, code <= 0x10FFFF, code & 0xFFFF_F800 != 0xD800 else { return nil }
        return (code, length)
    }
}
