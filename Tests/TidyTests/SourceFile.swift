/// A file with its lines and, for Swift, the same text without comments and strings.
struct SourceFile: Sendable, CustomStringConvertible {
    /// Relative to the package's root.
    let path: String
    let lines: [Substring]
    /// The lines with comments and string contents blanked, so that only code can match; columns are kept.
    let codeLines: [Substring]

    var description: String { path }
    var name: Substring { path.split(separator: "/").last ?? "" }
    var stem: Substring { name.split(separator: ".").first ?? "" }
    var isSwift: Bool { path.hasSuffix(".swift") }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let code = path.hasSuffix(".swift") ? SwiftText(text).code : text
        codeLines = code.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// A finding for each line of code that the pattern matches.
    func findings(_ pattern: some RegexComponent, inCode: Bool = true, remedy: String) -> [Finding] {
        let searched = inCode ? codeLines : lines
        return searched.indices.filter { searched[$0].contains(pattern) }
            .map { Finding(path: path, line: $0 + 1, remedy: remedy) }
    }
}
