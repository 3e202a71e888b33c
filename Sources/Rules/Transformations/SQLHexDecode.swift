/// `t:sqlHexDecode`: `0x6162` becomes `ab`.
///
///     SecRule ARGS "@contains admin" "id:1,phase:2,deny,t:sqlHexDecode"
enum SQLHexDecode {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        var index = 0
        var hasChanged = false
        while index < input.count {
            guard input[index] == 0x30, (input.at(index + 1) ?? 0) | 0x20 == 0x78,
                input.hexPair(at: index + 2) != nil
            else {
                output.append(input[index])
                index += 1
                continue
            }
            index += 2
            hasChanged = true
            while let byte = input.hexPair(at: index) {
                output.append(byte)
                index += 2
            }
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }
}
