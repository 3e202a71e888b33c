import Testing

/// What documents and alert rules say of metrics.
@Suite struct MetricNameTests {
    private static let sources = Tree.files(under: ["Sources/Gateway", "Sources/Ticketing"]) {
        $0.hasSuffix(".swift")
    }

    @Test(arguments: [
        "docs/operations.md", "deploy/prometheus/alerts.yaml", "deploy/grafana/haniel.json",
        "deploy/grafana/bookme.json",
    ])
    func `Every metric that is written about is served`(path: String) throws {
        let page = try #require(Tree.file(path))
        let found = page.lines.indices.flatMap { index in
            page.lines[index].matches(of: /(?:haniel|bookme)_[a-z_]+[a-z]/).map {
                (name: String($0.output), line: index + 1)
            }
        }
        #expect(found.count > 10)
        expectNone(
            found.filter { !Self.isServed($0.name) }.map {
                Finding(path: path, line: $0.line, remedy: "nothing serves \($0.name)")
            }
        )
    }

    @Test func `Every metric of bookme has its word of help, and every word its metric`() throws {
        let helpPath = "Sources/Ticketing/Observability/Metrics+Help.swift"
        let name = /"(bookme_[a-z_]+)"/
        let names = { (files: [SourceFile]) in
            Set(files.flatMap { $0.lines.flatMap { $0.matches(of: name).map { String($0.1) } } })
        }
        let helped = names([try #require(Tree.file(helpPath))])
        #expect(helped.count > 10)
        let served = names(Self.sources.filter { $0.path != helpPath })
        #expect(helped == served, "\(helped.symmetricDifference(served).sorted())")
    }

    /// Names of a room's figures are put together from a beginning and their own part.
    private static func isServed(_ written: String) -> Bool {
        // A histogram is served under names of its own.
        let name = written.replacing(/_bucket$/, with: "")
        let figure = name.wholeMatch(of: /haniel_waiting_room_(.+)/).map { "\"\($0.1)\"" }
        return sources.contains { file in
            file.lines.contains { line in
                line.contains("\"\(name)\"") || figure.map { line.contains($0) } == true
            }
        }
    }
}
