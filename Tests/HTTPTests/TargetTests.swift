import HTTP
import Testing

@Suite struct TargetTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let raw: String
        let path: String
        let flags: Target.Flags

        init(_ raw: String, _ path: String, _ flags: Target.Flags = []) {
            self.raw = raw
            self.path = path
            self.flags = flags
        }

        var testDescription: String { "\(raw) -> \(path)" }
    }

    static let paths = [
        Row("/", "/"),
        Row("/a", "/a"),
        Row("/a/b.html", "/a/b.html"),
        Row("/events/summer-tour/seats", "/events/summer-tour/seats"),
        Row("/a_b~c!$&'()*+,=:@[]", "/a_b~c!$&'()*+,=:@[]"),
        Row("/%61%41%7E%2d%5f", "/aA~-_"),
        Row("/%e2%82%ac%C3%a9", "/%E2%82%AC%C3%A9"),
        Row("/%20%22%3c", "/%20%22%3C"),
        Row("/\u{E9}", "/%C3%A9", .hasForbiddenByte),
        Row("/\"<>^`{|}", "/%22%3C%3E%5E%60%7B%7C%7D", .hasForbiddenByte),
        Row("/a^b|c", "/a%5Eb%7Cc"),
        Row("/a\\b", "/a%5Cb", [.hasEncodedSeparator, .hasForbiddenByte]),
        Row(
            "/a\\..\\b",
            "/a%5C..%5Cb",
            [.hasEncodedSeparator, .hasForbiddenByte, .hidesDotSegment]
        ),
        Row("/a%2fb", "/a%2Fb", .hasEncodedSeparator),
        Row("/a%5cb", "/a%5Cb", .hasEncodedSeparator),
        Row("/a%00b", "/a%00b", .hasEncodedNUL),
        Row("/a%0d%0ab", "/a%0D%0Ab", .hasEncodedControl),
        Row("/a;b=c", "/a;b=c", .hasParameters),
        Row("/a%3bb", "/a%3Bb", .hasParameters),
        Row("/.", "/"),
        Row("/..", "/", .climbsAboveRoot),
        Row("/./a", "/a"),
        Row("/a/.", "/a/"),
        Row("/a/./b", "/a/b"),
        Row("/a/../b", "/b"),
        Row("/a/b/..", "/a/"),
        Row("/a/b/../", "/a/"),
        Row("/a/b/../../c", "/c"),
        Row("/a/b/../../..", "/", .climbsAboveRoot),
        Row("/../../etc/passwd", "/etc/passwd", .climbsAboveRoot),
        Row("/%2e%2e/a", "/a", .climbsAboveRoot),
        Row("/a/%2e%2E/b", "/b"),
        Row("/a/.%2e/b", "/b"),
        Row("/a/%2e/b", "/a/b"),
        Row("/a/%2e%2e%2fb", "/a/..%2Fb", [.hasEncodedSeparator, .hidesDotSegment]),
        Row("/a/.%2fb", "/a/.%2Fb", [.hasEncodedSeparator, .hidesDotSegment]),
        Row("/a/b%2f..", "/a/b%2F..", [.hasEncodedSeparator, .hidesDotSegment]),
        Row("/a/b%5c.%2e/c", "/a/b%5C../c", [.hasEncodedSeparator, .hidesDotSegment]),
        Row("/a%2f..b%2f.c%2f", "/a%2F..b%2F.c%2F", .hasEncodedSeparator),
        Row("/...", "/..."),
        Row("/.well-known/x", "/.well-known/x"),
        Row("/a/..b/c..", "/a/..b/c.."),
        Row("/a/..;/b", "/a/..;/b", [.hasParameters, .hidesDotSegment]),
        Row("/a/..%3bx/b", "/a/..%3Bx/b", [.hasParameters, .hidesDotSegment]),
        Row("/a/b;..c/d", "/a/b;..c/d", .hasParameters),
        Row("//", "//", .hasEmptySegment),
        Row("//a", "//a", .hasEmptySegment),
        Row("/a//b", "/a//b", .hasEmptySegment),
        Row("/a//../b", "/a/b", .hasEmptySegment),
        Row("/a/..//b", "//b", .hasEmptySegment),
        Row("/%", "/%25", .hasInvalidEscape),
        Row("/%4", "/%254", .hasInvalidEscape),
        Row("/%zz", "/%25zz", .hasInvalidEscape),
        Row("/%%41", "/%25A", .hasInvalidEscape),
        Row("/%u0041", "/%25u0041", .hasInvalidEscape),
        Row("/%2541", "/%2541"),
        Row("/%25%34%31", "/%2541"),
        Row("/a?b", "/a"),
        Row("/a/../b?../c", "/b"),
        Row("/a%3Fb?c", "/a%3Fb"),
        Row("/1234567/", "/1234567/"),
        Row("/1234567/..", "/"),
        Row("/123456/../x", "/x"),
        Row("/1234567//x", "/1234567//x", .hasEmptySegment),
        Row("/12345678901234/../abcdefgh", "/abcdefgh"),
    ]

    @Test(arguments: paths)
    func `A path has one canonical form, and what it could hide is flagged`(_ row: Row) throws {
        let head = try accept("GET \(row.raw) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.target.path.string == row.path)
        #expect(head.target.flags == row.flags)
        #expect(head.target.raw.string == row.raw)
        #expect(head.target.form == .origin)
    }

    @Test(arguments: paths)
    func `The canonical form of a canonical path is itself`(_ row: Row) throws {
        let head = try accept("GET \(row.path) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.target.path.string == row.path)
    }

    @Test(arguments: [
        ("/a", nil), ("/a?", ""), ("/a?b=c&d=%2F", "b=c&d=%2F"), ("/a?b?c/d/../e", "b?c/d/../e"),
        ("/a?%zz%4", "%zz%4"), ("/?\u{E9}\"<>\\^`{|}", "%C3%A9%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ("/?a[]=1;b", "a[]=1;b"),
        ("/%61?%61", "%61"), ("/../?x", "x"),
    ])
    func `A query stays as received but for bytes that may not stand in a URI`(
        _ raw: String,
        _ query: String?
    ) throws {
        let head = try accept("GET \(raw) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.target.query?.string == query)
    }

    @Test(arguments: [
        ("GET http://a/b?c", "a", Target.Form.absolute, "/b", "a"),
        ("GET HTTPS://A:443/b", "a:443", .absolute, "/b", "A:443"),
        ("GET http://a", "a", .absolute, "/", "a"),
        ("GET http://a?q", "a", .absolute, "/", "a"),
        ("GET http://a/x/../y", "a", .absolute, "/y", "a"),
        ("OPTIONS http://a", "a", .absolute, "*", "a"),
        ("OPTIONS http://a/", "a", .absolute, "/", "a"),
        ("OPTIONS *", "a", .asterisk, "*", ""),
        ("CONNECT a:443", "a:443", .authority, "", "a:443"),
        ("CONNECT [::1]:443", "[::1]:443", .authority, "", "[::1]:443"),
    ])
    func `All four forms are told apart`(
        _ start: String,
        _ host: String,
        _ form: Target.Form,
        _ path: String,
        _ authority: String
    ) throws {
        let head = try accept("\(start) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(head.target.form == form)
        #expect(head.target.path.string == path)
        #expect(head.target.authority.string == authority)
    }

    @Test func `The authority of the target serves where HTTP 1.0 sends no Host`() throws {
        let head = try accept("GET http://a.example:81/ HTTP/1.0\r\n\r\n")
        #expect(head.host.string == "a.example")
        #expect(head.port == 81)
        #expect(head.authority.string == "a.example:81")
    }

    @Test(
        arguments: [
            ("a", "a", nil), ("A.b-c_d.Example.", "A.b-c_d.Example.", nil),
            ("127.0.0.1:80", "127.0.0.1", 80),
            ("a~b!$&'()*+=c:1", "a~b!$&'()*+=c", 1),
            ("long.name~of.a.host", "long.name~of.a.host", nil),
            ("a:1", "a", 1), ("a:65535", "a", 65535), ("[::1]", "[::1]", nil),
            ("a:", "a", nil), ("[::1]:", "[::1]", nil),
            ("[2001:db8::1]:8443", "[2001:db8::1]", 8443),
            ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]", nil),
            ("abcdefgh.ijklmno:8080", "abcdefgh.ijklmno", 8080),
        ] as [(String, String, UInt16?)]
    )
    func `Hosts and ports in use are understood`(_ text: String, _ host: String, _ port: UInt16?)
        throws
    {
        let head = try accept("GET / HTTP/1.1\r\nHost: \(text)\r\n\r\n")
        #expect(head.host.string == host)
        #expect(head.port == port)
    }
}
