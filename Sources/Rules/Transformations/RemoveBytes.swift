/// `t:removeNulls` and `t:removeWhitespace`.
///
///     SecRule ARGS "@contains javascript:" "id:1,phase:2,deny,t:removeWhitespace"
enum RemoveBytes {
    @inline(__always)
    static func apply(_ input: ByteView, _ arena: Arena, _ isRemoved: (UInt8) -> Bool) -> ByteView? {
        guard let first = input.firstIndex(where: isRemoved) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        for index in first..<input.count where !isRemoved(input[index]) {
            output.append(input[index])
        }
        return arena.finish(output)
    }
}
