import Testing

/// A dependency is a decision, and a decision has a page.
@Suite struct DecisionTests {
    private static let pages = Tree.files(under: ["docs/decisions"]) { $0.hasSuffix(".md") }

    @Test func `Every dependency has a page that says why`() throws {
        let package = try #require(Tree.file("Package.swift"))
        let wanted = package.lines.indices.compactMap { index -> (name: String, line: Int)? in
            let line = package.lines[index]
            if let match = line.firstMatch(of: /url: "[^"]*\/([^"\/]+)"/) {
                return (String(match.output.1), index + 1)
            }
            if let match = line.firstMatch(of: /library\("C\w+".*apt: "([^"]+)"/) {
                return (String(match.output.1), index + 1)
            }
            return nil
        }
        #expect(!wanted.isEmpty)
        expectNone(
            wanted.filter { found in
                !Self.pages.contains { $0.lines.contains { $0.contains(found.name) } }
            }.map {
                Finding(
                    path: package.path,
                    line: $0.line,
                    remedy:
                        "name \($0.name) in a page of docs/decisions: context, choice, what it costs"
                )
            }
        )
    }

    @Test func `Decision pages are numbered without gaps and share one shape`() {
        #expect(!Self.pages.isEmpty)
        for (index, page) in Self.pages.enumerated() {
            let number =
                String(repeating: "0", count: 4 - String(index + 1).count) + String(index + 1)
            #expect(page.name.hasPrefix(number + "-"), "\(page.path): expected number \(number)")
            for heading in ["## Context", "## Choice", "## What it costs"] {
                #expect(
                    page.lines.contains { $0 == heading },
                    "\(page.path): add a section \"\(heading)\""
                )
            }
        }
    }
}
