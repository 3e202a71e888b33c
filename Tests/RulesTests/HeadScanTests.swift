import Testing

@testable import Rules

@Suite struct HeadScanTests {
    private static func open(
        _ rules: RuleSet,
        target: [UInt8],
        cookie: [UInt8] = [],
        agent: [UInt8] = []
    ) -> UInt8 {
        var fields = FieldTable(slotCount: rules.headers.count)
        let (line, cookies, agents) = (Bytes(target), Bytes(cookie), Bytes(agent))
        let names = ("cookie" as StaticString, "user-agent" as StaticString)
        defer { withExtendedLifetime((line, cookies, agents)) {} }
        let request = unsafe RequestData(
            method: ByteView("GET"),
            target: ByteView(line.view),
            version: ByteView("HTTP/1.1")
        )
        for (name, value) in [(ByteView(names.0), cookies), (ByteView(names.1), agents)] {
            unsafe fields.append(
                .requestHeaders,
                name: name,
                value: ByteView(value.view),
                slot: rules.headers.find(name)
            )
        }
        return rules.headScan.openSources(request, fields, Workspace(rules))
    }

    private static let ordinary = Array("/events/coldplay-2026?section=A12&sort=price_asc".utf8)

    @Test func `An ordinary head opens nothing`() throws {
        let open = Self.open(
            try StarterRules.loaded.get(),
            target: Self.ordinary,
            cookie: Array("sid=5f2d8c1e; _ga=GA1.2.12345.1700000; _ga_X=GS2.1.s174$o1$g0".utf8),
            agent: Array(Request.browser[1].1.utf8)
        )
        #expect(open & ~SourceClass.content.bit == 0)
    }

    @Test func `Every literal of a rule opens the source it stands in`() throws {
        let rules = try StarterRules.loaded.get()
        for (literal, entry) in zip(rules.gates.literals, rules.gates.entries) {
            let text = String(decoding: literal, as: UTF8.self)
            let inCookie = Self.open(
                rules,
                target: Self.ordinary,
                cookie: Array("sid=5f2d8c1e; a=1".utf8) + literal
            )
            #expect(entry.sources & ~inCookie & SourceClass.cookies.bit == 0, "\(text) in a cookie")
            let inAgent = Self.open(
                rules,
                target: Self.ordinary,
                agent: literal.map { $0.isLetter ? $0 & 0xDF : $0 }
            )
            #expect(
                entry.sources & ~inAgent & SourceClass.headers.bit == 0,
                "\(text) in a header field"
            )
            let inPath = Self.open(rules, target: [0x2F, 0x61] + literal + Array("/b?c=d".utf8))
            if !literal.contains(0x3F), !literal.contains(0x23) {
                let wanted = entry.sources & (SourceClass.path.bit | SourceClass.line.bit)
                #expect(wanted & ~inPath == 0, "\(text) in the path")
            }
            let inQuery = Self.open(
                rules,
                target: Array("/events/coldplay?a=".utf8) + literal + Array("zz".utf8)
            )
            if !literal.contains(0x26), !literal.contains(0x23) {
                let wanted = entry.sources & (SourceClass.arguments.bit | SourceClass.line.bit)
                #expect(wanted & ~inQuery == 0, "\(text) in an argument")
            }
        }
    }

    @Test func `A value is known again only in whole and in its own source`() {
        let values = KnownValues()
        let agent = Array(Request.browser[1].1.utf8)
        agent.withView { values.keep($0, .headers) }
        #expect(agent.withView { values.contains($0, .headers) })
        #expect(!agent.withView { values.contains($0, .cookies) })
        agent.withView { values.keep($0, .cookies, isOpen: true) }
        #expect(agent.withView { values.isOpen($0, .cookies) } == true)
        for index in agent.indices {
            var changed = agent
            changed[index] ^= 1
            #expect(!changed.withView { values.contains($0, .headers) })
        }
        #expect(!agent.dropLast().map { $0 }.withView { values.contains($0, .headers) })
        #expect(!(agent + [0x20]).withView { values.contains($0, .headers) })
        let long = [UInt8](repeating: 0x61, count: 2_000)
        long.withView { values.keep($0, .headers) }
        #expect(!long.withView { values.contains($0, .headers) })
    }

    @Test func `A hostile value stays open, however often it comes`() throws {
        let rules = try StarterRules.loaded.get()
        let workspace = Workspace(rules)
        let value = Bytes(Array("a=1 union select 2".utf8))
        for _ in 0..<3 {
            var fields = FieldTable(slotCount: rules.headers.count)
            unsafe fields.append(
                .requestHeaders,
                name: ByteView("cookie"),
                value: ByteView(value.view),
                slot: HeaderSlots.cookie
            )
            let request = RequestData(
                method: ByteView("GET"),
                target: ByteView("/"),
                version: ByteView("HTTP/1.1")
            )
            let open = rules.headScan.openSources(request, fields, workspace)
            #expect(open & SourceClass.cookies.bit != 0)
        }
    }

    @Test func `Of several new values those are known as open in which something was found`() throws {
        let rules = try StarterRules.loaded.get()
        let workspace = Workspace(rules)
        let values = [Array("Mozilla/5.0".utf8), Array("a' union select 2".utf8)]
        let kept = values.map(Bytes.init)
        var fields = FieldTable(slotCount: rules.headers.count)
        for (name, value) in zip(["user-agent", "referer"] as [StaticString], kept) {
            unsafe fields.append(
                .requestHeaders,
                name: ByteView(name),
                value: ByteView(value.view),
                slot: rules.headers.find(ByteView(name))
            )
        }
        let request = RequestData(
            method: ByteView("GET"),
            target: ByteView("/"),
            version: ByteView("HTTP/1.1")
        )
        let open = rules.headScan.openSources(request, fields, workspace)
        #expect(open & SourceClass.headers.bit != 0)
        let known = values.map { $0.withView { workspace.headValues.isOpen($0, .headers) } }
        #expect(known == [false, true])
        #expect(rules.headScan.openSources(request, fields, workspace) == open)
        withExtendedLifetime(kept) {}
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `A byte is found wherever it stands`(byte: UInt8) {
        let set = ByteSet([0, 3, 4, 5, 0x22, 0x25, 0x26, 0x5C, 0x60, 0x7F, 0x80, 0xFE, 0xFF])
        for length in [1, 15, 16, 17, 31, 32, 50] {
            for position in [0, length / 2, length - 1] {
                var value = [UInt8](repeating: 0x61, count: length)
                value[position] = byte
                #expect(value.withView { set.intersects($0) } == set.contains(byte))
            }
        }
    }

    @Test(arguments: [
        ("Content-Type", "content-type", true), ("CONTENT_TYPE", "content_type", true),
        ("hOST", "host", true),
        ("content\rtype", "content-type", false), ("a@bcdefgh", "a`bcdefgh", false),
        ("a[bcdefgh", "a{bcdefgh", false),
        ("\u{E9}bcdefgh", "\u{C9}bcdefgh", false),
        ("Transfer-Encodinh", "transfer-encoding", false), ("", "", true),
    ])
    func `Names are equal but for the case of letters`(left: String, right: String, isEqual: Bool) {
        let isFound = Array(left.utf8).withView { $0.equalsFolded(Array(right.utf8)) }
        #expect(isFound == isEqual)
    }
}
