/// `t:removeCommentsChar`: the marks `/*`, `*/`, `--`, `#`, `<!--` and `-->` vanish, the text between them stays.
///
///     SecRule ARGS "@contains union select" "id:1,phase:2,deny,t:removeCommentsChar"
enum RemoveCommentsChar {
    private static let marks: [StaticString] = ["/*", "*/", "<!--", "-->", "--", "#"]

    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        var index = 0
        while index < input.count {
            if let mark = marks.first(where: { input.starts(with: $0, at: index) }) {
                index += mark.utf8CodeUnitCount
            } else {
                output.append(input[index])
                index += 1
            }
        }
        let result = arena.finish(output)
        return result.count == input.count ? nil : result
    }
}
