/// `t:hexEncode`: two lower-case hexadecimal digits for each byte.
///
///     SecRule ARGS "@beginsWith 4d5a" "id:1,phase:2,deny,t:hexEncode"
enum HexEncode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        if input.isEmpty { return nil }
        var output = arena.writer(capacity: input.count * 2)
        for index in 0..<input.count {
            output.append(.hexDigit(of: input[index] >> 4))
            output.append(.hexDigit(of: input[index]))
        }
        return arena.finish(output)
    }
}
