/// Swift source with comments and the contents of strings blanked out, byte for byte.
///
/// Knows nested comments, raw and multi-line strings, interpolation and raw identifiers: enough to count braces and
/// to search for words without being fooled by texts. Interpolated code is blanked with its string.
struct SwiftText {
    private let bytes: [UInt8]
    private var output: [UInt8]
    private var position = 0

    /// The text that is left.
    var code: String { String(decoding: output, as: UTF8.self) }

    init(_ text: String) {
        bytes = Array(text.utf8)
        output = bytes
        while position < bytes.count { step() }
    }

    private mutating func step() {
        if starts(with: "//") {
            blank { $0.skipLine() }
        } else if starts(with: "/*") {
            blank { $0.skipBlockComment() }
        } else if bytes[position] == UInt8(ascii: "`") {
            skipRawIdentifier()
        } else if let marks = stringMarks() {
            blank { $0.skipString(marks: marks) }
        } else {
            position += 1
        }
    }

    private func starts(with text: StaticString, at offset: Int = 0) -> Bool {
        let wanted = Array("\(text)".utf8)
        let start = position + offset
        return start + wanted.count <= bytes.count
            && Array(bytes[start..<start + wanted.count]) == wanted
    }

    /// Blanks what the closure skips, except line ends.
    private mutating func blank(_ skip: (inout SwiftText) -> Void) {
        let start = position
        skip(&self)
        position = min(max(position, start + 1), bytes.count)
        for index in start..<position where bytes[index] != UInt8(ascii: "\n") {
            output[index] = UInt8(ascii: " ")
        }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        while position < bytes.count {
            if starts(with: "/*") {
                depth += 1
                position += 2
            } else if starts(with: "*/") {
                depth -= 1
                position += 2
                if depth == 0 { return }
            } else {
                position += 1
            }
        }
    }

    /// A raw identifier stays, but its sentence becomes letters: it may hold braces and quotes.
    private mutating func skipRawIdentifier() {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "`"),
            bytes[position] != UInt8(ascii: "\n")
        {
            output[position] = UInt8(ascii: "x")
            position += 1
        }
        position += 1
    }

    /// The number of `#` before an opening quote here; nil where no string begins.
    private func stringMarks() -> Int? {
        var marks = 0
        while position + marks < bytes.count, bytes[position + marks] == UInt8(ascii: "#") {
            marks += 1
        }
        return starts(with: "\"", at: marks) ? marks : nil
    }

    private mutating func skipString(marks: Int) {
        position += marks
        let isMultiline = starts(with: "\"\"\"")
        position += isMultiline ? 3 : 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\\"), hasMarks(marks, at: position + 1) {
                position += 1 + marks
                if starts(with: "(") { skipInterpolation() } else { position += 1 }
            } else if starts(with: isMultiline ? "\"\"\"" : "\""),
                hasMarks(marks, at: position + (isMultiline ? 3 : 1))
            {
                position += (isMultiline ? 3 : 1) + marks
                return
            } else if !isMultiline, bytes[position] == UInt8(ascii: "\n") {
                return
            } else {
                position += 1
            }
        }
    }

    private func hasMarks(_ count: Int, at start: Int) -> Bool {
        start + count <= bytes.count
            && bytes[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private mutating func skipInterpolation() {
        var depth = 0
        while position < bytes.count {
            if let marks = stringMarks() {
                skipString(marks: marks)
                continue
            }
            if bytes[position] == UInt8(ascii: "(") { depth += 1 }
            if bytes[position] == UInt8(ascii: ")") { depth -= 1 }
            position += 1
            if depth == 0 { return }
        }
    }
}
