import Testing

@testable import Gateway

@Suite struct PatternTests {
    @Test(arguments: [
        ("/*", "/", true), ("/*", "/a/*", true), ("/a/*", "/a/b", true), ("/a/*", "/a/", true),
        ("/a/*", "/a", false),
        ("/a/*", "/*", false), ("/a", "/a", true), ("/a", "/a/*", false), ("/a", "/b", false),
        ("/a/*", "/ab", false),
    ])
    func `A path pattern covers what it matches`(outer: String, inner: String, covers: Bool) throws {
        #expect(try PathPattern(text: outer).covers(PathPattern(text: inner)) == covers)
    }

    @Test(arguments: [
        ("*.a.test", "x.a.test", true), ("*.a.test", "a.test", false),
        ("*.a.test", "*.x.a.test", true),
        ("a.test", "A.TEST", true), ("a.test", "*.a.test", false), ("*.a.test", "xa.test", false),
    ])
    func `A host pattern covers what it matches`(outer: String, inner: String, covers: Bool) throws {
        #expect(try HostPattern(text: outer).covers(HostPattern(text: inner)) == covers)
    }

    @Test(arguments: [
        "", "a", "/a//b", "/./a", "/a/..", "/a*", "/*/a", "/a?b", "/a#b", "/ä", "/a b", "/a\\b",
        "/\u{7F}",
    ])
    func `A path that no canonical request has is refused`(text: String) {
        #expect(throws: Misfit.self) { try PathPattern(text: text) }
    }

    @Test(arguments: [
        "", "*", "*.", "a..b", ".a", "a.", "a b", "a:80", "*.*.a", "a/b",
        String(repeating: "a", count: 64),
    ])
    func `What is no host is refused`(text: String) {
        #expect(throws: Misfit.self) { try HostPattern(text: text) }
    }

    @Test(arguments: [
        ("upstream", "upstreams"), ("listner", "listeners"), ("kee_palive", "keep_alive"),
        ("TLS", "tls"), ("xyz", nil),
    ])
    func `The nearest name is what was meant`(name: String, meant: String?) {
        #expect(
            nearestName(to: name, among: Configuration.keys.map(\.name) + ["keep_alive"]) == meant
        )
    }
}
