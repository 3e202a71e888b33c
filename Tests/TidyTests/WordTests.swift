import Testing

/// Words that do not belong in a finished tree. They are spelled in two halves here, so that this file may pass.
@Suite struct WordTests {
    @Test func `Nothing is left for later`() {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        expectNone(
            marks.flatMap { mark in
                Tree.texts.flatMap { file in
                    file.lines.indices.filter { hasWord(mark, in: file.lines[$0]) }.map {
                        Finding(
                            path: file.path,
                            line: $0 + 1,
                            remedy: "\(mark): do it now, or leave it out and say so"
                        )
                    }
                }
            }
        )
    }

    @Test func `Nothing in the text points to one developer's machine`() {
        let places = [
            "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "git" + " worktree",
            "issue" + " #",
        ]
        expectNone(
            Tree.texts.flatMap { file in
                file.lines.indices.compactMap { index in
                    places.first { file.lines[index].contains($0) }.map {
                        Finding(
                            path: file.path,
                            line: index + 1,
                            remedy: "\($0) means nothing to a reader; say why"
                        )
                    }
                }
            }
        )
    }

    @Test func `No code trusts what a peer might break`() {
        expectNone(
            Tree.swift.flatMap {
                $0.findings(/\btry!/, remedy: "handle the error, or let the function throw")
                    + $0.findings(/\bas!/, remedy: "cast with as? and answer the other case")
                    + $0.findings(
                        /\bfatalError\b/,
                        remedy: "return an error; a peer must not reach a trap"
                    )
            }
        )
    }

    @Test func `Types are named for what they are`() {
        let names =
            /\b(class|struct|enum|actor|protocol)\s+\w*(Manager|Utils?|Impl|Base|Core|Common|Helpers?)\b/
        expectNone(
            Tree.swift.flatMap {
                $0.findings(names, remedy: "use the noun that a user of the thing would say")
            }
        )
    }

    @Test func `A test is named by a sentence and does not sleep`() {
        let tests = Tree.swift.filter {
            $0.path.hasPrefix("Tests/") && !$0.path.hasPrefix("Tests/Support")
        }
        expectNone(
            tests.flatMap {
                $0.findings(
                    /\bfunc test[A-Z]/,
                    remedy: "say what holds: func `A bare line feed is refused`()"
                )
                    + $0.findings(
                        /\b(Task\.sleep|usleep|nanosleep)\(|(^|[^.\w])sleep\(/,
                        remedy: "wait for the event itself"
                    )
            }
        )
    }

    private func hasWord(_ word: String, in line: Substring) -> Bool {
        line.ranges(of: word).contains { range in
            let before =
                range.lowerBound > line.startIndex
                ? line[line.index(before: range.lowerBound)] : " "
            let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
            return !before.isLetter && !after.isLetter
        }
    }
}
