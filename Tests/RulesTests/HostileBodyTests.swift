import Testing

@testable import Rules

/// Bodies made so that another reader finds in them what rules do not. Either the rules see it, or the body
/// is an error.
@Suite struct HostileBodyTests {
    private static let rules = """
        SecRequestBodyAccess On
        SecRule REQUEST_HEADERS:Content-Type "@contains json" "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
        SecRule REQUEST_HEADERS:Content-Type "@contains xml" "id:2,phase:1,pass,nolog,ctl:requestBodyProcessor=XML"
        SecRule REQBODY_ERROR|MULTIPART_STRICT_ERROR "!@eq 0" "id:3,phase:2,pass"
        SecRule ARGS|ARGS_NAMES|FILES|REQUEST_COOKIES|XML:/*|XML://@* "@contains evil" "id:4,phase:2,pass"

        """

    private static func ids(
        _ type: String,
        _ body: String,
        _ more: [(String, String)] = [],
        settings: String = ""
    ) throws -> [Int] {
        let request = Request(
            method: "POST",
            headers: Request.browser + [("Content-Type", type)] + more,
            body: Array(body.utf8)
        )
        return Exchange(try RuleSet.load(text: settings + rules, name: "test.conf"), request).ids
    }

    /// A part, and the line end behind it.
    private static func part(_ parameters: String, _ content: String) -> String {
        "--aa\r\nContent-Disposition: form-data; \(parameters)\r\n\r\n\(content)\r\n"
    }

    private static let form = "multipart/form-data; boundary=aa"

    @Test func `Every cookie is seen, however many there are`() throws {
        let cookies = String(repeating: "a;", count: 1_001) + "x=evil"
        let settings = "SecArgumentsLimit 100\n"
        #expect(try Self.ids("text/plain", "x", [("Cookie", cookies)], settings: settings) == [4])
    }

    @Test func `A name in JSON is seen, or is an error`() throws {
        let long = String(repeating: "k", count: 8_190)
        #expect(try Self.ids("application/json", #"{"\#(long)":{"evil":1}}"#) == [3])
        #expect(try Self.ids("application/json", #"{"kk":{"evil":1}}"#) == [4])
        let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        let settings = "SecRequestBodyJsonDepthLimit 512\n"
        #expect(try Self.ids("application/json", deep, settings: settings) == [])
    }

    @Test(arguments: [
        #"<!DOCTYPE a [<!-- " -->]><a>evil<!-- "]><a>--></a>"#,
        #"<!DOCTYPE a [<?x ' ?>]><a>evil<!-- ']><a>--></a>"#,
        "<a>ev&#0000000000000000000000105;l</a>", "<a>ev&#x0000000000000000069;l</a>",
        #"<?xml version="1.0" encoding="windows-1252"?><a>evil</a>"#,
    ])
    func `Text that a document hides is seen`(document: String) throws {
        #expect(try Self.ids("application/xml", document) == [4])
    }

    @Test(arguments: [
        #"<!DOCTYPE a [<!ENTITY x "ev"><!ENTITY y "il">]><a>&x;&y;</a>"#,
        #"<!DOCTYPE a [<!ATTLIST a b CDATA "evil">]><a/>"#,
        #"<?xml version="1.0" encoding="UTF-7"?><a>+AGU-vil</a>"#,
        #"<?xml version='1.0' encoding='UTF-16'?><a/>"#, #"<?xml encoding?><a/>"#,
    ])
    func `A document that says itself how to read it is an error`(document: String) throws {
        #expect(try Self.ids("application/xml", document) == [3])
    }

    @Test func `A document of many ampersands costs no more than one of letters`() {
        func time(_ count: Int) -> UInt64 {
            let text = Array("<a>\(String(repeating: "&", count: count))</a>".utf8)
            let start = TimeBudget.now()
            text.withView {
                var parser = XMLParser($0, Arena())
                try? parser.parse { _, _, _ in }
            }
            return TimeBudget.now() - start
        }
        // Sixteen times as much if each looked for its end.
        let (short, long) = ((0..<3).map { _ in time(100_000) }, (0..<3).map { _ in time(400_000) })
        #expect((long.min() ?? 0) < 8 * (short.min() ?? 0))
    }

    @Test func `What is beyond its limit is not read on`() throws {
        let settings = "SecRequestBodyNoFilesLimit 10\n"
        #expect(try Self.ids("application/xml", "<a>evil evil</a>", settings: settings) == [3])
    }

    @Test(arguments: ["filename=\"\"", "filename="])
    func `A file without a name is a field, too`(name: String) throws {
        #expect(
            try Self.ids(Self.form, Self.part("name=\"x\"; \(name)", "evil") + "--aa--\r\n") == [4]
        )
        let file = Self.part("name=\"x\"; filename=\"y\"", "evil") + "--aa--\r\n"
        #expect(try Self.ids(Self.form, file) == [])
    }

    @Test(arguments: [
        "multipart/form-data; boundary=aa; boundary=bb",
        "multipart/form-data; xboundary=aa; boundary=b",
        "multipart/form-data; boundary=aa; boundary*=utf-8''bb",
    ])
    func `Of two boundaries none is taken`(type: String) throws {
        let file = Self.part("name=\"x\"; filename=\"y\"", "text") + "--aa--\r\n"
        #expect(try Self.ids(type, file) == [3])
    }

    @Test func `A boundary that holds the word is one`() throws {
        let type = "multipart/form-data; boundary=----WebKitFormBoundaryAB"
        let body = (Self.part("name=x", "evil") + "--aa--\r\n")
            .replacing("--aa", with: "------WebKitFormBoundaryAB")
        #expect(try Self.ids(type, body) == [4])
    }

    @Test(arguments: [("--aa ", [3, 4]), ("--aab", [3]), ("--aa-- ", [3]), ("--ab", [])])
    func `A line that some take for a boundary is an error`(line: String, ids: [Int]) throws {
        let body =
            Self.part("name=\"x\"; filename=\"y\"", "text")
            + "\(line)\r\nContent-Disposition: form-data; name=\"z\"\r\n\r\nevil\r\n--aa--\r\n"
        #expect(try Self.ids(Self.form, body) == ids)
    }

    @Test(arguments: ["br", "zstd", "gzip, gzip", "x"])
    func `A coding that is not read is an error`(coding: String) throws {
        let form = "application/x-www-form-urlencoded"
        #expect(try Self.ids(form, "a=1", [("Content-Encoding", coding)]) == [3])
        #expect(try Self.ids(form, "a=evil", [("Content-Encoding", "Identity")]) == [4])
        let twice = [("Content-Encoding", "identity"), ("Content-Encoding", coding)]
        #expect(try Self.ids(form, "a=1", twice) == [3])
    }

    @Test(arguments: [
        ("application/json", #"{"a":"x evil"#), ("application/json", #"{"a":["b","\u0065vil\u00"#),
        ("application/json", #"{"a":1,"evil"#), ("application/xml", "<a><b>evil"),
        ("application/xml", "<a><b c='evil"), ("application/xml", "<a><![CDATA[evil"),
        (form, part("name=x", "1") + "--aa\r\nContent-Disposition: form-data; name=y\r\n\r\nevil"),
        (form, "--aa\r\nContent-Disposition: form-data; name=\"y\"; filename=\"evil"),
        (form, "--aa\r\nContent-Disposition: form-data; name=\"y\";\r\n filename=\"evil\"\r\nX"),
        ("application/x-www-form-urlencoded", "a=1&b=evil"),
    ])
    func `What the limit cuts through is seen as far as it came`(type: String, body: String) throws {
        let settings =
            "SecRequestBodyLimitAction ProcessPartial\n"
            + "SecRequestBodyLimit \(body.utf8.count)\n"
        #expect(try Self.ids(type, body + "       ", settings: settings) == [4])
    }

    @Test(arguments: [
        ("application/json", #"{"z":NaN,"a":"evil"}"#), ("application/xml", "<a></b>evil"),
    ])
    func `What is wrong before the limit is an error`(type: String, body: String) throws {
        let settings = "SecRequestBodyLimitAction ProcessPartial\nSecRequestBodyLimit 60\n"
        let long = body + String(repeating: " ", count: 100)
        #expect(try Self.ids(type, long, settings: settings) == [3])
    }
}
