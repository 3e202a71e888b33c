import HTTP
import Testing

@testable import Gateway

@Suite
struct RateLimitFieldsTests {
    private func rendered(_ write: (OutputBuffer) -> Void) -> String {
        let output = OutputBuffer()
        write(output)
        return output.readable.string
    }

    @Test func `The fields name the policy, what is left and when all of it is back`() {
        let fields = RateLimitFields(RateLimit(name: "login", quota: 10, windowSeconds: 60))
        let decision = RateLimitDecision(
            allowed: true,
            limit: 10,
            remaining: 4,
            resetSeconds: 30,
            retryAfterSeconds: 0
        )
        #expect(rendered { fields.appendPolicy(to: $0) } == #""login";q=10;w=60"#)
        #expect(rendered { fields.appendState(decision, to: $0) } == #""login";r=4;t=30"#)
    }

    @Test(arguments: [
        (#"a"b"#, #""a\"b";q=1;w=1"#), ("a\r\nb", #""ab";q=1;w=1"#), ("é", #""";q=1;w=1"#),
    ])
    func `A name can never break the field`(name: String, policy: String) {
        let fields = RateLimitFields(RateLimit(name: name, quota: 1, windowSeconds: 1))
        #expect(rendered { fields.appendPolicy(to: $0) } == policy)
    }
}
