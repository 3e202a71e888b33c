/// `t:urlDecodeUni`: like `urlDecode`, and `%uXXXX` through the code page; without one, full-width forms become
/// ASCII and other characters their low byte.
///
///     SecRule ARGS "@rx union\s+select" "id:1,phase:2,deny,t:urlDecodeUni"
enum URLDecodeUni {
    static func apply(_ input: ByteView, _ arena: Arena, codePage: CodePage?) -> ByteView? {
        guard let first = input.firstIndex(where: { $0 == 0x25 || $0 == 0x2B }) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        var hasChanged = false
        while index < input.count {
            let byte = input[index]
            if byte == 0x25, let next = input.at(index + 1) {
                if next | 0x20 == UInt8(ascii: "u"), let code = input.hexQuad(at: index + 2) {
                    output.append(codePage?.byte(for: code) ?? code.lowByteFoldingFullWidth)
                    index += 6
                    hasChanged = true
                    continue
                }
                if let decoded = input.hexPair(at: index + 1) {
                    output.append(decoded)
                    index += 3
                    hasChanged = true
                    continue
                }
            }
            hasChanged = hasChanged || byte == 0x2B
            output.append(byte == 0x2B ? 0x20 : byte)
            index += 1
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }
}

extension ByteView {
    /// The number that four hexadecimal digits at `index` stand for.
    func hexQuad(at index: Int) -> UInt16? {
        guard let high = hexPair(at: index), let low = hexPair(at: index + 2) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }
}

extension UInt16 {
    /// Full-width forms FF01 to FF5E as ASCII, everything else as its low byte.
    var lowByteFoldingFullWidth: UInt8 {
        let low = UInt8(truncatingIfNeeded: self)
        return self >= 0xFF01 && self <= 0xFF5E ? low &+ 0x20 : low
    }
}
