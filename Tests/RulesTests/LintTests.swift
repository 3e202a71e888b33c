import Testing

@testable import Rules

/// What `haniel rules check` has to find in a file: a mistake, its level and where it stands.
struct CheckedMistake: Sendable, CustomTestStringConvertible {
    let number: Int
    let text: String
    let code: String
    let level: RuleProblem.Level
    let line: Int
    let column: Int

    init(_ number: Int, _ text: String, _ code: String, _ line: Int, _ column: Int) {
        self.number = number
        self.text = text
        self.code = code
        self.line = line
        self.column = column
        level = [12, 13, 16, 17, 19, 28].contains(number) ? .warning : .error
    }

    var testDescription: String { "\(number): \(text)" }
}

@Suite struct LintTests {
    private static func check(_ text: String) -> [RuleProblem] {
        RuleCheck(bytes: Array(text.utf8), name: "test.conf").problems
    }

    /// Mistakes that one engine or another loads in silence.
    private static let mistakes: [CheckedMistake] = [
        .init(1, #"SecRul ARGS "@rx a" "id:1""#, "unknown-directive", 1, 1),
        .init(2, #"SecRule ARGS "@rx a "id:1""#, "open-quote", 1, 14),
        .init(3, #"SecRule ARGS "@rxx a" "id:1""#, "unknown-operator", 1, 16),
        .init(4, #"SecRule ARGS "@rx (a" "id:1""#, "operator", 1, 21),
        .init(5, #"SecRule ARGZ "@rx a" "id:1""#, "unknown-variable", 1, 9),
        .init(6, #"SecRule ARGS "@rx a" "id:1,denny""#, "unknown-action", 1, 28),
        .init(7, #"SecRule ARGS "@rx a" "id:1,t:lowercas""#, "unknown-transformation", 1, 30),
        .init(8, #"SecAction "id:1,pass,ctl:ruleEngin=On""#, "unknown-ctl", 1, 26),
        .init(9, #"SecRule ARGS "@rx a" "pass""#, "no-id", 1, 1),
        .init(10, "SecAction \"id:1,pass\"\nSecAction \"id:1,pass\"", "same-id", 2, 1),
        .init(11, #"SecRule ARGS "@rx a" "id:1,chain""#, "open-chain", 1, 1),
        .init(12, "SecRuleRemoveById 7", "nothing-found", 1, 19),
        .init(13, #"SecRuleUpdateTargetById 7 "!ARGS:a""#, "nothing-found", 1, 25),
        .init(14, #"SecAction "id:1,phase:1,skipAfter:END""#, "no-marker", 1, 35),
        .init(15, #"SecRule RESPONSE_BODY "@rx a" "id:1,phase:1""#, "too-early", 1, 9),
        .init(16, #"SecRule ARGS "@rx ^(a+)+$" "id:1""#, "nested-quantifier", 1, 24),
        .init(
            17,
            #"SecAction "id:1,phase:2,pass,ctl:requestBodyProcessor=JSON""#,
            "late-processor",
            1,
            34
        ),
        .init(18, #"SecAction "id:1,phase:6,pass""#, "phase", 1, 23),
        .init(
            19,
            "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecRule ARGS \"@rx b\" \"msg:'x'\"",
            "chain-action",
            2,
            23
        ),
        .init(
            20,
            "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecRule ARGS \"@rx b\" \"deny\"",
            "chain-action",
            2,
            23
        ),
        .init(21, #"SecAction "id:1,phase:5,deny""#, "too-late", 1, 1),
        .init(22, #"SecRule REMOTE_ADDR "@ipMatch 10.0.0.0/100" "id:1""#, "operator", 1, 31),
        .init(23, #"SecRule ARGS "@validateByteRange xxx" "id:1""#, "operator", 1, 34),
        .init(24, #"SecRule &ARGS "@gt many" "id:1""#, "number", 1, 20),
        .init(25, #"SecRule ARGS "@pmFromFile absent.data" "id:1""#, "operator", 1, 27),
        .init(26, "Include absent-*.conf", "unreadable", 1, 9),
        .init(27, #"SecAction "id:1,severity:URGENT""#, "severity", 1, 26),
        .init(
            28,
            "SecAction \"id:1,phase:2,deny\"\nSecRule ARGS \"@rx a\" \"id:2,phase:2\"",
            "unreachable",
            2,
            1
        ),
        .init(29, #"SecRule !ARGS:a "@rx a" "id:1""#, "only-exclusions", 1, 9),
        .init(30, #"SecAction "id:1,setvar:tx.a+1""#, "setvar", 1, 24),
        .init(31, #"SecAction "id:1,msg:'%{argz.b}'""#, "unknown-variable", 1, 24),
        .init(32, #"SecDefaultAction "phase:2,log""#, "defaults", 1, 19),
        .init(33, "SecRul x\nSecRule ARGZ \"@rx a\" \"id:1\"", "unknown-variable", 2, 9),
    ]

    @Test(arguments: mistakes)
    func `A mistake is found with its place, its line and its code`(mistake: CheckedMistake) throws {
        let found = Self.check(mistake.text)
        let problem = try #require(found.first { $0.code == mistake.code }, "\(found)")
        #expect(problem.level == mistake.level)
        #expect(problem.location.line == mistake.line)
        #expect(problem.location.column == mistake.column)
        #expect(problem.sourceLine == mistake.text.split(separator: "\n")[mistake.line - 1])
    }

    @Test func `All mistakes of a file come in one run`() {
        let texts = Self.mistakes.filter { ![2, 10, 11, 19, 20, 28, 33].contains($0.number) }
            .map { $0.text.replacing("id:1", with: "id:\(100 + $0.number)") }
        let codes = Set(Self.check(texts.joined(separator: "\n")).map(\.code))
        for mistake in Self.mistakes
        where ![2, 10, 11, 19, 20, 28, 33].contains(mistake.number) {
            #expect(codes.contains(mistake.code), "\(mistake)")
        }
    }

    @Test(arguments: [
        (#"SecRule ARGS "@rx ^(?:\s*a|\s+)+$" "id:1""#, true),
        (#"SecRule ARGS "@rx (?:\w+\d)+x" "id:1""#, true),
        (#"SecRule ARGS "@rx (?:a|[a-c])*d" "id:1""#, true),
        (#"SecRule ARGS "@rx (?:\s+\w+)+" "id:1""#, false),
        (#"SecRule ARGS "@rx (?:[^,]+,)*[^,]+" "id:1""#, false),
        (#"SecRule ARGS "@rx (?:(?:ab)+c)+" "id:1""#, false),
        (#"SecRule ARGS "@rx [(+)+]" "id:1""#, false),
    ])
    func `A repeat within a repeat is named only if it can match in many ways`(
        text: String,
        isRisky: Bool
    ) {
        #expect(Self.check(text).contains { $0.code == "nested-quantifier" } == isRisky)
    }

    @Test(arguments: [
        (#"SecRule ARGS "@rx a(?=b)" "id:1""#, "not-linear"),
        (#"SecRule ARGS "@rx (a)\1" "id:1""#, "not-linear"),
        (#"SecRule ARGS "@rx a" "id:1,t:lowercase,t:none""#, "undone"),
        (#"SecRule ARGS "@rx a" "id:1,t:none,t:lowercase,t:lowercase""#, "undone"),
        (#"SecRule ARGS "@rx a" "id:1,t:lowercase,t:uppercase""#, "undone"),
        (#"SecRule ARGS "@rx a" "id:1,t:length,t:lowercase""#, "undone"),
        (#"SecRule ARGS "@streq Admin" "id:1,t:lowercase""#, "never-matches"),
        (#"SecRule ARGS|!REQUEST_COOKIES:a "@rx a" "id:1""#, "no-effect-exclusion"),
        (#"SecRule ARGS|!ARGS:a|!ARGS:A "@rx a" "id:1""#, "shadowed-exclusion"),
        (#"SecRule ARGS:a|!ARGS:a "@rx a" "id:1""#, "excluded-target"),
        (#"SecRule ARGS_POST "@rx a" "id:1,phase:1""#, "early-body"),
        (#"SecAction "id:1,pass,setvar:tx.mine=1""#, "never-read"),
        (#"SecRule TX:mine "@eq 1" "id:1""#, "never-set"),
        (
            "SecAction \"id:1,pass,severity:WARNING,setvar:tx.s=+%{tx.critical_anomaly_score}\"",
            "other-severity"
        ),
        (
            "SecRule TX:inbound_anomaly_score \"@ge 5\" \"id:949110,phase:2,deny\"\nSecRuleRemoveById 949110",
            "blocks-nothing"
        ),
        (#"SecRule ARGS:/^a/i "@rx a" "id:1""#, "literal-selector"),
        (#"SecRule FILES_TMPNAMES "@rx a" "id:1""#, "always-empty"),
        (#"SecRule IP:seen "@gt 1" "id:1""#, "no-collection"),
        (#"SecAction "id:1,pass,setvar:ip.seen=1""#, "no-collection"),
        (#"SecAction "id:1,pass,setvar:tx.a=1,expirevar:tx.a=5""#, "no-effect"),
        (#"SecAction "id:1,pass,ctl:requestBodyLimit=5""#, "no-effect"),
        (#"SecAction "id:1,pass,ctl:ruleRemoveById=7""#, "nothing-found"),
        (#"SecAction "id:1,pass,ctl:ruleRemoveByTag=absent""#, "nothing-found"),
        (#"SecAction "id:1,pass,ctl:ruleRemoveTargetById=7;ARGS:a""#, "nothing-found"),
    ])
    func `What cannot be meant is a warning`(text: String, code: String) throws {
        let found = Self.check(text)
        let problem = try #require(found.first { $0.code == code }, "\(found)")
        #expect(problem.level == .warning)
    }

    @Test func `A directive before its rule is told where the rule stands`() throws {
        let text = "SecRuleRemoveById 7\nSecAction \"id:7,pass\""
        let problem = try #require(Self.check(text).first { $0.code == "nothing-found" })
        #expect(problem.hint == "rule 7 comes later, at test.conf:2:1: move this behind it")
    }

    @Test func `A jump over an end makes the rules behind its marker reachable`() {
        let text = """
            SecRule ARGS "@rx a" "id:1,phase:1,pass,nolog,skipAfter:GO"
            SecAction "id:2,phase:1,deny"
            SecMarker GO
            SecRule REQUEST_URI "@rx b" "id:3,phase:1,deny"
            """
        #expect(!Self.check(text).contains { $0.code == "unreachable" })
    }

    @Test func `What is opened, and rules that exist, are no doubt`() {
        let text = """
            SecAction "id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR},setvar:ip.seen=1"
            SecRule IP:seen "@gt 1" "id:2,phase:1,pass,ctl:ruleRemoveById=3"
            SecRule ARGS:/^a/|TX:'/^a/'|ARGS:/ "@rx a" "id:3,phase:2,pass"
            """
        let codes = Self.check(text).map(\.code)
        #expect(
            !codes.contains { ["no-collection", "nothing-found", "literal-selector"].contains($0) }
        )
    }
}
