import Testing

@testable import Gateway

@Suite
struct RateLimitFieldsTests {
    private func decision(allowed: Bool) -> RateLimitDecision {
        RateLimitDecision(
            allowed: allowed,
            limit: 10,
            remaining: allowed ? 4 : 0,
            resetSeconds: 30,
            retryAfterSeconds: allowed ? 0 : 6
        )
    }

    @Test func `A refusal names the policy, what is left and when to come back`() {
        let fields = RateLimitFields(RateLimit(name: "login", quota: 10, windowSeconds: 60))
        let rendered = fields.fields(decision(allowed: false)).map { "\($0.0): \($0.1)" }
        #expect(
            rendered == [
                #"RateLimit-Policy: "login";q=10;w=60"#,
                #"RateLimit: "login";r=0;t=30"#,
                "Retry-After: 6",
            ]
        )
    }

    @Test func `An accepted request carries no Retry-After`() {
        let fields = RateLimitFields(RateLimit(name: "login", quota: 10, windowSeconds: 60))
        #expect(
            fields.fields(decision(allowed: true)).map(\.0) == ["RateLimit-Policy", "RateLimit"]
        )
    }

    @Test(arguments: [
        (#"a"b"#, #""a\"b";q=1;w=1"#), ("a\r\nb", #""ab";q=1;w=1"#), ("é", #""";q=1;w=1"#),
    ])
    func `A name can never break the field`(name: String, policy: String) {
        #expect(RateLimitFields(RateLimit(name: name, quota: 1, windowSeconds: 1)).policy == policy)
    }
}
