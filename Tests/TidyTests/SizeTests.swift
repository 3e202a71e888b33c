import Testing

/// Sizes that keep a file on a few screens and a function on one.
@Suite struct SizeTests {
    @Test func `No line is longer than 120 columns`() {
        expectNone(
            Tree.code.flatMap { file in
                file.lines.indices.filter { file.lines[$0].unicodeScalars.count > 120 }.map {
                    Finding(
                        path: file.path,
                        line: $0 + 1,
                        remedy:
                            "\(file.lines[$0].unicodeScalars.count) columns; break the line at 120, better at 100"
                    )
                }
            }
        )
    }

    @Test func `At most three lines in a hundred are longer than 100 columns`() {
        let lines = Tree.swift.flatMap(\.lines)
        let long = lines.count { $0.unicodeScalars.count > 100 }
        let worst = Tree.swift.max { longLineCount($0) < longLineCount($1) }
        #expect(
            Double(long) <= Double(lines.count) * 0.03,
            "\(long) of \(lines.count) lines; begin with \(worst?.path ?? "")"
        )
    }

    @Test func `No file is longer than 500 lines`() {
        expectNone(
            Tree.code.filter { $0.lines.count > 501 }.map {
                Finding(
                    path: $0.path,
                    line: 501,
                    remedy:
                        "\($0.lines.count - 1) lines; move a type or a topic (Type+Topic.swift) to its own file"
                )
            }
        )
    }

    @Test func `No function is longer than 70 lines`() {
        expectNone(
            Tree.swift.flatMap { file in
                FunctionSpan.all(in: file.codeLines.joined(separator: "\n")).filter {
                    $0.lineCount > 70
                }.map {
                    Finding(
                        path: file.path,
                        line: $0.line,
                        remedy:
                            "a function of \($0.lineCount) lines; let it branch and give its leaves their own names"
                    )
                }
            }
        )
    }

    private func longLineCount(_ file: SourceFile) -> Int {
        file.lines.count { $0.unicodeScalars.count > 100 }
    }
}
