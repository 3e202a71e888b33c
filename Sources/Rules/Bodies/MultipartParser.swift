/// `multipart/form-data` bodies (RFC 7578), strictly: every deviation sets its flag.
struct MultipartParser {
    /// A part between two boundaries.
    struct Part {
        /// The header lines, unfolded, without line ends.
        var headers: [ByteView] = []
        var name: ByteView?
        var filename: ByteView?
        var content = ByteView()

        /// Whether it may be taken for a field: to some readers a file without a name is none.
        var isField: Bool { filename?.isEmpty ?? true }
    }

    enum Failure: Error {
        case noBoundary, noEnd, invalidPart, tooManyParts, noTime
        /// The name of a header field has a byte that names cannot have.
        case invalidHeader
    }

    private static let headerLimit = 64
    private static let bytesPerReading = 65_536
    /// What a line costs beside its bytes.
    private static let bytesPerLine = 32

    private let body: ByteView
    private let boundary: ByteView
    private let isCut: Bool
    private let arena: Arena
    private(set) var flags: MultipartFlags = []
    private(set) var budget: TimeBudget
    private var pendingBytes = 0
    private var hasCRLF = false
    /// The header that is read ends where a cut body does.
    private var isHeaderCut = false

    /// - Parameters:
    ///   - type: the value of Content-Type.
    ///   - isCut: whether the body goes on behind its limit: what is unfinished is reported, too.
    init(
        _ body: ByteView,
        type: ByteView,
        isCut: Bool = false,
        _ budget: TimeBudget,
        _ arena: Arena
    ) throws(Failure) {
        self.body = body
        self.isCut = isCut
        self.budget = budget
        self.arena = arena
        guard let (boundary, flags) = MultipartParser.boundary(type) else { throw .noBoundary }
        self.boundary = boundary
        self.flags = flags
    }

    /// Where the word `boundary` of the one parameter ends that names a boundary: of two, another reader
    /// takes the other.
    private static func boundaryWord(_ type: ByteView) -> Int? {
        var found: Int?
        for index in 0..<type.count where type.startsFolded(with: "boundary", at: index) {
            let rest = type.dropFirst(index + 8).trimming(trailing: false, \.isWhitespace)
            guard rest.at(0) == 0x3D || rest.at(0) == 0x2A else { continue }
            if found != nil { return nil }
            found = index + 8
        }
        return found
    }

    private static func boundary(_ type: ByteView) -> (ByteView, MultipartFlags)? {
        var flags: MultipartFlags = []
        guard var index = boundaryWord(type) else { return nil }
        if !type.starts(with: "boundary", at: index - 8) { flags.insert(.boundaryCase) }
        while let byte = type.at(index), byte == 0x20 || byte == 0x09 {
            flags.insert(.boundaryWhitespace)
            index += 1
        }
        guard type.at(index) == 0x3D else { return nil }
        var value = type.dropFirst(index + 1)
        if let end = value.firstIndex(of: 0x3B) { value = value.prefix(end) }
        let trimmed = value.trimming(\.isWhitespace)
        if trimmed.count != value.count { flags.insert(.boundaryWhitespace) }
        value = trimmed
        if value.at(0) == 0x22 {
            flags.insert(.boundaryQuoted)
            guard value.count >= 2, value[value.count - 1] == 0x22 else { return nil }
            value = value[1..<(value.count - 1)]
        } else if value.contains(0x22) {
            return nil
        }
        if value.firstIndex(where: \.isWhitespace) != nil { flags.insert(.boundaryWhitespace) }
        return value.isEmpty || value.count > 70 ? nil : (value, flags)
    }

    /// There were more files than are allowed.
    mutating func noteFileLimit() { flags.insert(.fileLimitExceeded) }

    /// Reports every part. What was found before a failure stands.
    mutating func parse(partLimit: Int, _ found: (Part) -> Void) throws(Failure) {
        var index = 0
        var contentStart: Int?
        var part = Part()
        var count = 0
        while index < body.count {
            let (line, next, end) = try self.line(at: index)
            let delimiter = delimiter(line)
            switch delimiter {
            case .none:
                if contentStart == nil, !line.isEmpty { flags.insert(.dataBefore) }
                index = next
                continue
            case .part, .last:
                if let start = contentStart {
                    part.content = body[start..<max(start, contentEnd(before: index))]
                    if part.name == nil { throw .invalidPart }
                    found(part)
                    count += 1
                    if count == partLimit { throw .tooManyParts }
                }
            }
            noteLineEnd(end)
            index = next
            if delimiter == .last {
                if body.dropFirst(index).firstIndex(where: { !$0.isWhitespace }) != nil {
                    flags.insert(.dataAfter)
                }
                return
            }
            part = Part()
            index = try headers(at: index, &part)
            contentStart = index
        }
        if isCut, let start = contentStart, part.name != nil {
            part.content = body[start..<body.count]
            found(part)
        }
        throw .noEnd
    }

    private enum Delimiter { case none, part, last }

    private mutating func delimiter(_ line: ByteView) -> Delimiter {
        guard line.starts(with: "--") else { return .none }
        guard line.starts(with: boundary, at: 2) else {
            flags.insert(.unmatchedBoundary)
            return .none
        }
        let padded = line.dropFirst(2 + boundary.count)
        let rest = padded.trimming(leading: false, \.isWhitespace)
        // The standard allows for padding; readers that do not know it see content.
        if rest.count != padded.count {
            flags.formUnion([.boundaryWhitespace, .unmatchedBoundary])
        }
        if rest.isEmpty { return .part }
        if rest.equals("--") { return .last }
        // Readers that look for the beginning of a line see a boundary.
        flags.formUnion([.invalidPart, .unmatchedBoundary])
        return .none
    }

    /// The line at `start` without its end, where the next begins, and how long its end is.
    private mutating func line(at start: Int) throws(Failure) -> (ByteView, Int, Int) {
        let feed = body.firstIndex(of: 0x0A, from: start)
        guard hasTime(for: (feed ?? body.count) - start) else { throw .noTime }
        guard let feed else { return (body[start..<body.count], body.count, 0) }
        let hasReturn = feed > start && body[feed - 1] == 0x0D
        return (body[start..<(hasReturn ? feed - 1 : feed)], feed + 1, hasReturn ? 2 : 1)
    }

    /// Looks at the clock once in a while: there can be as many lines as bytes.
    private mutating func hasTime(for bytes: Int) -> Bool {
        pendingBytes += bytes + MultipartParser.bytesPerLine
        if pendingBytes < MultipartParser.bytesPerReading { return true }
        pendingBytes = 0
        return budget.isLeft
    }

    private mutating func noteLineEnd(_ length: Int) {
        if length == 1 { flags.insert(.lfLine) }
        if length == 2 { hasCRLF = true }
        if hasCRLF, flags.contains(.lfLine) { flags.insert(.crlfLFLines) }
    }

    /// The content ends before the line end in front of its boundary.
    private mutating func contentEnd(before boundaryStart: Int) -> Int {
        guard body.at(boundaryStart - 1) == 0x0A else { return boundaryStart }
        if body.at(boundaryStart - 2) == 0x0D {
            noteLineEnd(2)
            return boundaryStart - 2
        }
        noteLineEnd(1)
        return boundaryStart - 1
    }

    private mutating func headers(at start: Int, _ part: inout Part) throws(Failure) -> Int {
        var index = start
        /// Where the lines of the last header stand.
        var header = start..<start
        while index < body.count {
            let lineStart = index
            let (line, next, end) = try self.line(at: index)
            index = next
            if isCut, end == 0, !line.contains(0x3A), line[0] != 0x20, line[0] != 0x09 { break }
            noteLineEnd(end)
            if line.isEmpty {
                try finish(header, &part)
                return index
            }
            if line[0].isWhitespace {
                try noteFolding(line[0], of: header)
                header = header.lowerBound..<(lineStart + line.count)
            } else {
                try check(line)
                try add(header, &part)
                header = lineStart..<(lineStart + line.count)
            }
        }
        guard isCut else { throw .noEnd }
        isHeaderCut = true
        try finish(header, &part)
        return index
    }

    private mutating func noteFolding(_ byte: UInt8, of header: Range<Int>) throws(Failure) {
        flags.insert(.headerFolding)
        // Only space and tab fold a line; readers that take any white space are led elsewhere.
        if byte != 0x20, byte != 0x09 { flags.insert(.invalidHeaderFolding) }
        if header.isEmpty {
            flags.insert(.invalidHeaderFolding)
            throw .invalidPart
        }
    }

    private mutating func check(_ line: ByteView) throws(Failure) {
        let colon = line.firstIndex(of: 0x3A)
        let name = line.prefix(colon ?? 0)
        if colon != nil, name.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F }) == nil { return }
        flags.insert(.invalidPart)
        throw colon == nil ? .invalidPart : .invalidHeader
    }

    /// Keeps the header whose lines stand in `range`.
    private mutating func add(_ range: Range<Int>, _ part: inout Part) throws(Failure) {
        if range.isEmpty { return }
        guard part.headers.count < MultipartParser.headerLimit else {
            flags.insert(.invalidPart)
            throw .invalidPart
        }
        part.headers.append(unfolded(body[range]))
    }

    private mutating func finish(_ last: Range<Int>, _ part: inout Part) throws(Failure) {
        try add(last, &part)
        for header in part.headers { try readDisposition(header, &part) }
    }

    /// The lines of a header as one: all at once, since there can be many.
    private func unfolded(_ lines: ByteView) -> ByteView {
        guard var feed = lines.firstIndex(of: 0x0A) else { return lines }
        var joined = arena.writer(capacity: lines.count)
        let isReturn = lines.at(feed - 1) == 0x0D
        joined.append(lines.prefix(isReturn ? feed - 1 : feed))
        while feed < lines.count {
            let next = lines.firstIndex(of: 0x0A, from: feed + 1) ?? lines.count
            joined.append(0x20)
            joined.append(lines[(feed + 1)..<next].trimming(\.isWhitespace))
            feed = next
        }
        return arena.finish(joined)
    }

    private mutating func readDisposition(_ header: ByteView, _ part: inout Part) throws(Failure) {
        guard header.startsFolded(with: "content-disposition:") else { return }
        var rest = header.dropFirst(20).trimming(\.isWhitespace)
        guard part.name == nil, rest.startsFolded(with: "form-data") else {
            if isHeaderCut { return }
            flags.insert(.invalidPart)
            throw .invalidPart
        }
        rest = rest.dropFirst(9)
        while true {
            rest = rest.trimming(\.isWhitespace)
            guard let separator = rest.at(0) else { return }
            if separator == 0x3B {
                rest = rest.dropFirst().trimming(\.isWhitespace)
                if rest.isEmpty { return }
            } else {
                flags.insert(.missingSemicolon)
            }
            rest = try readParameter(rest, &part)
        }
    }

    private mutating func readParameter(_ text: ByteView, _ part: inout Part) throws(Failure)
        -> ByteView
    {
        guard let equals = text.firstIndex(of: 0x3D) else {
            if isHeaderCut { return ByteView() }
            flags.insert(.invalidPart)
            throw .invalidPart
        }
        let key = text.prefix(equals).trimming(\.isWhitespace)
        var rest = text.dropFirst(equals + 1).trimming(trailing: false, \.isWhitespace)
        var value: ByteView
        if rest.at(0) == 0x22 {
            (value, rest) = try quoted(rest)
        } else {
            let end = rest.firstIndex { $0 == 0x3B || $0.isWhitespace } ?? rest.count
            value = rest.prefix(end)
            rest = rest.dropFirst(end)
            if value.at(0) == 0x27 || value.contains(0x22) { flags.insert(.invalidQuoting) }
        }
        if key.equalsFolded("name") {
            if part.name != nil { flags.insert(.invalidPart) }
            part.name = value
        } else if key.equalsFolded("filename") {
            if part.filename != nil { flags.insert(.invalidPart) }
            part.filename = value
        } else if key.equalsFolded("filename*") {
            // Two spellings of one name invite two readings; the form standard knows only one.
            flags.insert(.invalidPart)
            part.filename = part.filename ?? value
        }
        return rest
    }

    /// A value in double quotes, unescaped, and what follows it.
    private mutating func quoted(_ text: ByteView) throws(Failure) -> (ByteView, ByteView) {
        var end = 1
        var hasEscape = false
        while let byte = text.at(end), byte != 0x22 {
            let isEscape = byte == 0x5C && (text.at(end + 1) == 0x22 || text.at(end + 1) == 0x5C)
            if isEscape { hasEscape = true }
            end += isEscape ? 2 : 1
        }
        guard end < text.count || isHeaderCut else {
            flags.insert(.invalidQuoting)
            throw .invalidPart
        }
        let value = text[1..<end]
        return (hasEscape ? unescaped(value) : value, text.dropFirst(end + 1))
    }

    private func unescaped(_ text: ByteView) -> ByteView {
        var value = arena.writer(capacity: text.count)
        var index = 0
        while let byte = text.at(index) {
            if byte == 0x5C, let next = text.at(index + 1), next == 0x22 || next == 0x5C {
                index += 1
            }
            value.append(text[index])
            index += 1
        }
        return arena.finish(value)
    }
}
