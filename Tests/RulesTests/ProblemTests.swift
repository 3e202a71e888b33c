import Testing

@testable import Rules

/// A mistake, where it must be reported, and under which code.
struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let code: String
    let line: Int
    let column: Int

    init(_ text: String, _ code: String, _ line: Int, _ column: Int) {
        self.text = text
        self.code = code
        self.line = line
        self.column = column
    }

    init(_ text: String, _ code: String, _ column: Int) { self.init(text, code, 1, column) }

    var testDescription: String { text }
}

@Suite struct ProblemTests {
    private func problems(_ text: String) -> [RuleProblem] {
        do {
            return try RuleSet.load(text: text, name: "test.conf").warnings
        } catch {
            return error.problems
        }
    }

    @Test(arguments: [
        Mistake(#"SecRul ARGS "@rx a" "id:1""#, "unknown-directive", 1),
        Mistake(#"SecRule ARGS "@rx a "id:1""#, "open-quote", 14),
        Mistake(#"SecRule ARGS "@rxx a" "id:1""#, "unknown-operator", 16),
        Mistake(#"SecRule ARGS "@rx (a" "id:1""#, "operator", 21),
        Mistake(#"SecRule ARGZ "@rx a" "id:1""#, "unknown-variable", 9),
        Mistake(#"SecRule ARGS|!ARGZ:b "@rx a" "id:1""#, "unknown-variable", 15),
        Mistake(#"SecRule ARGS "@rx a" "id:1,denny""#, "unknown-action", 28),
        Mistake(#"SecRule ARGS "@rx a" "id:1,t:lowercas""#, "unknown-transformation", 30),
        Mistake(#"SecRule ARGS "@rx a" "id:1,ctl:ruleEngin=On""#, "unknown-ctl", 32),
        Mistake(#"SecRule ARGS "@rx a" "phase:2,pass""#, "no-id", 1),
        Mistake("SecAction \"id:1,pass\"\nSecAction \"id:1,pass\"", "same-id", 2, 1),
        Mistake(#"SecRule ARGS "@rx a" "id:1,chain""#, "open-chain", 1),
        Mistake(#"SecAction "id:1,phase:1,skipAfter:END""#, "no-marker", 35),
        Mistake(#"SecRule RESPONSE_BODY "@rx a" "id:1,phase:1""#, "too-early", 9),
        Mistake(#"SecAction "id:1,phase:6,pass""#, "phase", 23),
        Mistake(#"SecAction "id:1,phase:5,deny""#, "too-late", 1),
        Mistake(#"SecRule REMOTE_ADDR "@ipMatch 10.0.0.0/100" "id:1""#, "operator", 31),
        Mistake(#"SecRule ARGS "@validateByteRange xxx" "id:1""#, "operator", 34),
        Mistake(#"SecRule &ARGS "@gt many" "id:1""#, "number", 20),
        Mistake(#"SecRule ARGS "@pmFromFile absent.data" "id:1""#, "operator", 27),
        Mistake("Include absent-*.conf", "unreadable", 9),
        Mistake(#"SecAction "id:1,severity:URGENT""#, "severity", 26),
        Mistake(#"SecRule !ARGS:a "@rx a" "id:1""#, "only-exclusions", 9),
        Mistake(#"SecAction "id:1,setvar:tx.a+1""#, "setvar", 24),
        Mistake(#"SecAction "id:1,msg:'%{argz.b}'""#, "unknown-variable", 24),
        Mistake(#"SecDefaultAction "phase:2,log""#, "defaults", 19),
        Mistake(#"SecRule ARGS "@rx a" "id:1,exec:/bin/true""#, "refused-action", 28),
        Mistake(#"SecRequestBodyAccess Maybe"#, "value", 22),
    ])
    func `A mistake is an error with its place`(mistake: Mistake) throws {
        let found = problems(mistake.text)
        let error = try #require(found.first { $0.code == mistake.code }, "\(found)")
        #expect(error.level == .error)
        #expect(error.location.line == mistake.line)
        #expect(error.location.column == mistake.column)
        #expect(!error.sourceLine.isEmpty)
    }

    @Test(arguments: [
        ("SecRuleRemoveById 7", "nothing-found"),
        (#"SecRuleUpdateTargetById 7 "!ARGS:a""#, "nothing-found"),
        (
            "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecRule ARGS \"@rx b\" \"msg:'x'\"",
            "chain-action"
        ),
        (#"SecAction "id:1,pass,prepend:x""#, "no-effect"),
        (#"SecRule ARGS "@rbl example.org" "id:1""#, "no-effect"), ("SecDebugLog x", "no-effect"),
        ("SecAction pass", "no-id"),
    ])
    func `A doubt is a warning and loads`(text: String, code: String) throws {
        let rules = try RuleSet.load(text: text, name: "test.conf")
        #expect(rules.warnings.map(\.code) == [code])
    }

    @Test func `All mistakes of a file are reported at once`() {
        let text = "SecRul ARGS a\nSecRule ARGZ a \"id:1\"\nSecRule ARGS \"@rx (\" \"id:2,denny\"\n"
        #expect(
            problems(text).map(\.code) == [
                "unknown-directive", "unknown-variable", "operator", "unknown-action",
            ]
        )
    }

    @Test func `A slip is answered with the nearest name`() {
        #expect(
            problems(#"SecRule ARGS "@beginWith a" "id:1""#).first?.hint
                == "did you mean `@beginsWith`?"
        )
        #expect(
            problems(#"SecRule REQUEST_HEADER:a "@rx a" "id:1""#).first?.hint
                == "did you mean `REQUEST_HEADERS`?"
        )
    }

    @Test func `A place survives continued lines`() throws {
        let error = try #require(problems("SecAction \\\n  \"id:1,\\\n   phase:9,pass\"").first)
        #expect(error.location == SourceLocation(file: "test.conf", line: 3, column: 10))
    }
}
