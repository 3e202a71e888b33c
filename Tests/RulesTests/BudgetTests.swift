import Glibc
import Testing

@testable import Rules

/// What no client may make expensive.
@Suite struct BudgetTests {
    /// What an arena holds, in bytes.
    private func size(of arena: Arena) -> Int {
        let chunks = Mirror(reflecting: arena).children.first { $0.label == "chunks" }?.value
        return unsafe (chunks as? [UnsafeMutableRawBufferPointer] ?? []).reduce(0) { $0 + $1.count }
    }

    private func parts(_ header: String, _ arena: Arena) -> [[UInt8]] {
        let body = Array("--aa\r\n\(header)\r\n\r\nq\r\n--aa--\r\n".utf8)
        var found: [[UInt8]] = []
        body.withView { body in
            let type = ByteView("multipart/form-data; boundary=aa")
            let budget = TimeBudget(milliseconds: 60_000)
            var parser = try? MultipartParser(body, type: type, budget, arena)
            try? parser?.parse(partLimit: 10) { found += $0.headers.map(\.array) }
        }
        return found
    }

    @Test func `A header of many lines takes as much memory as it is long`() {
        let name = "Content-Disposition: form-data; name=x"
        let folds = String(repeating: "\r\n y", count: 5_000)
        let arena = Arena()
        let headers = parts("\(name)\r\nX: y\(folds)", arena)
        #expect(headers.count == 2)
        #expect(headers.last == Array(("X: y" + String(repeating: " y", count: 5_000)).utf8))
        #expect(size(of: arena) < 100_000)
        let quotes = String(repeating: #"; a="b""#, count: 5_000)
        let other = Arena()
        _ = parts(name + quotes, other)
        #expect(size(of: other) < 100_000)
    }

    @Test func `A body of many lines ends with the budget`() throws {
        let rules = try RuleSet.load(
            text: """
                SecRequestBodyAccess On
                SecRequestBodyLimit 10000000
                SecRule REQBODY_ERROR "@eq 1" "id:1,phase:2,deny"
                """,
            name: "test.conf"
        )
        let part = "--aa\r\nContent-Disposition: form-data; name=x; filename=y\r\n\r\n"
        let body = part + String(repeating: "--\n", count: 300_000) + "\r\n--aa--\r\n"
        let request = Request(
            method: "POST",
            headers: [("Content-Type", "multipart/form-data; boundary=aa")],
            body: Array(body.utf8)
        )
        let workspace = Workspace(rules, budgetMilliseconds: 1)
        let exchange = Exchange(rules, request, workspace: workspace)
        #expect(exchange.transaction.isBudgetSpent)
        #expect(exchange.transaction.bodyError == "multipart that takes too long to read")
    }

    @Test(arguments: [#"@verifyCC \d+"#, "@rxGlobal x*"])
    func `A search for one match after another ends with the budget`(operator: String) throws {
        let rules = try RuleSet.load(
            text: "SecRule ARGS \"\(`operator`)\" \"id:1,phase:2,pass,capture\"",
            name: "test.conf"
        )
        let target = "/?a=" + String(repeating: "1", count: 200_000)
        let start = TimeBudget.now(CLOCK_THREAD_CPUTIME_ID)
        let exchange = Exchange(rules, Request(target: target))
        #expect(exchange.transaction.isBudgetSpent)
        #expect(TimeBudget.now(CLOCK_THREAD_CPUTIME_ID) - start < 2_000_000_000)
    }

    @Test func `Number after number is checked`() throws {
        let rules = try RuleSet.load(
            text: #"SecRule ARGS "@verifyCC \d{16}" "id:1,phase:2,deny,capture,logdata:'%{tx.0}'""#,
            name: "test.conf"
        )
        let text = String(repeating: "1234567890123456 ", count: 40) + "x4111111111111111"
        let exchange = Exchange(rules, Request(target: "/?a=" + text.replacing(" ", with: "+")))
        #expect(exchange.interruption?.ruleID == 1)
        #expect(exchange.transaction.matches.first?.logData == "4111111111111111")
    }

    @Test(arguments: [
        "msg:'%{RULE.msg}'", "logdata:'a%{RULE.logdata}'",
        "msg:'%{RULE.logdata}',logdata:'%{RULE.msg}'", "setvar:tx.x=%{RULE.msg},msg:'%{RULE.msg}'",
    ])
    func `A text that names itself ends`(actions: String) throws {
        let rules = try RuleSet.load(
            text: "SecRule ARGS \"@rx .\" \"id:1,phase:2,pass,\(actions)\"",
            name: "test.conf"
        )
        #expect(Exchange(rules, Request(target: "/?a=1")).ids == [1])
    }
}
