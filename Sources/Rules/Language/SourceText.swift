/// A rule file in memory: its name and its lines, for messages.
final class SourceFile: Sendable {
    let name: String
    let lines: [[UInt8]]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
    }

    /// The folder that relative includes and data files are looked up in, with its slash; empty for the current one.
    var folder: String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(name[...slash])
    }

    func line(_ number: Int) -> String {
        number >= 1 && number <= lines.count
            ? String(decoding: lines[number - 1], as: UTF8.self) : ""
    }
}

/// Text of a rule file in which every byte still knows where it stood, through line continuations and quotes.
struct SourceText: Sendable {
    struct Position: Sendable {
        var line: Int32
        var column: Int32
    }

    let file: SourceFile
    var bytes: [UInt8] = []
    var positions: [Position] = []
    /// The place just behind the text; also that of an empty text.
    var end: Position

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lowercased: String { String(decoding: bytes.map(\.foldedCase), as: UTF8.self) }

    init(file: SourceFile, end: Position) {
        self.file = file
        self.end = end
    }

    mutating func append(_ byte: UInt8, at position: Position) {
        bytes.append(byte)
        positions.append(position)
        end = Position(line: position.line, column: position.column + 1)
    }

    subscript(_ range: Range<Int>) -> SourceText {
        let lower = min(max(range.lowerBound, 0), count)
        let upper = min(max(range.upperBound, lower), count)
        var slice = SourceText(file: file, end: upper < count ? positions[upper] : end)
        slice.bytes = Array(bytes[lower..<upper])
        slice.positions = Array(positions[lower..<upper])
        return slice
    }

    /// What stands at and behind an index; empty if that is behind the end.
    func suffix(from index: Int) -> SourceText { self[min(index, count)..<count] }

    func at(_ index: Int) -> UInt8? { index >= 0 && index < bytes.count ? bytes[index] : nil }

    func position(_ index: Int) -> Position {
        index < positions.count && index >= 0 ? positions[index] : end
    }

    func location(_ index: Int = 0) -> SourceLocation {
        let place = position(index)
        return SourceLocation(file: file.name, line: Int(place.line), column: Int(place.column))
    }

    /// The text without white space around it.
    var trimmed: SourceText {
        var lower = 0
        var upper = count
        while lower < upper, bytes[lower].isWhitespace { lower += 1 }
        while upper > lower, bytes[upper - 1].isWhitespace { upper -= 1 }
        return self[lower..<upper]
    }

    /// The text without a pair of quotes around it.
    var unquoted: SourceText {
        guard count >= 2, let quote = bytes.first, quote == 0x27 || quote == 0x22,
            bytes.last == quote
        else {
            return self
        }
        return self[1..<(count - 1)]
    }

    /// The parts between separators.
    func split(_ separator: UInt8) -> [SourceText] {
        var parts: [SourceText] = []
        var start = 0
        for index in 0...count where index == count || bytes[index] == separator {
            parts.append(self[start..<index])
            start = index + 1
        }
        return parts
    }
}
