import Foundation
import Rules
import Support
import Testing

@testable import Gateway

/// Where the regression tests of the Core Rule Set lie, on machines that have them.
private enum CoreRuleSetFolder {
    static let path = Repository.root + "/../shared/waf/ftw"
    static let isPresent = FileManager.default.fileExists(atPath: path + "/main.conf")
    static let groups =
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/tests")) ?? []).sorted()
}

/// The regression tests of the Core Rule Set through the engine, without a server in between.
@Suite(
    .enabled(
        if: CoreRuleSetFolder.isPresent,
        "the regression tests of the Core Rule Set (../shared/waf) are not on this machine"
    )
)
struct CoreRuleSetSuiteTests {
    private static let loaded = Result { () throws(RuleSetError) in
        try RuleSet.load([CoreRuleSetFolder.path + "/main.conf"], [.keepsSource])
    }

    /// Tests of what the gateway does before any rule, or instead: they pass there (EndToEndTests).
    private static let exceptions: Set<String> = [
        "920280-3", "920290-4", "920430-3", "920430-5", "920430-8", "920430-9", "920620-1",
    ]

    @Test(arguments: CoreRuleSetFolder.groups)
    func `Rules log what the tests of their authors expect`(group: String) throws {
        let runner = RegressionRunner(try Self.loaded.get())
        let tests = try RegressionTest.read(under: "\(CoreRuleSetFolder.path)/tests/\(group)")
        #expect(!tests.isEmpty)
        let failures = tests.map(runner.run)
            .filter { !$0.reasons.isEmpty && !Self.exceptions.contains($0.test.id) }
        let list = failures.map { "\($0.test.id): \($0.reasons.joined(separator: "; "))" }
        #expect(failures.isEmpty, "\(list.joined(separator: "\n"))")
    }
}
