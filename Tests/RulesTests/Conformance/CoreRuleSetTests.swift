import Testing

@testable import Rules

@Suite(
    .enabled(
        if: ConformanceData.isPresent,
        "the public rule set (../shared/waf) is not on this machine"
    )
)
struct CoreRuleSetTests {
    static let loaded = Result { () throws(RuleSetError) in
        try RuleSet.load([ConformanceData.folder + "/ftw/main.conf"])
    }

    @Test func `The OWASP Core Rule Set loads unmodified`() throws {
        let rules = try Self.loaded.get()
        #expect(rules.ruleCount == 635)
        #expect(Set(rules.warnings.map(\.code)) == ["no-effect"])
    }

    @Test(arguments: [
        "/?q=1'+or+'1'='1", "/?q=<script>alert(1)</script>", "/?f=../../etc/passwd",
        "/?q=%24%7Bjndi:ldap://x%7D",
        "/?q=;cat+/etc/passwd", "/a?b=c&d=e", "/?q=O'Brien", "/?x=%2527%2520or%25201=1",
        "/?q=a%00b",
        "/%2e%2e/x?y=phpinfo()",
    ])
    func `Gates change nothing but the time`(target: String) throws {
        let rules = try Self.loaded.get()
        let gated = Exchange(rules, Request(target: target))
        let ungated = Exchange(rules, Request(target: target), usesGates: false)
        #expect(gated.transaction.matchedIDs == ungated.transaction.matchedIDs)
    }
}
