/// `t:lowercase` and `t:uppercase`, for ASCII letters.
///
///     SecRule REQUEST_HEADERS:User-Agent "@contains sqlmap" "id:1,phase:1,deny,t:lowercase"
enum LetterCase {
    static func apply(_ input: ByteView, _ arena: Arena, isUpper: Bool) -> ByteView? {
        let isOther = { (byte: UInt8) in byte.isLetter && byte.isUppercase != isUpper }
        guard input.firstIndex(where: isOther) != nil else { return nil }
        var output = arena.writer(capacity: input.count)
        for index in 0..<input.count {
            let byte = input[index]
            output.append(byte.isLetter ? (isUpper ? byte & 0xDF : byte | 0x20) : byte)
        }
        return arena.finish(output)
    }
}
