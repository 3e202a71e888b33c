import Testing

@testable import Rules

@Suite struct GateTests {
    /// Bytes that transformations act on, and some that they leave alone.
    private static let alphabet =
        Array("aZx0%/.\\ *-#'\"^,;(&+<!>=_~\t\n\u{0}".utf8) + [0x0B, 0x80, 0xA0]

    private static func values(_ count: Int) -> [[UInt8]] {
        var state: UInt64 = 42
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: state >> 33) % limit
        }
        return (0..<count).map { _ in
            (0..<next(7)).map { _ in alphabet[next(alphabet.count)] }
        }
    }

    @Test(arguments: Transformation.allCases)
    func `A value that a transformation changes has a kind that says so`(step: Transformation) {
        let arena = Arena()
        let scratch = TransformationScratch(arena: arena, codePage: nil)
        let table = ByteKindTable()
        let chains = TransformationChains()
        for value in Self.values(20_000) {
            let isSound = value.withView { view in
                guard let result = step.apply(view, scratch), !result.equals(view) else {
                    return true
                }
                return chains.canChange(step, table.kinds(of: view))
            }
            #expect(isSound, "\(value)")
            arena.reset()
        }
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `A byte has the kind of every set it is in`(byte: UInt8) {
        let kinds = [byte].withView { ByteKindTable().kinds(of: $0) }
        #expect(kinds.intersects(ByteKinds(of: byte)))
        #expect(kinds.intersects(ByteKinds(of: 0...byte)))
        #expect(kinds.intersects(ByteKinds(withCaseOf: byte...255)))
    }

    @Test(arguments: [
        ("(?i)'\\s*or|union", "x' or", true), ("(?i)'\\s*or|union", "UNION", true),
        ("(?i)'\\s*or|union", "onion", false), ("(?i)[kq]", "K", true),
        ("(?i)\\b(?:cos|sin)\\s*\\(", "cos or sin", false),
    ])
    func `A gate opens for a byte or for a literal`(pattern: String, value: String, opens: Bool)
        throws
    {
        let rules = try RuleSet.load(
            text: "SecRule ARGS \"@rx \(pattern)\" \"id:1,phase:2,pass,log\"",
            name: "rules"
        )
        let target = "/?a=" + value.replacing(" ", with: "%20").replacing("'", with: "%27")
        let exchange = Exchange(rules, Request(target: target), mode: .detectionOnly)
        #expect(exchange.transaction.evaluation.visits.isEmpty != opens)
    }

    /// The only rule is one whose literals ordinary requests hold, so that nothing else has the encoding watched.
    @Test(arguments: [
        "/?a=p%61sswd", "/?a=;p%61sswd", "/?a=x+y", "/?a=x%20y", "/p%61sswd", "/?a=%26z",
    ])
    func `What is decoded before rules see it is looked at`(target: String) throws {
        for directive in [
            "ARGS \"@pm ; passwd\"", "ARGS \"@contains passwd\"", "ARGS \"@contains x y\"",
            "ARGS \"@pm &z passwd\"", "REQUEST_FILENAME \"@contains passwd\"",
        ] {
            let rules = try RuleSet.load(
                text: "SecRule \(directive) \"id:1,phase:1,pass,log\"",
                name: "rules"
            )
            let request = Request(target: target)
            let gated = Exchange(rules, request, mode: .detectionOnly)
            let ungated = Exchange(rules, request, mode: .detectionOnly, usesGates: false)
            #expect(gated.ids == ungated.ids, "\(directive)")
        }
    }

    /// A step that may change any value leaves this one alone: it stands for a chain without such a step, too.
    @Test func `What one chain leaves alone is looked at for another that came to the same`() throws {
        let rules = try RuleSet.load(
            text: """
                SecRule ARGS_NAMES "@contains zzz" \
                    "id:1,phase:1,pass,log,t:htmlEntityDecode,t:phpArgsNames"
                SecRule ARGS_NAMES "@contains select" \
                    "id:2,phase:1,pass,log,t:htmlEntityDecode,t:removeNulls"
                """,
            name: "rules"
        )
        let request = Request(target: "/?%26%23115;elect=1")
        #expect(Exchange(rules, request, mode: .detectionOnly, usesGates: false).ids == [2])
        #expect(Exchange(rules, request, mode: .detectionOnly).ids == [2])
    }

    private static let levels = """
        SecAction "id:1,phase:1,pass,nolog,setvar:tx.level=1"
        SecRule ARGS:level "@rx ^\\d$" "id:2,phase:1,pass,nolog,capture,setvar:tx.level=%{tx.0}"
        SecRule TX:LEVEL "@lt 2" "id:10,phase:1,pass,nolog,skipAfter:END"
        SecRule ARGS "@contains head" "id:11,phase:1,pass,log"
        SecMarker END
        SecRule REQUEST_URI "@contains free" "id:3,phase:2,pass,nolog,ctl:ruleRemoveById=20"
        SecRule ARGS "@contains plain" "id:4,phase:2,pass,log"
        SecRule TX:LEVEL "@lt 2" "id:20,phase:2,pass,nolog,skipAfter:END-TWO"
        SecRule ARGS "@contains deep" "id:21,phase:2,pass,log"
        SecRule TX:LEVEL "@lt 3" "id:30,phase:2,pass,nolog,skipAfter:END-TWO"
        SecRule ARGS "@contains deep" "id:31,phase:2,pass,log"
        SecMarker END-TWO
        SecRule ARGS "@contains deep" "id:40,phase:2,pass,log"
        """

    @Test(arguments: [
        ("a=deep", [40]), ("a=deep&level=2", [21, 40]), ("a=deep&level=3", [21, 31, 40]),
        ("a=deep&free", [21, 40]), ("a=head+plain", [4]), ("a=head&level=2", [11]),
    ])
    func `Levels that are not in force take no part`(query: String, ids: [Int]) throws {
        let rules = try RuleSet.load(text: Self.levels, name: "rules")
        let gated = Exchange(rules, Request(target: "/?" + query), mode: .detectionOnly)
        #expect(gated.ids == ids)
        let ungated = Exchange(
            rules,
            Request(target: "/?" + query),
            mode: .detectionOnly,
            usesGates: false
        )
        #expect(ungated.ids == ids)
    }

    @Test func `What a jump passes over is not prepared for, once no rule may remove the jump`()
        throws
    {
        let rules = try RuleSet.load(
            text: Self.levels.replacing("ctl:ruleRemoveById=20", with: "ctl:ruleRemoveById=4"),
            name: "rules"
        )
        let program = rules.programs[2].value
        #expect(program.regions.count == 2)
        let all = PhasePlan(program, rules.gates, rules.chains, key: 0)
        let fewer = PhasePlan(program, rules.gates, rules.chains, key: .max)
        func heads(_ plan: PhasePlan) -> Int {
            (0..<rules.gates.gateCount).reduce(0) { $0 + plan.openings(of: $1).count }
        }
        #expect(heads(all) - heads(fewer) == 2)
        let removing = try RuleSet.load(text: Self.levels, name: "rules").programs[2].value
        #expect(removing.regions.count == 2)
        #expect(program.openingSlot == 0 && removing.openingSlot == 1)
    }
}
