import HTTP

/// A head that the parser refused, taken apart as far as it goes: for the rules' eyes alone, so that the log says what
/// was tried. Nothing of it goes anywhere else.
struct RefusedHead {
    let method: ByteView
    let target: ByteView
    let version: ByteView
    private(set) var fields: [(name: ByteView, value: ByteView)] = []

    private static let fieldLimit = 100

    init(_ bytes: ByteView) {
        let (line, rest) = RefusedHead.line(bytes)
        let first = line.firstIndex(of: 0x20, from: 0) ?? line.count
        method = line.prefix(first)
        let words = line.dropFirst(first + 1)
        var last = words.count
        for index in 0..<words.count where words[index] == 0x20 { last = index }
        target = words.prefix(last)
        version = words.dropFirst(last + 1)
        readFields(rest)
    }

    private mutating func readFields(_ bytes: ByteView) {
        var rest = bytes
        while !rest.isEmpty, fields.count < RefusedHead.fieldLimit {
            let (line, next) = RefusedHead.line(rest)
            rest = next
            if line.isEmpty { return }
            guard let colon = line.firstIndex(of: 0x3A, from: 0) else { continue }
            var value = line.dropFirst(colon + 1)
            while !value.isEmpty, value[0] == 0x20 { value = value.dropFirst(1) }
            fields.append((line.prefix(colon), value))
        }
    }

    /// The first line without its end, and what follows it.
    private static func line(_ bytes: ByteView) -> (ByteView, ByteView) {
        let end = bytes.firstIndex(of: 0x0A, from: 0) ?? bytes.count
        var line = bytes.prefix(end)
        if !line.isEmpty, line[line.count - 1] == 0x0D { line = line.prefix(line.count - 1) }
        return (line, bytes.dropFirst(min(end + 1, bytes.count)))
    }
}
