/// `t:base64Decode` skips line breaks and stops at the first other byte outside the alphabet; `t:base64DecodeExt` skips
/// all such bytes, padding too, as lenient decoders do (RFC 4648 section 3.3).
///
///     SecRule ARGS "@contains <script" "id:1,phase:2,deny,t:base64Decode"
enum Base64Decode {
    static func apply(_ input: ByteView, _ arena: Arena, skipsForeignBytes: Bool) -> ByteView? {
        var output = arena.writer(capacity: input.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var digits = 0
        for index in 0..<input.count {
            let byte = input[index]
            guard let digit = value(byte) else {
                if skipsForeignBytes || byte == 0x0A || byte == 0x0D { continue }
                break
            }
            bits = bits << 6 | digit
            digits += 1
            if digits % 4 == 0 { append(bits, 3, to: &output) }
        }
        switch digits % 4 {
        case 2: append(bits << 12, 1, to: &output)
        case 3: append(bits << 6, 2, to: &output)
        default: break
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }

    private static func append(_ bits: UInt32, _ length: Int, to output: inout ByteWriter) {
        for index in 0..<length {
            output.append(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * index)))
        }
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
