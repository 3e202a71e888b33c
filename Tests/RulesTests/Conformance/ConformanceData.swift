import Foundation

@testable import Rules

/// Public test cases beside the repository; a machine without them skips the tests that need them.
enum ConformanceData {
    static let folder = PackageFolder.path + "/../shared/waf"
    static let isPresent = FileManager.default.fileExists(atPath: folder + "/engine/operators")

    static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            type,
            from: Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))
        )
    }

    static func files(_ path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + path)
        return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
    }

    /// Strings of the cases carry bytes as code points 0 to 255.
    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    static func text(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}

/// Runs single operators and transformations, outside of any rule.
final class Bench {
    let rules: RuleSet
    let workspace: Workspace
    var evaluation: Evaluation

    init() throws {
        rules = try RuleSet.load(text: "", name: "empty.conf")
        workspace = Workspace(rules)
        evaluation = Evaluation(rules, workspace, mode: .on, uniqueID: "")
    }

    /// Whether the operator matches, and the groups it captured.
    func run(_ name: OperatorName, parameter: [UInt8], input: [UInt8], folder: String) throws -> (
        Bool, [String]
    ) {
        var text = SourceText(
            file: SourceFile(name: folder + "/rules.conf", bytes: []),
            end: .init(line: 1, column: 1)
        )
        for byte in parameter { text.append(byte, at: .init(line: 1, column: 1)) }
        let test = try name.make(text, Macro(constant: parameter))
        test.prepare(workspace.scratch)
        evaluation.reset(mode: .on, uniqueID: "")
        evaluation.current.isCapturing = true
        var groups: [String] = []
        let isMatch = input.withView { input in
            let isMatch = test.matches(input, &evaluation)
            for slot in 0..<10 where evaluation.tx[slot].isSet {
                groups.append(
                    ConformanceData.text(evaluation.tx[slot].text(evaluation.arena).array)
                )
            }
            return isMatch
        }
        return (isMatch, groups)
    }

    func run(_ transformation: Transformation, input: [UInt8]) -> [UInt8] {
        let scratch = TransformationScratch(arena: evaluation.arena, codePage: nil)
        return input.withView { (transformation.apply($0, scratch) ?? $0).array }
    }
}
