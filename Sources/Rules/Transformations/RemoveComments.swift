/// `t:removeComments`: C and HTML comments vanish; `--` and `#` end the value.
///
///     SecRule ARGS "@contains unionselect" "id:1,phase:2,deny,t:removeComments"
enum RemoveComments {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        var index = 0
        while index < input.count {
            if input.starts(with: "/*", at: index) {
                index = input.firstRange(of: "*/", from: index + 2).map { $0 + 2 } ?? input.count
            } else if input.starts(with: "<!--", at: index) {
                index = input.firstRange(of: "-->", from: index + 4).map { $0 + 3 } ?? input.count
            } else if input.starts(with: "--", at: index) || input[index] == 0x23 {
                break
            } else {
                output.append(input[index])
                index += 1
            }
        }
        // Nothing but comments leaves one NUL, as it always has.
        if output.count == 0, !input.isEmpty { output.append(0) }
        let result = arena.finish(output)
        return result.count == input.count ? nil : result
    }
}
