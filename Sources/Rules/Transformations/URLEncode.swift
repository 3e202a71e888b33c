/// `t:urlEncode`: everything but letters, digits and `*` as `%XX`, space as `+`.
///
///     SecRule ARGS "@streq a%2fb" "id:1,phase:2,deny,t:urlEncode"
enum URLEncode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count * 3)
        for index in 0..<input.count {
            let byte = input[index]
            if byte == 0x20 {
                output.append(0x2B)
            } else if byte.isLetter || byte.isDigit || byte == 0x2A {
                output.append(byte)
            } else {
                output.append(0x25)
                output.append(.hexDigit(of: byte >> 4))
                output.append(.hexDigit(of: byte))
            }
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }
}
