import Testing

@testable import Rules

/// Request bodies that are more than their bytes.
@Suite struct BodyTests {
    private func run(_ rules: String, _ headers: [(String, String)], _ body: [UInt8]) throws
        -> Exchange
    {
        let request = Request(method: "POST", headers: Request.browser + headers, body: body)
        let text = "SecRequestBodyAccess On\n" + rules
        return Exchange(try RuleSet.load(text: text, name: "test.conf"), request)
    }

    private static let form = ("Content-Type", "application/x-www-form-urlencoded")

    /// `a=evil`, as gzip makes it.
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xB4, 0x4D, 0x2D, 0xCB,
        0xCC, 0x01, 0x00, 0x25, 0xEF, 0x64, 0x87, 0x06, 0x00, 0x00, 0x00,
    ]

    @Test func `Rules see what a compressed form holds`() throws {
        let rule = #"SecRule ARGS:a "@streq evil" "id:1,phase:2,deny""#
        let exchange = try run(rule, [Self.form, ("Content-Encoding", "gzip")], Self.gzip)
        #expect(exchange.interruption?.ruleID == 1)
    }

    @Test func `A compressed body that is broken is an error, not a pass`() throws {
        let rule = #"SecRule REQBODY_ERROR "@eq 1" "id:1,phase:2,deny,status:400""#
        let broken = Array(Self.gzip.prefix(14))
        let cut = try run(rule, [Self.form, ("Content-Encoding", "gzip")], broken)
        #expect(cut.interruption?.status == 400)
        let followed = try run(rule, [Self.form, ("Content-Encoding", "gzip")], Self.gzip + [0x20])
        #expect(followed.interruption?.status == 400)
    }

    @Test func `A bomb costs no more than the limit`() {
        // Blocks that hold their bytes as they are; what matters is what comes out.
        let block: [UInt8] = [0x00, 0xFF, 0xFF, 0x00, 0x00] + [UInt8](repeating: 0, count: 65_535)
        let bomb: [UInt8] = [0x78, 0x01] + block + block + block
        let output = ByteBuffer()
        let outcome = bomb.withView {
            Decompressor.decompress($0, .deflate, limitBytes: 100_000, into: output)
        }
        #expect(outcome == .tooLarge)
        #expect(output.count == 100_000)
    }

    @Test(arguments: [
        ("/order/item", true), ("//item", true), ("/order/*", true), ("/order/item/@price", true),
        ("//@price", true), ("//*[local-name()='item']", true), ("/item", false),
        ("/order/item/@name", false), ("/order/item[text()]", true),
        ("/o:order/o:item/text()", true),
    ])
    func `Paths find nodes of a document`(path: String, isFound: Bool) throws {
        let rule =
            "SecRule REQUEST_METHOD \"@streq POST\" \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=XML\"\n"
            + "SecRule XML:\(path) \"@rx -5\" \"id:2,phase:2,deny\""
        let document = "<order><item price='-5'>-5</item></order>"
        let exchange = try run(rule, [("Content-Type", "text/xml")], Array(document.utf8))
        #expect((exchange.interruption?.ruleID == 2) == isFound)
    }

    @Test func `The part of a JSON body within the limit is inspected`() throws {
        let rules = """
            SecRequestBodyLimit 40
            SecRequestBodyLimitAction ProcessPartial
            SecRule REQUEST_METHOD "@streq POST" "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
            SecRule REQBODY_ERROR "@eq 1" "id:2,phase:2,deny"
            SecRule INBOUND_DATA_ERROR "@eq 1" "id:3,phase:2,pass"
            SecRule ARGS:json.a "@streq evil" "id:4,phase:2,pass"
            """
        let body = #"{"a":"evil","b":""# + String(repeating: "x", count: 100) + "\"}"
        let exchange = try run(rules, [("Content-Type", "application/json")], Array(body.utf8))
        #expect(exchange.ids == [3, 4])
    }
}
