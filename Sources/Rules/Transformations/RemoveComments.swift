/// `t:removeComments`: C and HTML comments vanish, one that is not closed leaves a space; `--` and `#` end the value.
///
///     SecRule ARGS "@contains unionselect" "id:1,phase:2,deny,t:removeComments"
enum RemoveComments {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        var index = 0
        var isCut = false
        while index < input.count {
            if let (start, end) = comment(at: index, of: input) {
                guard let close = input.firstRange(of: end, from: index + start) else {
                    output.append(0x20)
                    break
                }
                index = close + end.utf8CodeUnitCount
            } else if input.starts(with: "--", at: index) || input[index] == 0x23 {
                isCut = true
                break
            } else {
                output.append(input[index])
                index += 1
            }
        }
        // Nothing but comments leaves one NUL, as it always has.
        if output.count == 0, !isCut, !input.isEmpty { output.append(0) }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }

    /// The length of the mark that opens a comment here, and the mark that closes it.
    private static func comment(at index: Int, of input: ByteView) -> (Int, StaticString)? {
        if input.starts(with: "/*", at: index) { return (2, "*/") }
        return input.starts(with: "<!--", at: index) ? (4, "-->") : nil
    }
}
