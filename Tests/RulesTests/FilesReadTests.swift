import Support
import Testing

@testable import Rules

/// Whether a rule set knows that the files it was made of have changed.
@Suite struct FilesReadTests {
    private let folder: TemporaryFolder
    private let main: String

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("one\ntwo\n", to: "words.data")
        try folder.write(
            "SecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:2,deny\"\n",
            to: "a.rules"
        )
        main = try folder.write("Include *.rules\n", to: "main.conf")
    }

    /// Loads once the files have been as they are for a while.
    private func settled() throws -> RuleSet {
        var rules = try RuleSet.load([main])
        #expect(
            try eventually {
                rules = try RuleSet.load([main])
                return rules.isCurrent(for: [main])
            }
        )
        return rules
    }

    @Test func `Files that have just changed may change again unseen`() throws {
        #expect(try !RuleSet.load([main]).isCurrent(for: [main]))
    }

    @Test func `Other paths are another rule set`() throws {
        let rules = try settled()
        #expect(!rules.isCurrent(for: [main, main]))
        #expect(!rules.isCurrent(for: []))
    }

    @Test(arguments: ["main.conf", "a.rules", "words.data"])
    func `A file that changed is noticed, whatever it is for`(name: String) throws {
        let rules = try settled()
        try folder.write(folder.read(name) + "\n", to: name)
        #expect(!rules.isCurrent(for: [main]))
    }

    @Test func `A file that a wildcard finds now is noticed`() throws {
        let rules = try settled()
        try folder.write("", to: "b.rules")
        #expect(!rules.isCurrent(for: [main]))
    }
}
