/// Reads a value as a browser would read it inside a page, from one of five places, and reports what could run script.
struct HTMLScanner {
    /// Where the value lands: between tags, or in an attribute's value with these quotes.
    enum Context: CaseIterable {
        case content, unquoted, singleQuoted, doubleQuoted, backquoted

        fileprivate var quote: UInt8? {
            switch self {
            case .content, .unquoted: nil
            case .singleQuoted: 0x27
            case .doubleQuoted: 0x22
            case .backquoted: 0x60
            }
        }
    }

    private let text: ByteView
    private var index = 0

    /// Tags need the one, attributes the other.
    static let needed = Array("<=".utf8)

    /// Whether script could run if `text` were put into a page in some context.
    static func findsScript(in text: ByteView) -> Bool {
        guard needed.contains(where: text.contains) else { return false }
        for context in Context.allCases {
            var scanner = HTMLScanner(text)
            if scanner.findsScript(from: context) { return true }
        }
        return false
    }

    private init(_ text: ByteView) { self.text = text }

    private mutating func findsScript(from context: Context) -> Bool {
        switch context {
        case .content: break
        case .unquoted: if attributes() { return true }
        case .singleQuoted, .doubleQuoted, .backquoted:
            guard let quote = context.quote, let end = text.firstIndex(of: quote) else {
                return false
            }
            index = end + 1
            if attributes() { return true }
        }
        while let open = text.firstIndex(of: 0x3C, from: index) {
            index = open + 1
            if markup() { return true }
        }
        return false
    }

    /// What follows a `<`.
    private mutating func markup() -> Bool {
        while text.at(index) == 0 { index += 1 }
        guard let byte = text.at(index) else { return false }
        switch byte {
        case 0x21: return declaration()
        case 0x3F, 0x25: return instruction()
        case 0x2F:
            index += 1
            return tag(isEnd: true)
        default: return byte.isLetter ? tag(isEnd: false) : false
        }
    }

    private mutating func tag(isEnd: Bool) -> Bool {
        let name = self.name { $0.isWhitespace || $0 == 0x2F || $0 == 0x3E || $0 == 0x3C }
        if !isEnd, HTMLNames.isDangerousElement(name) { return true }
        return attributes()
    }

    /// A name up to a byte that ends it, in lower case and without NUL bytes; at most 32 bytes of it.
    private mutating func name(_ isEnd: (UInt8) -> Bool) -> [UInt8] {
        var name: [UInt8] = []
        while let byte = text.at(index), !isEnd(byte) {
            if byte != 0, name.count < 32 { name.append(byte.foldedCase) }
            index += 1
        }
        return name
    }

    /// The attributes of a tag, up to its end.
    private mutating func attributes() -> Bool {
        while let byte = text.at(index) {
            if byte == 0x3E {
                index += 1
                return false
            }
            if byte.isWhitespace || byte == 0x2F || byte == 0 || byte == 0x22 || byte == 0x27 {
                index += 1
                continue
            }
            let start = index
            let name = self.name { $0.isWhitespace || $0 == 0x2F || $0 == 0x3E || $0 == 0x3D }
            if index == start { index += 1 }
            while let space = text.at(index), space.isWhitespace || space == 0 { index += 1 }
            guard text.at(index) == 0x3D else { continue }
            index += 1
            if HTMLNames.runsScript(attribute: name, value: value()) { return true }
        }
        return false
    }

    private mutating func value() -> ByteView {
        while let space = text.at(index), space.isWhitespace || space == 0 { index += 1 }
        guard let quote = text.at(index) else { return ByteView() }
        if quote == 0x22 || quote == 0x27 || quote == 0x60 {
            let start = index + 1
            let end = text.firstIndex(of: quote, from: start) ?? text.count
            index = min(end + 1, text.count)
            return text[start..<end]
        }
        let start = index
        while let byte = text.at(index), !byte.isWhitespace, byte != 0x3E { index += 1 }
        return text[start..<index]
    }

    /// Comments that old browsers execute, document types and entity declarations.
    private mutating func declaration() -> Bool {
        index += 1
        let rest = text.dropFirst(index)
        if rest.startsFolded(with: "doctype") || rest.startsFolded(with: "entity") { return true }
        guard rest.starts(with: "--") else {
            index = text.firstIndex(of: 0x3E, from: index).map { $0 + 1 } ?? text.count
            return false
        }
        var end = text.firstRange(of: "--", from: index + 2) ?? text.count
        while end < text.count, text.at(end + 2) != 0x3E, !text.starts(with: "!>", at: end + 2) {
            end = text.firstRange(of: "--", from: end + 1) ?? text.count
        }
        let comment = text[(index + 2)..<end]
        index = min(end + (text.at(end + 2) == 0x3E ? 3 : 4), text.count)
        return comment.contains(0x60) || comment.startsFolded(with: "[if")
            || comment.startsFolded(with: "xml")
    }

    private mutating func instruction() -> Bool {
        let rest = text.dropFirst(index + 1)
        index = text.firstIndex(of: 0x3E, from: index).map { $0 + 1 } ?? text.count
        return rest.startsFolded(with: "import") || rest.startsFolded(with: "entity")
            || rest.startsFolded(with: "xml")
    }
}
