import Testing

/// Who may import whom: the table of ARCHITECTURE.md.
@Suite struct ImportTests {
    private static let everywhere: Set<String> = [
        "Glibc", "Synchronization", "Builtin", "Swift", "_Concurrency",
    ]

    private static let table: [String: Set<String>] = [
        "HTTP": ["CNghttp2", "CScan"],
        "Locations": ["CMaxMindDB"],
        "Rules": ["Locations", "CPCRE2", "CVectorscan", "CZlib"],
        "Transport": ["COpenSSL", "CLinux"],
        "Redis": ["Transport", "CHiredis"],
        "Gateway": [
            "HTTP", "Transport", "Locations", "Rules", "Redis", "ArgumentParser", "Logging",
            "Yams", "Foundation",
            "FoundationEssentials", "CZlib", "CBrotli",
        ],
    ]

    /// The service may use what Hummingbird brings, but neither the gateway's insides nor a second crypto library.
    private static let neverInTicketing: Set<String> = [
        "Gateway", "HTTP", "Rules", "Yams", "COpenSSL", "CPCRE2", "CHiredis", "Crypto", "NIOSSL",
        "HummingbirdTLS",
    ]

    /// Libraries that one folder owns.
    private static let owners: [String: String] = [
        "Yams": "Sources/Gateway/Configuration/", "CMaxMindDB": "Sources/Locations/",
        "CBrotli": "Sources/Gateway/Compression/",
        "CMariaDB": "Sources/Ticketing/Store/MariaDB/", "CPango": "Sources/Ticketing/Orders/",
        "GRDB": "Sources/Ticketing/Store/SQLite/", "CArgon2": "Sources/Ticketing/Identity/",
        "CNghttp2": "Sources/HTTP/HTTP2/",
    ]

    @Test func `Modules import what the table allows`() {
        expectNone(
            Tree.swift.filter { $0.path.hasPrefix("Sources/") }.flatMap { file in
                imports(of: file).filter { !isAllowed($0.name, in: file.path) }.map {
                    Finding(
                        path: file.path,
                        line: $0.line,
                        remedy:
                            "\($0.name) is not for this module; pass a value in, or change the table with a reason"
                    )
                }
            }
        )
    }

    @Test func `A library is imported only by the folder that owns it`() {
        expectNone(
            Tree.swift.filter { $0.path.hasPrefix("Sources/") }.flatMap { file in
                imports(of: file).compactMap { found in
                    guard let owner = Self.owners[found.name], !file.path.hasPrefix(owner) else {
                        return nil
                    }
                    return Finding(
                        path: file.path,
                        line: found.line,
                        remedy: "\(found.name) belongs to \(owner)"
                    )
                }
            }
        )
    }

    @Test func `The gateway uses Foundation only where its configuration is read`() {
        let folder = "Sources/Gateway/Configuration/"
        expectNone(
            Tree.swift.filter {
                $0.path.hasPrefix("Sources/Gateway/") && !$0.path.hasPrefix(folder)
            }.flatMap { file in
                imports(of: file).filter { $0.name.hasPrefix("Foundation") }.map {
                    Finding(
                        path: file.path,
                        line: $0.line,
                        remedy: "use Glibc, or move the file to \(folder)"
                    )
                }
            }
        )
    }

    private func imports(of file: SourceFile) -> [(name: String, line: Int)] {
        let pattern =
            /^\s*(?:@?\w+\s+)*?import\s+(?:(?:struct|class|enum|func|protocol|let|var|typealias)\s+)?(\w+)/
        return file.codeLines.indices.compactMap { index in
            guard let match = file.codeLines[index].firstMatch(of: pattern) else { return nil }
            return (String(match.output.1), index + 1)
        }
    }

    private func isAllowed(_ name: String, in path: String) -> Bool {
        let module = path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        if module == "Ticketing" { return !Self.neverInTicketing.contains(name) }
        return Self.everywhere.contains(name) || Self.table[module, default: []].contains(name)
    }
}
