import Testing

@testable import Rules

/// What `@detectSQLi` sees, by families of statements that are easy to hide, beside prose of the same words.
@Suite struct InjectionTests {
    @Test(arguments: [
        "1 between 1 and 2", "0 BETWEEN @@a AND 2", "1 between 1 and 1+1",
        "1' or 'b' between 'a' and 'c",
        "1 is not null", "version() is null", "1 and x is/**/not/**/null",
        "1) or (id is/**/not/**/null",
        "1 order/**/by 10", "1 ORDER/*x*/BY id", "1' order --\nby 3-- -", "1' order#x\nby x",
        "1 group by id--",
        "1) order by 2#", "1 order by id desc", "1' order /*!by*/ 2#", "1 order/*!50000by*/1",
        "1/*!50000union*/select 1", "1 /*!order by*/ 1", "x/*!=1*/", "1/*!*/", "-1 /*!12345+1*/",
        "1 and sleep/**/(5)", "1 and version/*x*/()", "1 or sleep --\n(5)",
    ])
    func `Statements are seen through comments and odd words`(value: String) {
        #expect(Self.fingerprint(value) != nil)
    }

    @Test(arguments: [
        "between 5 and 6 pm order by phone", "please call between 5 and 6 pm and order by phone",
        "2 between 5 and 6 pm", "Call 2 between 5 and 6 pm", "ages 6 to 12, or between 13 and 15",
        "this contract is null and void", "x is not null", "2001 is not a true story",
        "it's not null",
        "1 order by fax", "2 order by John", "1) order by phone", "the boys' order by phone",
        "Order by Friday",
        "order /* or call */ now", "/*! license header */", "/*! (c) 2026 the authors */",
        "/*! important */ body { color: red }",
        "/*!\n * Copyright 2026, the authors and others\n */", "sleep /* well */ tonight",
    ])
    func `Prose of the same words is left alone`(value: String) {
        #expect(Self.fingerprint(value) == nil)
    }

    /// A value of comments alone is read once, not once for each of them.
    @Test func `Unending comments cost linear time`() {
        let value =
            String(repeating: "order /*", count: 20_000) + String(repeating: "/*!", count: 20_000)
        let time = ContinuousClock().measure { _ = Self.fingerprint(value) }
        #expect(time < .seconds(5))
    }

    private static func fingerprint(_ value: String) -> String? {
        Array(value.utf8).withView { SQLScanner.fingerprint(of: $0)?.description }
    }
}
