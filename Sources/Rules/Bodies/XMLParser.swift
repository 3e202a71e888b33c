/// XML bodies as rules see them: all text as one value, each attribute as another. Nothing outside the document is
/// ever loaded, and entities a document defines itself are not expanded.
struct XMLParser {
    enum Failure: Error { case syntax, tooDeep }

    /// Called for each attribute, and, with `tellsPaths`, at the end of each element with the text in it.
    typealias Sink = (_ path: ByteView?, _ value: ByteView, _ isAttribute: Bool) -> Void

    private struct Element {
        let name: ByteView
        /// Where its text begins.
        let start: Int
    }

    private static let depthLimit = 256

    private let text: ByteView
    private let arena: Arena
    private let tellsPaths: Bool
    /// A document can have many nodes, and each path is as long as it is deep.
    private var pathsLeft = 4_096
    private var index = 0
    private var openElements: [Element] = []
    private var hasRoot = false
    private var found: ByteWriter

    init(_ text: ByteView, _ arena: Arena, tellsPaths: Bool = false) {
        self.text = text
        self.tellsPaths = tellsPaths
        self.arena = arena
        found = arena.writer(capacity: text.count)
    }

    /// The text of the document, as far as it was read.
    var content: ByteView { found.written }

    /// Reads the whole document. What was found before a failure stands.
    mutating func parse(_ sink: Sink) throws(Failure) {
        if text.starts(with: "\u{FEFF}") { index = 3 }
        while index < text.count {
            if text[index] == 0x3C {
                try markup(sink)
            } else {
                let end = text.firstIndex(of: 0x3C, from: index) ?? text.count
                let run = text[index..<end]
                if openElements.isEmpty {
                    if run.firstIndex(where: { !$0.isWhitespace }) != nil { throw .syntax }
                } else {
                    found.append(decoded(run))
                }
                index = end
            }
        }
        guard hasRoot, openElements.isEmpty else { throw .syntax }
    }

    private mutating func markup(_ sink: Sink) throws(Failure) {
        if text.starts(with: "<!--", at: index) {
            try skip(past: "-->", from: index + 4)
        } else if text.starts(with: "<![CDATA[", at: index) {
            guard let end = text.firstRange(of: "]]>", from: index + 9), !openElements.isEmpty
            else { throw .syntax }
            found.append(text[(index + 9)..<end])
            index = end + 3
        } else if text.starts(with: "<?", at: index) {
            try skip(past: "?>", from: index + 2)
        } else if text.starts(with: "<!", at: index) {
            try skipDeclaration()
        } else if text.starts(with: "</", at: index) {
            try endTag(sink)
        } else {
            try startTag(sink)
        }
    }

    private mutating func skip(past mark: StaticString, from start: Int) throws(Failure) {
        guard let end = text.firstRange(of: mark, from: start) else { throw .syntax }
        index = end + mark.utf8CodeUnitCount
    }

    /// A document type declaration, with its internal subset.
    private mutating func skipDeclaration() throws(Failure) {
        var depth = 0
        while let byte = text.at(index) {
            index += 1
            switch byte {
            case 0x5B: depth += 1
            case 0x5D: depth -= 1
            case 0x22, 0x27:
                guard let end = text.firstIndex(of: byte, from: index) else { throw .syntax }
                index = end + 1
            case 0x3E where depth <= 0: return
            default: break
            }
        }
        throw .syntax
    }

    private mutating func name() throws(Failure) -> ByteView {
        let start = index
        while let byte = text.at(index),
            byte.isWordByte || byte >= 0x80 || byte == 0x2D || byte == 0x2E || byte == 0x3A
        {
            index += 1
        }
        if index == start { throw .syntax }
        return text[start..<index]
    }

    private mutating func skipSpace() {
        while let byte = text.at(index), byte.isWhitespace { index += 1 }
    }

    private mutating func endTag(_ sink: Sink) throws(Failure) {
        index += 2
        let name = try name()
        skipSpace()
        guard text.at(index) == 0x3E, let open = openElements.last, open.name.equals(name) else {
            throw .syntax
        }
        if tellsNextPath() { sink(path(), found.written.dropFirst(open.start), false) }
        openElements.removeLast()
        index += 1
    }

    private mutating func startTag(_ sink: Sink) throws(Failure) {
        index += 1
        let name = try name()
        if openElements.isEmpty, hasRoot { throw .syntax }
        hasRoot = true
        while true {
            skipSpace()
            guard let byte = text.at(index) else { throw .syntax }
            if byte == 0x3E {
                index += 1
                if openElements.count >= XMLParser.depthLimit { throw .tooDeep }
                openElements.append(Element(name: name, start: found.count))
                return
            }
            if byte == 0x2F {
                guard text.at(index + 1) == 0x3E else { throw .syntax }
                index += 2
                return
            }
            let attribute = try self.name()
            skipSpace()
            guard text.at(index) == 0x3D else { throw .syntax }
            index += 1
            skipSpace()
            guard let quote = text.at(index), quote == 0x22 || quote == 0x27,
                let end = text.firstIndex(of: quote, from: index + 1)
            else { throw .syntax }
            sink(
                tellsNextPath() ? path(to: name, attribute) : nil,
                decoded(text[(index + 1)..<end]),
                true
            )
            index = end + 1
        }
    }

    private mutating func tellsNextPath() -> Bool {
        guard tellsPaths, pathsLeft > 0 else { return false }
        pathsLeft -= 1
        return true
    }

    /// `/order/item`, or `/order/item/@price`.
    private func path(to element: ByteView? = nil, _ attribute: ByteView? = nil) -> ByteView {
        let names = openElements.map(\.name) + [element].compactMap { $0 }
        let capacity = names.reduce(2) { $0 + $1.count + 1 } + (attribute?.count ?? 0)
        var path = arena.writer(capacity: capacity)
        for name in names {
            path.append(0x2F)
            path.append(name)
        }
        if let attribute {
            path.append("/@")
            path.append(attribute)
        }
        return arena.finish(path)
    }

    /// Character references and the five named entities as the bytes they stand for.
    private func decoded(_ raw: ByteView) -> ByteView {
        guard raw.contains(0x26) else { return raw }
        var output = arena.writer(capacity: raw.count)
        var position = 0
        while position < raw.count {
            if raw[position] == 0x26, let (bytes, length) = reference(raw, position) {
                for byte in bytes { output.append(byte) }
                position += length
            } else {
                output.append(raw[position])
                position += 1
            }
        }
        return arena.finish(output)
    }

    private func reference(_ raw: ByteView, _ start: Int) -> ([UInt8], Int)? {
        guard let end = raw.firstIndex(of: 0x3B, from: start), end - start <= 10 else { return nil }
        let name = raw[(start + 1)..<end]
        let named: [(StaticString, UInt8)] = [
            ("lt", 0x3C), ("gt", 0x3E), ("amp", 0x26), ("quot", 0x22), ("apos", 0x27),
        ]
        if let found = named.first(where: { name.equals($0.0) }) {
            return ([found.1], end - start + 1)
        }
        guard name.at(0) == 0x23 else { return nil }
        let isHex = name.at(1) == UInt8(ascii: "x")
        let digits = name.dropFirst(isHex ? 2 : 1).text
        guard let code = UInt32(digits, radix: isHex ? 16 : 10), let scalar = Unicode.Scalar(code),
            let encoded = UTF8.encode(scalar)
        else { return nil }
        return (Array(encoded), end - start + 1)
    }
}
