import Foundation
import Testing

@Suite struct FormatTests {
    @Test func `swift format lint finds nothing`() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "format", "lint", "--strict", "--parallel", "--recursive", "Sources", "Tests",
        ]
        process.currentDirectoryURL = Tree.root
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let findings = String(decoding: data, as: UTF8.self).split(separator: "\n")
        #expect(
            process.terminationStatus == 0,
            """
            \(findings.count) findings; most go away with: scripts/format
            \(findings.prefix(30).joined(separator: "\n"))
            """
        )
    }
}
