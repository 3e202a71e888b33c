import Foundation
import Testing

@testable import Rules

@Suite struct FormatterTests {
    private func formatted(_ text: String) throws -> String {
        String(
            decoding: try RuleFormatter.format(Array(text.utf8), name: "test.conf"),
            as: UTF8.self
        )
    }

    @Test(arguments: [
        // Actions go to lines of their own, in one order; transformations keep theirs.
        (
            #"SecAction "phase:1,t:lowercase,t:none, nolog,id: 7,pass""#,
            "SecAction \\\n    \"id:7,\\\n    phase:1,\\\n    pass,\\\n    t:lowercase,t:none,\\\n    nolog\"\n"
        ),
        // A gate stays on its line.
        (
            #"SecRule TX:PL "@lt 1"  "phase:1,id:9,pass,skipAfter:END""#,
            "SecRule TX:PL \"@lt 1\" \"id:9,phase:1,pass,skipAfter:END\"\n"
        ),
        // Commas and colons in quoted values are part of them.
        (
            #"SecAction "id:1,msg:'a, b: c\'d',pass""#,
            "SecAction \\\n    \"id:1,\\\n    pass,\\\n    msg:'a, b: c\\'d'\"\n"
        ),
        // What is neither rule nor marker keeps its text, without white space at its end.
        ("SecRuleEngine   On  ", "SecRuleEngine   On\n"),
        ("# a comment \\\nSecMarker  'END' ", "# a comment \\\nSecMarker \"END\"\n"),
        (
            "\n\n\n\nSecRuleEngine On\n\n\n\n\n\nSecRuleEngine Off\n\n",
            "SecRuleEngine On\n\n\n\nSecRuleEngine Off\n"
        ),
    ])
    func `A file has one layout`(text: String, expected: String) throws {
        let once = try formatted(text)
        #expect(once == expected)
        #expect(try formatted(once) == once)
    }

    @Test func `A file with an open quote is refused`() {
        #expect(throws: RuleSetError.self) { try formatted("SecRule ARGS \"@rx a") }
    }

    @Test(
        .enabled(
            if: ConformanceData.isPresent,
            "the public rule set (../shared/waf) is not on this machine"
        )
    )
    func `The layout of the Core Rule Set is stable after one pass`() throws {
        let folder = ConformanceData.folder + "/crs/rules/"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        for name in names.filter({ $0.hasSuffix(".conf") }).sorted().prefix(12) {
            let bytes = try #require(RuleFiles.contents(folder + name))
            let once = try RuleFormatter.format(bytes, name: name)
            #expect(try RuleFormatter.format(once, name: name) == once, "\(name)")
        }
    }
}
