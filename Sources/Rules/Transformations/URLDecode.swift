/// `t:urlDecode`: `%XX` and `+`; invalid sequences stay.
///
///     SecRule ARGS "@contains <script" "id:1,phase:2,deny,t:urlDecode"
enum URLDecode {
    /// `%XX` only, as in paths, where `+` is a plus.
    static func percentDecoded(_ input: ByteView, _ arena: Arena) -> ByteView {
        guard let first = input.firstIndex(of: 0x25) else { return input }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        while index < input.count {
            if input[index] == 0x25, let decoded = input.hexPair(at: index + 1) {
                output.append(decoded)
                index += 3
            } else {
                output.append(input[index])
                index += 1
            }
        }
        return arena.finish(output)
    }

    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard input.firstIndex(where: { $0 == 0x25 || $0 == 0x2B }) != nil else { return nil }
        var output = arena.writer(capacity: input.count)
        var index = 0
        var hasChanged = false
        while index < input.count {
            let byte = input[index]
            if byte == 0x25, let decoded = input.hexPair(at: index + 1) {
                output.append(decoded)
                index += 3
                hasChanged = true
            } else {
                hasChanged = hasChanged || byte == 0x2B
                output.append(byte == 0x2B ? 0x20 : byte)
                index += 1
            }
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }
}

extension ByteView {
    /// The byte that two hexadecimal digits at `index` stand for.
    func hexPair(at index: Int) -> UInt8? {
        guard let high = at(index)?.hexDigit, let low = at(index + 1)?.hexDigit else { return nil }
        return high << 4 | low
    }

    /// The first byte that `isWanted` accepts.
    @inline(__always)
    func firstIndex(where isWanted: (UInt8) -> Bool) -> Int? {
        var index = 0
        while index < count {
            if isWanted(self[index]) { return index }
            index += 1
        }
        return nil
    }
}
