/// `multipart/form-data` bodies (RFC 7578), strictly: every deviation sets its flag.
struct MultipartParser {
    /// A part between two boundaries.
    struct Part {
        /// The header lines, unfolded, without line ends.
        var headers: [ByteView] = []
        var name: ByteView?
        var filename: ByteView?
        var content = ByteView()
    }

    enum Failure: Error {
        case noBoundary, noEnd, invalidPart, tooManyParts
        /// The name of a header field has a byte that names cannot have.
        case invalidHeader
    }

    private static let headerLimit = 64

    private let body: ByteView
    private let boundary: ByteView
    private let arena: Arena
    private(set) var flags: MultipartFlags = []
    private var hasCRLF = false

    /// - Parameter type: the value of Content-Type.
    init(_ body: ByteView, type: ByteView, _ arena: Arena) throws(Failure) {
        self.body = body
        self.arena = arena
        guard let (boundary, flags) = MultipartParser.boundary(type) else { throw .noBoundary }
        self.boundary = boundary
        self.flags = flags
    }

    private static func boundary(_ type: ByteView) -> (ByteView, MultipartFlags)? {
        var flags: MultipartFlags = []
        var start: Int?
        for index in 0..<type.count where type.startsFolded(with: "boundary", at: index) {
            start = start ?? index + 8
        }
        guard var index = start else { return nil }
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
            let (line, next, end) = self.line(at: index)
            switch delimiter(line) {
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
            if delimiter(line) == .last {
                if body.dropFirst(index).firstIndex(where: { !$0.isWhitespace }) != nil {
                    flags.insert(.dataAfter)
                }
                return
            }
            part = Part()
            index = try headers(at: index, &part)
            contentStart = index
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
        let rest = line.dropFirst(2 + boundary.count)
        if rest.isEmpty { return .part }
        if rest.equals("--") { return .last }
        flags.insert(.unmatchedBoundary)
        return .none
    }

    /// The line at `start` without its end, where the next begins, and how long its end is.
    private func line(at start: Int) -> (ByteView, Int, Int) {
        guard let feed = body.firstIndex(of: 0x0A, from: start) else {
            return (body[start..<body.count], body.count, 0)
        }
        let hasReturn = feed > start && body[feed - 1] == 0x0D
        return (body[start..<(hasReturn ? feed - 1 : feed)], feed + 1, hasReturn ? 2 : 1)
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
        while index < body.count {
            let (line, next, end) = self.line(at: index)
            noteLineEnd(end)
            index = next
            if line.isEmpty {
                for header in part.headers { try readDisposition(header, &part) }
                return index
            }
            if line[0].isWhitespace {
                flags.insert(.headerFolding)
                // Only space and tab fold a line; readers that take any white space are led elsewhere.
                if line[0] != 0x20, line[0] != 0x09 { flags.insert(.invalidHeaderFolding) }
                guard let last = part.headers.popLast() else {
                    flags.insert(.invalidHeaderFolding)
                    throw .invalidPart
                }
                part.headers.append(unfolded(last, line))
            } else if let colon = line.firstIndex(of: 0x3A),
                line.prefix(colon).firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F }) != nil
            {
                flags.insert(.invalidPart)
                throw .invalidHeader
            } else if line.contains(0x3A), part.headers.count < MultipartParser.headerLimit {
                part.headers.append(line)
            } else {
                flags.insert(.invalidPart)
                throw .invalidPart
            }
        }
        throw .noEnd
    }

    private func unfolded(_ first: ByteView, _ second: ByteView) -> ByteView {
        var joined = arena.writer(capacity: first.count + second.count + 1)
        joined.append(first)
        joined.append(0x20)
        joined.append(second.trimming(\.isWhitespace))
        return arena.finish(joined)
    }

    private mutating func readDisposition(_ header: ByteView, _ part: inout Part) throws(Failure) {
        guard header.startsFolded(with: "content-disposition:") else { return }
        var rest = header.dropFirst(20).trimming(\.isWhitespace)
        guard part.name == nil, rest.startsFolded(with: "form-data") else {
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
        var value = arena.writer(capacity: text.count)
        var index = 1
        while let byte = text.at(index), byte != 0x22 {
            if byte == 0x5C, let next = text.at(index + 1), next == 0x22 || next == 0x5C {
                index += 1
            }
            value.append(text[index])
            index += 1
        }
        guard index < text.count else {
            flags.insert(.invalidQuoting)
            throw .invalidPart
        }
        return (arena.finish(value), text.dropFirst(index + 1))
    }
}
