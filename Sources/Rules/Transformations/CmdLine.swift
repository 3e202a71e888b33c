/// `t:cmdLine`: what a shell ignores disappears: quotes, backslashes and carets; commas, semicolons and white space
/// become one space, none in front of `/` and `(`; letters in lower case.
///
///     SecRule ARGS "@contains cat /etc/passwd" "id:1,phase:2,deny,t:cmdLine"
enum CmdLine {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        for index in 0..<input.count {
            let byte = input[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "^"): break
            case 0x20, 0x2C, 0x3B, 0x09, 0x0A, 0x0D:
                if output.last != 0x20 { output.append(0x20) }
            case UInt8(ascii: "/"), UInt8(ascii: "("):
                if output.last == 0x20 { output.removeLast() }
                output.append(byte)
            default: output.append(byte.foldedCase)
            }
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }
}
