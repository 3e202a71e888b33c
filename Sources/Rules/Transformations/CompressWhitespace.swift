/// `t:compressWhitespace`: runs of white space, the no-break space A0 included, become one space.
///
///     SecRule ARGS "@contains union select" "id:1,phase:2,deny,t:compressWhitespace"
enum CompressWhitespace {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        var output = arena.writer(capacity: input.count)
        var isInRun = false
        var hasChanged = false
        for index in 0..<input.count {
            let byte = input[index]
            guard byte.isWhitespace || byte == 0xA0 else {
                isInRun = false
                output.append(byte)
                continue
            }
            if isInRun || byte != 0x20 { hasChanged = true }
            if !isInRun { output.append(0x20) }
            isInRun = true
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }
}
