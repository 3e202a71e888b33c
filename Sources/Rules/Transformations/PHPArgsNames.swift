/// `t:phpArgsNames`: a name as PHP would store it: no leading spaces; space, dot and an unclosed `[` become `_`.
///
///     SecRule ARGS_NAMES "@streq a_b" "id:1,phase:2,deny,t:phpArgsNames"
enum PHPArgsNames {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        let name = input.trimming(trailing: false) { $0 == 0x20 }
        var output = arena.writer(capacity: name.count)
        var index = 0
        while index < name.count {
            let byte = name[index]
            if byte == 0x5B, index > 0 {
                if var end = name.firstIndex(of: 0x5D, from: index) {
                    while name.at(end + 1) == 0x5B,
                        let next = name.firstIndex(of: 0x5D, from: end + 1)
                    { end = next }
                    output.append(name[index...end])
                    break
                }
                output.append(0x5F)
                output.append(name.dropFirst(index + 1))
                break
            }
            output.append(byte == 0x20 || byte == 0x2E || byte == 0x5B ? 0x5F : byte)
            index += 1
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }
}
