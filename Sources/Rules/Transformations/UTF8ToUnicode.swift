/// `t:utf8toUnicode`: multi-byte UTF-8 becomes `%uHHHH`, also in forms that are longer than they may be and
/// for halves of surrogate pairs, which careless decoders accept; everything else stays.
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
            if let (code, length) = input.utf8Sequence(at: index), length > 1 {
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
        guard let (code, length) = utf8Sequence(at: index) else { return nil }
        let smallest: UInt32 = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard code >= smallest, code & 0xFFFF_F800 != 0xD800 else { return nil }
        return (code, length)
    }

    /// The character that bytes in the pattern of UTF-8 stand for, whether or not they may, and how many they are.
    func utf8Sequence(at index: Int) -> (UInt32, Int)? {
        guard let lead = at(index) else { return nil }
        if lead < 0x80 { return (UInt32(lead), 1) }
        guard lead >= 0xC0, lead <= 0xF4 else { return nil }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        var code = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
        for offset in 1..<length {
            guard let byte = at(index + offset), byte & 0xC0 == 0x80 else { return nil }
            code = code << 6 | UInt32(byte & 0x3F)
        }
        return code <= 0x10FFFF ? (code, length) : nil
    }
}
