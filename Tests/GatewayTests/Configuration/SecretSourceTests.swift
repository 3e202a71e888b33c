import Testing

@testable import Gateway

@Suite struct SecretSourceTests {
    @Test(arguments: [
        ("plain", "plain"), ("${PORT}", "8443"), ("a${PORT}b${PORT}", "a8443b8443"),
        ("${NONE:-x}", "x"),
        ("${NONE:-}", ""), ("${PORT:-1}", "8443"), ("$${PORT}", "${PORT}"), ("$PORT", "$PORT"),
        ("$", "$"),
        ("${file:/run/secrets/redis}", "hunter3"),
    ])
    func `References are replaced`(text: String, expanded: String) throws {
        #expect(try SecretSource.sample.expanded(text) == expanded)
    }

    @Test(arguments: [
        ("${NONE}", ProblemCode.unsetVariable), ("${file:/none}", .unreadableSecret),
        ("${PORT", .badInterpolation),
        ("${}", .unsetVariable),
    ])
    func `A reference to nothing is refused`(text: String, code: ProblemCode) {
        let error = #expect(throws: Misfit.self) { try SecretSource.sample.expanded(text) }
        #expect(error?.code == code)
    }

    @Test(arguments: [
        ("redis://a:b@h", "redis://a:[redacted]@h"),
        ("rediss://:p@ss:w@h:1/0", "rediss://:[redacted]@h:1/0"),
        ("redis://h:6379", "redis://h:6379"), ("unix:/a@b", "unix:/a@b"),
    ])
    func `A password in a URL is never printed`(url: String, printed: String) {
        #expect(redactedURL(url) == printed)
    }

    @Test func `A value from a secret that does not fit stays out of the message`() {
        let text =
            "listeners: [{address: '${REDIS_URL}'}]\nroutes: [{deny: 403}]\nworkers: '${REDIS_URL}'"
        let source = SourceText(file: "f", text: text)
        let decoded = Configuration.decode(source, secrets: .sample)
        let report = ProblemReport(problems: decoded.problems, sources: [source])
        #expect(report.problems.count == 2)
        #expect(!report.text.contains("hunter2"))
        #expect(!report.json.contains("hunter2"))
    }
}
