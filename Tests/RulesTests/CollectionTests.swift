import Testing

@testable import Rules

/// What rules remember between requests.
@Suite struct CollectionTests {
    private static let counting = """
        SecAction "id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR},setvar:ip.seen=+1"
        SecRule IP:SEEN "@eq 3" "id:2,phase:1,deny,status:429,msg:'%{ip.seen} times'"
        """

    private func run(_ text: String, _ store: CollectionStore) throws -> Exchange {
        Exchange(try RuleSet.load(text: text, name: "test.conf"), Request(), collections: store)
    }

    @Test func `A counter goes on from request to request`() throws {
        let store = CollectionStore()
        #expect(try run(Self.counting, store).interruption == nil)
        #expect(try run(Self.counting, store).interruption == nil)
        let third = try run(Self.counting, store)
        #expect(third.interruption?.status == 429)
        #expect(third.interruption?.message == "3 times")
    }

    @Test func `Without initcol nothing is kept`() throws {
        let store = CollectionStore()
        let text = """
            SecAction "id:1,phase:1,pass,nolog,setvar:ip.seen=+1"
            SecRule &IP "@gt 0" "id:2,phase:1,deny"
            """
        #expect(try run(text, store).interruption == nil)
    }

    @Test func `Collections of two applications are apart`() throws {
        let store = CollectionStore()
        _ = try run("SecWebAppId a\n" + Self.counting, store)
        _ = try run("SecWebAppId b\n" + Self.counting, store)
        #expect(try run("SecWebAppId a\n" + Self.counting, store).interruption == nil)
    }

    @Test func `A member that has ended is gone`() {
        let store = CollectionStore()
        let key = CollectionStore.Key(variable: .ip, name: [1])
        store.open(key, timeout: 100, now: 0)
        store.update(key, [7], now: 0, .assign([8]))
        store.expire(key, [7], now: 0, at: 10)
        #expect(store.value(key, [7], now: 9) == [8])
        #expect(store.value(key, [7], now: 10) == nil)
        #expect(store.value(key, [7], now: 101) == nil)
    }

    @Test func `A flood of new names makes room for itself`() {
        let store = CollectionStore()
        for number in 0..<40_000 {
            let name = Array("\(number)".utf8)
            let key = CollectionStore.Key(variable: .session, name: name)
            store.open(key, timeout: 100, now: number / 1_000)
            store.update(key, [1], now: number / 1_000, .assign([2]))
        }
        let last = CollectionStore.Key(variable: .session, name: Array("39999".utf8))
        #expect(store.value(last, [1], now: 40) == [2])
        #expect(store.count <= 16_384 + 16)
    }

    @Test(arguments: [
        (#"SecAction "id:1,phase:1,pass,setsid:abc""#, "SESSIONID", "abc"),
        (#"SecAction "id:1,phase:1,pass,setuid:%{REQUEST_METHOD}""#, "USERID", "GET"),
        (#"SecAction "id:1,phase:1,pass,setenv:a=b%{REQUEST_METHOD}""#, "ENV:a", "bGET"),
        (#"SecAction "id:1,phase:1,pass,setuid:x,setvar:user.n=5""#, "USER:N", "5"),
    ])
    func `What actions set can be read`(action: String, variable: String, value: String) throws {
        let text = action + "\nSecRule \(variable) \"@streq \(value)\" \"id:2,phase:1,deny\""
        #expect(try run(text, CollectionStore()).interruption?.ruleID == 2)
    }
}
