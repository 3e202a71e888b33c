/// `t:htmlEntityDecode`: `&#NN;`, `&#xHH;` and the names quot, amp, lt, gt, nbsp; the semicolon may be missing.
///
///     SecRule ARGS "@contains javascript:" "id:1,phase:2,deny,t:htmlEntityDecode"
enum HTMLEntityDecode {
    private static let names: [(StaticString, UInt8)] = [
        ("quot", 0x22), ("amp", 0x26), ("lt", 0x3C), ("gt", 0x3E), ("nbsp", 0xA0),
    ]

    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstIndex(of: 0x26) else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        var hasChanged = false
        while index < input.count {
            if input[index] == 0x26, let (byte, length) = entity(input, at: index) {
                output.append(byte)
                index += length
                hasChanged = true
            } else {
                output.append(input[index])
                index += 1
            }
        }
        let result = arena.finish(output)
        return hasChanged ? result : nil
    }

    /// The byte of the entity at `start` and how long the entity is.
    private static func entity(_ input: ByteView, at start: Int) -> (UInt8, Int)? {
        var end: Int
        var byte: UInt8 = 0
        if input.at(start + 1) == 0x23 {
            let isHex = (input.at(start + 2) ?? 0) | 0x20 == UInt8(ascii: "x")
            let digits = start + (isHex ? 3 : 2)
            end = digits
            while let next = input.at(end),
                let digit = isHex ? next.hexDigit : next.decimalDigit.map(UInt8.init)
            {
                byte = byte &* (isHex ? 16 : 10) &+ digit
                end += 1
            }
            if end == digits { return nil }
        } else {
            end = start + 1
            while let next = input.at(end), next.isLetter || next.isDigit { end += 1 }
            let name = input[(start + 1)..<end]
            guard let found = names.first(where: { name.equalsFolded($0.0) }) else { return nil }
            byte = found.1
        }
        if input.at(end) == 0x3B { end += 1 }
        return (byte, end - start)
    }
}
