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

    /// Tests that do not pass, and why.
    private static let exceptions: [String: String] = [
        "920280-3": "the gateway answers 505 to an unknown version of HTTP, before any rule",
        "920430-3": "the gateway answers 505 to an unknown version of HTTP, before any rule",
        "920430-9": "the gateway answers 505 to an unknown version of HTTP, before any rule",
        "920430-5": "wants a connection that closes without an answer; the gateway says 400 first",
        "920430-8": "the gateway refuses the version before any rule",
        "920290-4": "the gateway refuses an empty Host before any rule",
        "920620-1": "Content-Type twice: the engine sees both fields, the test wants one to be dropped",
        "922130-2":
            "the part is refused (REQBODY_ERROR) before the rule sees its header; the line that the test looks for is "
            + "another engine's",
        "942100-13": "@detectSQLi does not see this form yet",
        "942101-4": "@detectSQLi does not see this form yet",
        "942101-9": "@detectSQLi does not see this form yet",
    ]

    @Test(arguments: CoreRuleSetFolder.groups)
    func `Rules log what the tests of their authors expect`(group: String) throws {
        let runner = RegressionRunner(try Self.loaded.get())
        let tests = try RegressionTest.read(under: "\(CoreRuleSetFolder.path)/tests/\(group)")
        #expect(!tests.isEmpty)
        let failures = tests.map(runner.run)
            .filter { !$0.reasons.isEmpty && Self.exceptions[$0.test.id] == nil }
        let list = failures.map { "\($0.test.id): \($0.reasons.joined(separator: "; "))" }
        #expect(failures.isEmpty, "\(list.joined(separator: "\n"))")
    }
}
