/// Names of HTML, SVG and MathML that can run script.
enum HTMLNames {
    private static let elements: Set<String> = [
        "applet", "base", "comment", "embed", "frame", "frameset", "handler", "iframe", "import",
        "isindex", "link",
        "listener", "math", "meta", "noscript", "object", "script", "style", "vmlframe", "xml",
        "xss",
    ]
    /// Attributes that run script by themselves, or set others that do.
    private static let running: Set<String> = [
        "attributename", "datafld", "dataformatas", "datasrc", "filter", "srcdoc", "style",
    ]
    private static let addresses: Set<String> = [
        "action", "by", "background", "codebase", "data", "dynsrc", "folder", "formaction", "from",
        "href", "lowsrc",
        "poster", "src", "to", "values",
    ]
    private static let schemes = ["javascript:", "vbscript:", "data:", "view-source:"].map {
        Array($0.utf8)
    }

    static func isDangerousElement(_ name: [UInt8]) -> Bool {
        if name.count < 3 { return false }
        let text = String(decoding: name, as: UTF8.self)
        return elements.contains(text) || text.hasPrefix("svg") || text.hasPrefix("xsl")
    }

    /// Whether an attribute of that name runs script with that value.
    static func runsScript(attribute name: [UInt8], value: ByteView) -> Bool {
        if name.count >= 5, name[0] == UInt8(ascii: "o"), name[1] == UInt8(ascii: "n"),
            name.allSatisfy(\.isLetter)
        {
            return true
        }
        let text = String(decoding: name, as: UTF8.self)
        if running.contains(text) || text.hasPrefix("xmlns") { return true }
        let isAddress = addresses.contains(text) || text.hasPrefix("xlink")
        return isAddress && isScriptAddress(value)
    }

    /// Whether an address has a scheme that runs script: decoded, and without the bytes that browsers drop.
    private static func isScriptAddress(_ value: ByteView) -> Bool {
        var start: [UInt8] = []
        var index = 0
        while index < value.count, start.count < 16 {
            let (byte, length) = reference(value, index) ?? (value[index], 1)
            index += length
            if byte > 0x20, byte < 0x7F { start.append(byte.foldedCase) }
        }
        return schemes.contains { start.starts(with: $0) }
    }

    /// A numeric character reference, or the names for colon, tab and line feed.
    private static func reference(_ value: ByteView, _ index: Int) -> (UInt8, Int)? {
        guard value[index] == 0x26 else { return nil }
        let names: [(StaticString, UInt8)] = [
            ("&colon;", 0x3A), ("&tab;", 0x09), ("&newline;", 0x0A),
        ]
        for (name, byte) in names where value.startsFolded(with: name, at: index) {
            return (byte, name.utf8CodeUnitCount)
        }
        guard value.at(index + 1) == 0x23 else { return nil }
        let isHex = (value.at(index + 2) ?? 0) | 0x20 == UInt8(ascii: "x")
        var position = index + (isHex ? 3 : 2)
        let first = position
        var code: UInt32 = 0
        while let next = value.at(position),
            let digit = isHex ? next.hexDigit : next.decimalDigit.map(UInt8.init),
            position - first < 12
        {
            code = code &* (isHex ? 16 : 10) &+ UInt32(digit)
            position += 1
        }
        if position == first { return nil }
        if value.at(position) == 0x3B { position += 1 }
        return (UInt8(exactly: code) ?? 0, position - index)
    }
}
