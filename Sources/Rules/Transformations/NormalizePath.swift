/// `t:normalizePath` and `t:normalizePathWin`: repeated slashes, `.` and `..` segments are resolved; a `..` that leads
/// above the start stays. The second form takes backslashes for slashes.
///
///     SecRule REQUEST_FILENAME "@beginsWith /admin/" "id:1,phase:1,deny,t:normalizePath"
enum NormalizePath {
    static func apply(_ input: ByteView, _ arena: Arena, isWindows: Bool) -> ByteView? {
        guard needsWork(input, isWindows: isWindows) else { return nil }
        let isAbsolute = isSlash(input[0], isWindows)
        var output = arena.writer(capacity: input.count + 1)
        if isAbsolute { output.append(0x2F) }
        var index = 0
        var endsInSlash = false
        while index < input.count {
            while index < input.count, isSlash(input[index], isWindows) { index += 1 }
            let start = index
            while index < input.count, !isSlash(input[index], isWindows) { index += 1 }
            if start == index { break }
            append(input[start..<index], to: &output, isAbsolute: isAbsolute)
            endsInSlash = index < input.count
            if endsInSlash, let last = output.last, last != 0x2F { output.append(0x2F) }
        }
        if !endsInSlash, output.count > 1, output.last == 0x2F {
            output.removeLast()
        }
        let result = arena.finish(output)
        return result.equals(input) ? nil : result
    }

    private static func isSlash(_ byte: UInt8, _ isWindows: Bool) -> Bool {
        byte == 0x2F || (isWindows && byte == 0x5C)
    }

    private static func needsWork(_ input: ByteView, isWindows: Bool) -> Bool {
        var isAfterSlash = true
        for index in 0..<input.count {
            let byte = input[index]
            if isWindows && byte == 0x5C { return true }
            if isAfterSlash && (byte == 0x2E || (byte == 0x2F && index > 0)) { return true }
            isAfterSlash = byte == 0x2F
        }
        return false
    }

    /// Adds a segment to a path that is empty or ends in a slash.
    private static func append(_ segment: ByteView, to output: inout ByteWriter, isAbsolute: Bool) {
        if segment.equals(".") { return }
        guard segment.equals("..") else { return output.append(segment) }
        let written = output.written
        if isAbsolute && written.count == 1 { return }
        var parent = max(written.count - 1, 0)
        while parent > 0, written[parent - 1] != 0x2F { parent -= 1 }
        let last = written.dropFirst(parent)
        if written.isEmpty || last.equals("../") {
            output.append("..")
        } else {
            output.removeLast(written.count - parent)
        }
    }
}
