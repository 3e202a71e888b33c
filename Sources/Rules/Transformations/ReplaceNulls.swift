/// `t:replaceNulls`: NUL becomes a space.
///
///     SecRule ARGS "@contains a b" "id:1,phase:2,deny,t:replaceNulls"
enum ReplaceNulls {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard input.contains(0) else { return nil }
        var output = arena.writer(capacity: input.count)
        for index in 0..<input.count { output.append(input[index] == 0 ? 0x20 : input[index]) }
        return arena.finish(output)
    }
}
