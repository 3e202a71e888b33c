import Foundation

/// The text of one configuration file, kept to show the lines that problems point at.
struct SourceText: Sendable {
    /// Largest configuration file that is read.
    static let bytesLimit = 4 << 20

    /// Path as the operator wrote it.
    let file: String
    let text: String
    private let lines: [Substring.UnicodeScalarView]

    init(file: String, text: String) {
        self.file = file
        self.text = text
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.last == "\r" ? $0.dropLast() : $0 }
    }

    /// The line with this number, from 1; empty beyond the end.
    func line(_ number: Int) -> String {
        lines.indices.contains(number - 1) ? String(Substring(lines[number - 1])) : ""
    }

    /// The stretch that a scalar covers, from where it starts to its closing quote or last character on that line.
    func span(line: Int, column: Int, plainLength: Int) -> SourceSpan {
        let rest =
            lines.indices.contains(line - 1)
            ? lines[line - 1].dropFirst(column - 1) : Substring().unicodeScalars
        var length = min(plainLength, rest.count)
        if let quote = rest.first, quote == "\"" || quote == "'" {
            length = closingQuote(in: rest.dropFirst(), quote: quote).map { $0 + 2 } ?? rest.count
        }
        return SourceSpan(file: file, line: line, column: column, length: max(1, length))
    }

    private func closingQuote(in rest: Substring.UnicodeScalarView, quote: Unicode.Scalar) -> Int? {
        var isEscaped = false
        for (offset, scalar) in rest.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\", quote == "\"" {
                isEscaped = true
            } else if scalar == quote {
                return offset
            }
        }
        return nil
    }
}

extension SourceText {
    /// The text of the file at the path, or why it cannot be had.
    static func read(_ file: String) -> Result<SourceText, Problem> {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        if let size = attributes?[.size] as? Int, size > bytesLimit {
            let limit = Quantity.text(bytes: bytesLimit)
            return .failure(Problem(.fileTooLarge, "the file is larger than \(limit)", file: file))
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            let exists = FileManager.default.fileExists(atPath: file)
            let message = exists ? "the file cannot be read" : "there is no such file"
            return .failure(Problem(.unreadableFile, message, file: file))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            return .failure(Problem(.notUTF8, "the file is not UTF-8 text", file: file))
        }
        // Some editors begin a file with a byte order mark, which is no part of its text.
        let mark = "\u{FEFF}"
        let rest =
            text.unicodeScalars.starts(with: mark.unicodeScalars)
            ? String(text.unicodeScalars.dropFirst()) : text
        return .success(SourceText(file: file, text: rest))
    }
}

extension Problem {
    fileprivate init(_ code: ProblemCode, _ message: String, file: String) {
        self.init(code: code, message: message, place: .file(file))
    }
}
