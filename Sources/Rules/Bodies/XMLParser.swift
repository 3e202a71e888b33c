/// XML bodies as rules see them: all text as one value, each attribute as another. Nothing outside the document is
/// ever loaded, and entities a document defines itself are not expanded.
struct XMLParser {
    enum Failure: Error {
        case syntax, tooDeep
        /// The text ends before the document does.
        case end
    }

    /// Called for each attribute, and, with `tellsPaths`, at the end of each element with the text in it.
    typealias Sink = (_ path: ByteView?, _ value: ByteView, _ isAttribute: Bool) -> Void

    private struct Element {
        let name: ByteView
        /// Where its text begins.
        let start: Int
    }

    private static let depthLimit = 256
    /// Encodings whose ASCII bytes mean ASCII.
    private static let encodings: [StaticString] = [
        "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252",
    ]

    private let text: ByteView
    private let arena: Arena
    private let tellsPaths: Bool
    private let isCut: Bool
    /// The document says itself how it is to be read, so that others may see another text than is found here.
    private(set) var isAmbiguous = false
    /// A document can have many nodes, and each path is as long as the names of all elements around it.
    private var pathBytesLeft = 1 << 20
    private static let leastPathBytes = 256
    private var index = 0
    private var openElements: [Element] = []
    private var hasRoot = false
    private var found: ByteWriter

    /// - Parameter isCut: whether the text goes on behind its limit: what is unfinished is reported, too.
    init(_ text: ByteView, _ arena: Arena, tellsPaths: Bool = false, isCut: Bool = false) {
        self.text = text
        self.isCut = isCut
        self.tellsPaths = tellsPaths
        self.arena = arena
        found = arena.writer(capacity: text.count)
    }

    /// The text of the document, as far as it was read.
    var content: ByteView { found.written }

    /// Reads the whole document. What was found before a failure stands.
    mutating func parse(_ sink: Sink) throws(Failure) {
        do {
            try document(sink)
        } catch {
            while isCut, error == .end, !openElements.isEmpty { closeElement(sink) }
            throw error
        }
    }

    private mutating func document(_ sink: Sink) throws(Failure) {
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
        guard hasRoot, openElements.isEmpty else { throw .end }
    }

    /// What is wrong where `index` stands.
    private var failure: Failure { index < text.count ? .syntax : .end }

    private mutating func markup(_ sink: Sink) throws(Failure) {
        if text.starts(with: "<!--", at: index) {
            try skip(past: "-->", from: index + 4)
        } else if text.starts(with: "<![CDATA[", at: index) {
            try characterData()
        } else if text.starts(with: "<?", at: index) {
            try instruction()
        } else if text.starts(with: "<!", at: index) {
            try skipDeclaration()
        } else if text.starts(with: "</", at: index) {
            try endTag(sink)
        } else {
            try startTag(sink)
        }
    }

    private mutating func skip(past mark: StaticString, from start: Int) throws(Failure) {
        guard let end = text.firstRange(of: ByteView(mark), from: start) else { throw .end }
        index = end + mark.utf8CodeUnitCount
    }

    private mutating func characterData() throws(Failure) {
        if openElements.isEmpty { throw .syntax }
        let start = index + 9
        guard let end = text.firstRange(of: "]]>", from: start) else {
            if isCut { found.append(text[start..<text.count]) }
            throw .end
        }
        found.append(text[start..<end])
        index = end + 3
    }

    private mutating func instruction() throws(Failure) {
        let start = index + 2
        try skip(past: "?>", from: start)
        let content = text[start..<(index - 2)]
        guard content.startsFolded(with: "xml"), content.at(3)?.isWhitespace == true,
            let name = content.firstRange(of: "encoding")
        else { return }
        let quoted = content.dropFirst(name + 8).trimming { $0.isWhitespace || $0 == 0x3D }
        let value = quoted.dropFirst()
        let end = quoted.at(0).flatMap { value.firstIndex(of: $0) }
        let encoding = value.prefix(end ?? 0)
        if !Self.encodings.contains(where: { encoding.equalsFolded($0) }) { isAmbiguous = true }
    }

    /// A document type declaration, with its internal subset. Quotes in its comments and instructions begin no text.
    private mutating func skipDeclaration() throws(Failure) {
        var depth = 0
        while let byte = text.at(index) {
            if text.starts(with: "<!--", at: index) {
                try skip(past: "-->", from: index + 4)
                continue
            }
            if text.starts(with: "<?", at: index) {
                try skip(past: "?>", from: index + 2)
                continue
            }
            let changesText =
                text.starts(with: "<!ENTITY", at: index)
                || text.starts(with: "<!ATTLIST", at: index)
            if changesText { isAmbiguous = true }
            index += 1
            switch byte {
            case 0x5B: depth += 1
            case 0x5D: depth -= 1
            case 0x22, 0x27:
                guard let end = text.firstIndex(of: byte, from: index) else { throw .end }
                index = end + 1
            case 0x3E where depth <= 0: return
            default: break
            }
        }
        throw .end
    }

    private mutating func name() throws(Failure) -> ByteView {
        let start = index
        while let byte = text.at(index),
            byte.isWordByte || byte >= 0x80 || byte == 0x2D || byte == 0x2E || byte == 0x3A
        {
            index += 1
        }
        if index == start { throw failure }
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
            throw failure
        }
        closeElement(sink)
        index += 1
    }

    private mutating func closeElement(_ sink: Sink) {
        guard let open = openElements.last else { return }
        if tellsNextPath { sink(path(), found.written.dropFirst(open.start), false) }
        openElements.removeLast()
    }

    private mutating func startTag(_ sink: Sink) throws(Failure) {
        index += 1
        let name = try name()
        if openElements.isEmpty, hasRoot { throw .syntax }
        hasRoot = true
        while true {
            skipSpace()
            guard let byte = text.at(index) else { throw .end }
            if byte == 0x3E {
                index += 1
                if openElements.count >= XMLParser.depthLimit { throw .tooDeep }
                openElements.append(Element(name: name, start: found.count))
                return
            }
            if byte == 0x2F {
                index += 1
                guard text.at(index) == 0x3E else { throw failure }
                index += 1
                return
            }
            try attribute(of: name, sink)
        }
    }

    private mutating func attribute(of element: ByteView, _ sink: Sink) throws(Failure) {
        let attribute = try name()
        skipSpace()
        guard text.at(index) == 0x3D else { throw failure }
        index += 1
        skipSpace()
        guard let quote = text.at(index), quote == 0x22 || quote == 0x27 else { throw failure }
        let end = text.firstIndex(of: quote, from: index + 1)
        guard end != nil || isCut else { throw .end }
        sink(
            tellsNextPath ? path(to: element, attribute) : nil,
            decoded(text[(index + 1)..<(end ?? text.count)]),
            true
        )
        guard let end else { throw .end }
        index = end + 1
    }

    private var tellsNextPath: Bool { tellsPaths && pathBytesLeft > 0 }

    /// `/order/item`, or `/order/item/@price`.
    private mutating func path(to element: ByteView? = nil, _ attribute: ByteView? = nil)
        -> ByteView
    {
        let names = openElements.map(\.name) + [element].compactMap { $0 }
        let capacity = names.reduce(2) { $0 + $1.count + 1 } + (attribute?.count ?? 0)
        pathBytesLeft -= max(capacity, Self.leastPathBytes)
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
        if raw.at(start + 1) == 0x23 { return numericReference(raw, start) }
        let named: [(StaticString, UInt8)] = [
            ("&lt;", 0x3C), ("&gt;", 0x3E), ("&amp;", 0x26), ("&quot;", 0x22), ("&apos;", 0x27),
        ]
        return named.first { raw.starts(with: $0.0, at: start) }
            .map { ([$0.1], $0.0.utf8CodeUnitCount) }
    }

    /// `&#39;` or `&#x27;`, with any number of zeros in front.
    private func numericReference(_ raw: ByteView, _ start: Int) -> ([UInt8], Int)? {
        let isHex = raw.at(start + 2) == UInt8(ascii: "x")
        let first = start + (isHex ? 3 : 2)
        var index = first
        var code: UInt32 = 0
        while let byte = raw.at(index), isHex || byte.isDigit, let digit = byte.hexDigit {
            code = min(code * (isHex ? 16 : 10) + UInt32(digit), 0x11_0000)
            index += 1
        }
        guard index > first, raw.at(index) == 0x3B, let scalar = Unicode.Scalar(code),
            let encoded = UTF8.encode(scalar)
        else { return nil }
        return (Array(encoded), index - start + 1)
    }
}
