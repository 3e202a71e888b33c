import Foundation
import Testing

/// What the compiler cannot check is explained, and what workers share is listed.
@Suite struct SharedStateTests {
    @Test func `A promise the compiler cannot check carries its reason`() {
        let promise = /@unchecked\s+Sendable|nonisolated\(unsafe\)/
        expectNone(
            Tree.swift.flatMap { file in
                file.findings(promise, remedy: "say on this line or the one above why it holds")
                    .filter {
                        !hasComment(file, line: $0.line)
                    }
            }
        )
    }

    @Test(.enabled(if: Tree.file("ARCHITECTURE.md") != nil, "ARCHITECTURE.md is not written yet"))
    func `State shared between workers is listed in the architecture`() throws {
        let architecture = try #require(Tree.file("ARCHITECTURE.md")).lines.joined(separator: "\n")
        let modules = [
            "Sources/Gateway/", "Sources/Rules/", "Sources/Transport/", "Sources/Redis/",
        ]
        expectNone(
            Tree.swift.filter { file in modules.contains { file.path.hasPrefix($0) } }.compactMap {
                file in
                guard let found = file.findings(/\b(Mutex|Atomic)</, remedy: "").first,
                    !architecture.contains(file.stem)
                else { return nil }
                return Finding(
                    path: file.path,
                    line: found.line,
                    remedy:
                        "name \(file.stem) among the shared state in ARCHITECTURE.md, with its contention story"
                )
            }
        )
    }

    private func hasComment(_ file: SourceFile, line: Int) -> Bool {
        let here = file.lines[line - 1]
        let code = file.codeLines[line - 1]
        if here.contains("//"), !code.contains("//") { return true }
        return line > 1 && file.lines[line - 2].trimmingCharacters(in: .whitespaces).hasPrefix("//")
    }
}
