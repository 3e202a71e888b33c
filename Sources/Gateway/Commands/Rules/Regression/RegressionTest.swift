/// One test of a rule set, in the form of go-ftw (ftw-tests-schema 2): requests, and what the rules must say of each.
struct RegressionTest: Sendable {
    struct Stage: Sendable {
        let input: JSONValue
        let expectation: RegressionExpectation
    }

    /// As in `942100-3`.
    let id: String
    let rule: String
    let file: String
    let description: String
    let stages: [Stage]

    /// The tests of one file.
    static func read(_ path: String, name: String) throws -> [RegressionTest] {
        guard let bytes = FileContents.read(path) else {
            throw RegressionProblem(description: "cannot read \(path)")
        }
        let document: JSONValue
        do {
            document = try JSONValue(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw RegressionProblem(description: "\(path): \(error)")
        }
        let digits = name.split(separator: "/").last?.prefix { $0.isNumber } ?? ""
        let rule = document["rule_id"]?.text ?? String(digits)
        return (document["tests"]?.array ?? []).enumerated().map { index, test in
            let number = test["test_id"]?.text ?? test["id"]?.text ?? "\(index + 1)"
            return RegressionTest(
                id: "\(rule)-\(number)",
                rule: rule,
                file: name,
                description: test["desc"]?.text ?? "",
                stages: (test["stages"]?.array ?? []).map { stage in
                    let stage = stage["stage"] ?? stage
                    return Stage(
                        input: stage["input"] ?? .null,
                        expectation: RegressionExpectation(stage["output"] ?? .null)
                    )
                }
            )
        }
    }

    /// The tests of all YAML files below a folder, or of one file, in the order of their names.
    static func read(under path: String) throws -> [RegressionTest] {
        guard RulePaths.isFolder(path) else {
            return try read(path, name: String(path.split(separator: "/").last ?? ""))
        }
        let files = FolderListing.files(under: path) {
            $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
        }
        return try files.flatMap { try read("\(path)/\($0)", name: $0) }
    }
}

/// A file of tests that cannot be used.
struct RegressionProblem: Error, CustomStringConvertible {
    let description: String
}
