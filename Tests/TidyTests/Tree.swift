import Foundation
import Testing

/// The repository as the tests see it: the files of a folder, read once.
enum Tree {
    /// The package's root, found from this file, also through symbolic links.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let swift = files(under: ["Sources", "Tests"]) {
        $0.hasSuffix(".swift") && !$0.contains("/.build/")
    }

    /// Everything written by hand as code: Swift, C headers, shell and Python.
    static let code =
        swift
        + files(under: ["Sources", "scripts", ".ci"]) { path in
            let name = path.split(separator: "/").last ?? ""
            return [".c", ".h", ".py", ".sh"].contains { name.hasSuffix($0) } || !name.contains(".")
        }

    /// Everything that speaks to a reader.
    static let texts =
        code
        + files(under: ["config", "rules", "docs", "deploy"]) { path in
            [".md", ".yaml", ".conf", ".service", ".svg"].contains { path.hasSuffix($0) }
        }
        + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md", "Package.swift"]
        .compactMap(file)

    static func file(_ path: String) -> SourceFile? {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
            return nil
        }
        return SourceFile(path: path, text: text)
    }

    static func files(under folders: [String], where isWanted: (String) -> Bool) -> [SourceFile] {
        folders.flatMap { folder in
            let paths =
                (try? FileManager.default.subpathsOfDirectory(
                    atPath: root.appending(path: folder).path
                )) ?? []
            return paths.sorted().map { "\(folder)/\($0)" }.filter(isWanted).compactMap(file)
        }
    }
}

/// One place that is not as the house style wants it, with the remedy.
struct Finding: CustomStringConvertible {
    var path: String
    var line: Int
    var remedy: String

    var description: String { "\(path):\(line): \(remedy)" }
}

/// Fails with every finding, the first fifty in full: a list too long to read is not read.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
    for finding in findings.prefix(50) {
        Issue.record(Comment(rawValue: finding.description), sourceLocation: sourceLocation)
    }
    if findings.count > 50 {
        Issue.record("and \(findings.count - 50) more", sourceLocation: sourceLocation)
    }
}
