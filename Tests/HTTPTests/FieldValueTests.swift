import HTTP
import Testing

@Suite struct FieldValueTests {
    static func head(_ fields: String) throws -> RequestHead {
        try accept("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    }

    @Test(
        arguments: [
            ("", []), ("a", ["a"]), ("a, b ,c", ["a", "b", "c"]), (",, ,a,,", ["a"]),
            ("\"a,b\", c", ["\"a,b\"", "c"]),
            ("\"a\\\",b\",c", ["\"a\\\",b\"", "c"]), ("\"a,b", ["\"a,b"]), ("a\\,b", ["a\\", "b"]),
            ("\"\\", ["\"\\"]),
            ("a;q=\"x,y\";z", ["a;q=\"x,y\";z"]),
        ] as [(String, [String])]
    )
    func `A list is split at commas outside quotes, and empty elements are left out`(
        _ text: String,
        _ parts: [String]
    ) {
        let bytes = Bytes(text)
        #expect(ListElements(bytes.view).map(\.string) == parts)
    }

    @Test func `Cookies are found over all fields, byte for byte`() throws {
        let head = try Self.head("Cookie: a=1; b=\"x=y\"; ;c;A=2\r\nCookie: a = 3 ;d=\r\n")
        let cookies = Cookies(head.fields)
        #expect(
            cookies.map { "\($0.name.string):\($0.value.string)" } == [
                "a:1", "b:\"x=y\"", ":c", "A:2", "a:3", "d:",
            ]
        )
        #expect(cookies.first(named: "a")?.string == "1")
        #expect(cookies.first(named: "A")?.string == "2")
        #expect(cookies.first(named: "d")?.string == "")
        #expect(cookies.first(named: "e") == nil)
        #expect(cookies.count(named: ByteView("a")) == 2)
        #expect(try Cookies(Self.head("").fields).first(named: "a") == nil)
    }

    @Test func `No more cookies are looked at than the limit`() throws {
        let pairs = (0..<300).map { "c\($0)=v" }.joined(separator: ";")
        let head = try Self.head("Cookie: \(pairs)\r\n")
        #expect(Array(Cookies(head.fields)).count == Cookies.countLimit)
        #expect(Cookies(head.fields).first(named: "c255") != nil)
        #expect(Cookies(head.fields).first(named: "c256") == nil)
    }

    @Test(arguments: [
        ("", 1000, 1000, false),
        ("Accept: */*\r\n", 1000, 1000, false),
        ("Accept: application/json\r\n", 0, 1000, true),
        ("Accept: Application/JSON; charset=utf-8\r\n", 0, 1000, true),
        ("Accept: text/html, application/json;q=0.9\r\n", 1000, 900, false),
        ("Accept: text/*;q=0.5, application/json;q=0.75\r\n", 500, 750, true),
        ("Accept: text/html;q=0, */*\r\n", 0, 1000, true),
        ("Accept: text/html\r\nAccept: application/*;q=0.001\r\n", 1000, 1, false),
        ("Accept: application/json;q=1.5\r\n", 0, 0, false),
        ("Accept: application/json;q=x, text/html;q=1.000\r\n", 1000, 0, false),
        ("Accept: json, */json, text\r\n", 0, 0, false),
        ("Accept:\r\n", 0, 0, false),
    ])
    func `Media types are weighed by the most specific range`(
        _ field: String,
        _ html: Int,
        _ json: Int,
        _ prefersJSON: Bool
    ) throws {
        let negotiation = try Negotiation(Self.head(field).fields)
        #expect(negotiation.quality(ofType: "text", "html") == html)
        #expect(negotiation.quality(ofType: "application", "json") == json)
        #expect(negotiation.prefersJSON == prefersJSON)
    }

    @Test(arguments: [
        ("", 0, 0), ("Accept-Encoding: gzip, br;q=0.5\r\n", 1000, 500),
        ("Accept-Encoding: *;q=0.1, br;q=0\r\n", 100, 0),
        ("Accept-Encoding: GZIP;Q=0.25\r\n", 250, 0),
        ("Accept-Encoding: gzip;q=0., br;q=1.\r\n", 0, 1000),
        ("Accept-Encoding: xgzip, gzipx\r\n", 0, 0),
    ])
    func `Content codings are weighed by name, then by the wildcard`(
        _ field: String,
        _ gzip: Int,
        _ br: Int
    ) throws {
        let negotiation = try Negotiation(Self.head(field).fields)
        #expect(negotiation.quality(ofCoding: "gzip") == gzip)
        #expect(negotiation.quality(ofCoding: "br") == br)
    }

    @Test func `Status codes have their reason phrases`() {
        #expect(ByteView(Status.reason(200)).string == "OK")
        #expect(ByteView(Status.reason(431)).string == "Request Header Fields Too Large")
        #expect(ByteView(Status.reason(299)).isEmpty)
        #expect(ByteView(Status.reason(-1)).isEmpty)
    }
}
