import Testing

@testable import Rules

/// A worker remembers values in which it found nothing. What it remembers must never hide a match.
@Suite struct FamiliarValueTests {
    private static let attack = "x' union select 1"

    private func ids(
        _ rules: RuleSet,
        _ workspace: Workspace,
        _ headers: [(String, String)],
        paranoia: Int? = nil
    )
        -> [Int]
    {
        let request = Request(headers: [("Host", "example.com")] + headers)
        let exchange = Exchange(rules, request, paranoia: paranoia, workspace: workspace)
        return exchange.transaction.matchedIDs
    }

    /// What a second request matches after a first one.
    private func second(
        _ text: String,
        after first: [(String, String)],
        _ second: [(String, String)]
    ) throws -> [Int] {
        let rules = try RuleSet.load(text: text, name: "test.conf")
        let workspace = Workspace(rules)
        for _ in 0..<3 { _ = ids(rules, workspace, first) }
        return ids(rules, workspace, second)
    }

    @Test func `What matches once matches again`() throws {
        let text = #"SecRule REQUEST_HEADERS "@rx union\s+select" "id:1,phase:1,pass""#
        let headers = [("Referer", Self.attack)]
        #expect(try second(text, after: headers, headers) == [1])
    }

    @Test func `A value that is harmless in one place is looked at in another`() throws {
        let text = #"SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:1,phase:1,pass""#
        #expect(
            try second(text, after: [("X-Other", Self.attack)], [("Referer", Self.attack)]) == [1]
        )
        let named = #"SecRule REQUEST_COOKIES:/^a/ "@rx union\s+select" "id:1,phase:1,pass""#
        let value = "union  select"
        #expect(
            try second(named, after: [("Cookie", "b=\(value)")], [("Cookie", "a=\(value)")]) == [1]
        )
    }

    @Test func `A rule that was jumped over is asked the next time`() throws {
        let text = #"""
            SecRule REQUEST_HEADERS:X-Skip "@streq yes" "id:1,phase:1,pass,nolog,skipAfter:END"
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:2,phase:1,pass"
            SecMarker END
            """#
        let referer = ("Referer", Self.attack)
        #expect(try second(text, after: [("X-Skip", "yes"), referer], [referer]) == [2])
    }

    @Test func `A rule that was removed for a request is asked the next time`() throws {
        let text = #"""
            SecRule REQUEST_HEADERS:X-Skip "@streq yes" "id:1,phase:1,pass,nolog,ctl:ruleRemoveById=2"
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:2,phase:1,pass"
            """#
        let referer = ("Referer", Self.attack)
        #expect(try second(text, after: [("X-Skip", "yes"), referer], [referer]) == [2])
    }

    @Test func `A target that was removed for a request counts the next time`() throws {
        let control = "ctl:ruleRemoveTargetById=2;REQUEST_HEADERS:Referer"
        let text = #"""
            SecRule REQUEST_HEADERS:X-Skip "@streq yes" "id:1,phase:1,pass,nolog,\#(control)"
            SecRule REQUEST_HEADERS "@rx union\s+select" "id:2,phase:1,pass"
            """#
        let referer = ("Referer", Self.attack)
        #expect(try second(text, after: [("X-Skip", "yes"), referer], [referer]) == [2])
    }

    @Test func `A rule that an earlier one kept from running is asked the next time`() throws {
        let text = #"""
            SecRule REQUEST_HEADERS:X-Stop "@streq yes" "id:1,phase:1,deny"
            SecRule REQUEST_HEADERS:X-Allow "@streq yes" "id:3,phase:1,allow:phase"
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:2,phase:1,pass"
            """#
        let referer = ("Referer", Self.attack)
        #expect(try second(text, after: [("X-Stop", "yes"), referer], [referer]) == [2])
        #expect(try second(text, after: [("X-Allow", "yes"), referer], [referer]) == [2])
    }

    @Test func `A chain whose second half failed is tried again`() throws {
        let text = #"""
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:1,phase:1,pass,chain"
                SecRule REQUEST_HEADERS:X-More "@rx trigger\d"
            """#
        let referer = ("Referer", Self.attack)
        #expect(
            try second(
                text,
                after: [referer, ("X-More", "calm")],
                [referer, ("X-More", "trigger1")]
            ) == [1]
        )
        #expect(
            try second(text, after: [("X-More", "trigger1")], [referer, ("X-More", "trigger1")])
                == [1]
        )
    }

    @Test func `A link that its head kept from being asked is asked the next time`() throws {
        let text = #"""
            SecRule &REQUEST_HEADERS:X-Ask "@eq 1" "id:1,phase:1,pass,chain"
                SecRule REQUEST_HEADERS:Referer "@validateByteRange 1-127"
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:2,phase:1,pass"
            """#
        let referer = ("Referer", "caf\u{E9}")
        #expect(try second(text, after: [referer], [("X-Ask", "1"), referer]) == [1])
        #expect(try second(text, after: [("X-Ask", "1")], [("X-Ask", "1")]) == [])
        let asked = [("X-Ask", "1"), referer]
        #expect(try second(text, after: asked, asked) == [1])
    }

    @Test func `Another paranoia level looks again`() throws {
        let text = #"""
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.detection_paranoia_level=1"
            SecRule REQUEST_METHOD "@rx ^NOTHING" "id:2,phase:1,pass,nolog"
            SecRule TX:DETECTION_PARANOIA_LEVEL "@lt 2" "id:3,phase:1,pass,nolog,skipAfter:END"
            SecRule REQUEST_HEADERS:Referer "@rx union\s+select" "id:4,phase:1,pass"
            SecMarker END
            """#
        let rules = try RuleSet.load(text: text, name: "test.conf")
        let workspace = Workspace(rules)
        let headers = [("Referer", Self.attack)]
        for _ in 0..<3 { #expect(!ids(rules, workspace, headers, paranoia: 1).contains(4)) }
        #expect(ids(rules, workspace, headers, paranoia: 2).contains(4))
    }

    @Test func `A random crowd matches the same with and without memory`() throws {
        let rules = try StarterRules.loaded.get()
        let values = [
            "Mozilla/5.0 (X11; Linux x86_64)", "en-GB,en;q=0.9", Self.attack,
            "<script>alert(1)</script>", "../../etc/passwd",
            "a=b; c=d", "sqlmap/1.7", "1", "", "${jndi:ldap://x}", "%3Cscript%3E", "select a seat",
            "union of workers", "sleep(5)",
        ]
        let names = ["User-Agent", "Referer", "Cookie", "Accept", "X-Custom", "Content-Type"]
        let workspace = Workspace(rules)
        var state: UInt64 = 42
        func draw(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for turn in 0..<600 {
            var request = Request()
            request.headers =
                [("Host", "example.com")]
                + names.filter { _ in draw(2) == 0 }.map { ($0, values[draw(values.count)]) }
            request.target =
                [
                    "/", "/e?q=1", "/e?q=%27%20union%20select%201", "/..%2f..%2fetc/passwd",
                    "/a.php?x=<script>",
                ][draw(5)]
            let remembered = Exchange(rules, request, workspace: workspace).transaction.matchedIDs
            let fresh = Exchange(rules, request).transaction.matchedIDs
            #expect(remembered == fresh, "turn \(turn): \(request)")
        }
    }
}
