/// A directive as written: its name and its words.
struct Directive: Sendable {
    let name: SourceText
    let arguments: [SourceText]
}

/// Splits a rule file into directives: comments, continued lines and quotes.
struct DirectiveReader {
    private let file: SourceFile
    private var lineIndex = 0

    init(_ file: SourceFile) { self.file = file }

    /// The next directive, or nil at the end of the file. Quoting mistakes are reported and the line is skipped.
    mutating func next(_ problems: inout ProblemList) -> Directive? {
        while lineIndex < file.lines.count {
            let line = logicalLine()
            guard let first = line.at(0), first != UInt8(ascii: "#") else { continue }
            guard var words = words(of: line, &problems), let name = words.first else { continue }
            if words.count > 1, words[words.count - 1].text == "`" {
                words[words.count - 1] = block(from: words[words.count - 1], &problems)
            }
            return Directive(name: name, arguments: Array(words.dropFirst()))
        }
        return nil
    }

    /// Joins lines that end in a backslash. A comment ends with its line, so that it cannot swallow a rule.
    private mutating func logicalLine() -> SourceText {
        var joined = SourceText(
            file: file,
            end: .init(line: Int32(clamping: lineIndex + 1), column: 1)
        )
        while lineIndex < file.lines.count {
            let line = file.lines[lineIndex]
            let number = Int32(clamping: lineIndex + 1)
            lineIndex += 1
            let isComment = joined.isEmpty && line.first { !$0.isWhitespace } == UInt8(ascii: "#")
            let isContinued = !isComment && line.last == UInt8(ascii: "\\")
            for (column, byte) in line.dropLast(isContinued ? 1 : 0).enumerated() {
                joined.append(byte, at: .init(line: number, column: Int32(clamping: column + 1)))
            }
            if !isContinued { break }
        }
        return joined.trimmed
    }

    /// The lines between two backquotes, the second of which stands alone on its line.
    private mutating func block(from open: SourceText, _ problems: inout ProblemList) -> SourceText {
        var block = SourceText(file: file, end: open.end)
        while lineIndex < file.lines.count {
            let line = file.lines[lineIndex]
            let number = Int32(clamping: lineIndex + 1)
            lineIndex += 1
            if line.filter({ !$0.isWhitespace }) == [0x60] { return block }
            for (column, byte) in (line + [0x0A]).enumerated() {
                block.append(byte, at: .init(line: number, column: Int32(clamping: column + 1)))
            }
        }
        problems.error("open-quote", "the list that starts here never ends", at: open)
        return block
    }

    private func words(of line: SourceText, _ problems: inout ProblemList) -> [SourceText]? {
        var words: [SourceText] = []
        var index = 0
        while true {
            while let byte = line.at(index), byte.isWhitespace { index += 1 }
            guard let byte = line.at(index) else { return words }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                guard let (word, next) = quotedWord(line, from: index) else {
                    problems.error(
                        "open-quote",
                        "the quoted text that starts here never ends",
                        at: line,
                        offset: index,
                        hint:
                            "close it with \(byte == 0x22 ? "\"" : "'"), or end the line with a backslash"
                    )
                    return nil
                }
                words.append(word)
                index = next
            } else {
                let start = index
                while let byte = line.at(index), !byte.isWhitespace { index += 1 }
                words.append(line[start..<index])
            }
        }
    }

    /// A backslash in front of the quote keeps the quote and vanishes; every other backslash stays.
    private func quotedWord(_ line: SourceText, from start: Int) -> (SourceText, Int)? {
        let quote = line.bytes[start]
        var word = SourceText(file: file, end: line.position(start + 1))
        var index = start + 1
        while let byte = line.at(index) {
            if byte == quote {
                // A quote inside a word, as in `'/a'b'`, ends nothing: the next byte must be white space or the end.
                if line.at(index + 1)?.isWhitespace ?? true { return (word, index + 1) }
                if quote == 0x22 { return nil }
            }
            if byte == UInt8(ascii: "\\"), line.at(index + 1) == quote { index += 1 }
            if let kept = line.at(index) { word.append(kept, at: line.position(index)) }
            index += 1
        }
        return nil
    }
}
