import HTTP
import Testing

@testable import Gateway

@Suite struct CacheHitTests {
    static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let modifiedSeconds = 784_111_777

    private let origin = OriginStory()

    struct Row: CustomTestStringConvertible, Sendable {
        var request: [String] = []
        var response = ["ETag: \"x\"", "Last-Modified: \(CacheHitTests.modified)"]
        let form: CacheHit.Form

        var testDescription: String { "\(request) \(response)" }
    }

    private func hit(_ row: Row, method: String = "GET", status: Int = 200) throws -> CacheHit {
        let fields =
            ["Cache-Control: max-age=60", "Date: Sun, 06 Nov 1994 08:49:47 GMT"] + row.response
        let arrival = Self.modifiedSeconds + 10
        try origin.store(
            "/a",
            status: status,
            fields,
            body: status == 204 ? "" : "0123456789",
            now: arrival
        )
        return try #require(
            try origin.hit(
                try Heads.request("\(method) /a HTTP/1.1", row.request),
                now: arrival + 5
            )
        )
    }

    static let conditions: [Row] = [
        Row(form: .whole),
        Row(request: ["If-None-Match: \"x\""], form: .notModified),
        Row(request: ["If-None-Match: W/\"x\""], form: .notModified),
        Row(request: ["If-None-Match: \"a\", \"x\""], form: .notModified),
        Row(request: ["If-None-Match: \"a\"", "If-None-Match: \"x\""], form: .notModified),
        Row(request: ["If-None-Match: *"], form: .notModified),
        Row(request: ["If-None-Match: *"], response: [], form: .notModified),
        Row(request: ["If-None-Match: \"x\""], response: ["ETag: W/\"x\""], form: .notModified),
        Row(request: ["If-None-Match: \"y\""], form: .whole),
        Row(request: ["If-None-Match: x"], form: .whole),
        Row(request: ["If-None-Match: \"x\""], response: [], form: .whole),
        Row(request: ["If-None-Match: \"y\"", "If-Modified-Since: \(modified)"], form: .whole),
        Row(
            request: ["If-None-Match: \"x\"", "If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT"],
            form: .notModified
        ),
        Row(request: ["If-Modified-Since: \(modified)"], form: .notModified),
        Row(request: ["If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT"], form: .notModified),
        Row(request: ["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], form: .notModified),
        Row(request: ["If-Modified-Since: Sun Nov  6 08:49:37 1994"], form: .notModified),
        Row(request: ["If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT"], form: .whole),
        Row(request: ["If-Modified-Since: 784111777"], form: .whole),
        Row(
            request: ["If-Modified-Since: Sun, 06 Nov 1994 08:49:47 GMT"],
            response: [],
            form: .notModified
        ),
        Row(
            request: ["If-Modified-Since: Sun, 06 Nov 1994 08:49:46 GMT"],
            response: [],
            form: .whole
        ),
    ]

    @Test(arguments: conditions)
    func `Conditions are judged in the order of RFC 9110 section 13 2 2`(row: Row) throws {
        #expect(try hit(row).form == row.form)
        #expect(try hit(row, method: "HEAD").form == row.form)
    }

    static let ranges: [Row] = [
        Row(request: ["Range: bytes=2-4"], form: .part(2..<5)),
        Row(request: ["Range: bytes=-4"], form: .part(6..<10)),
        Row(request: ["Range: bytes=10-"], form: .unsatisfiable),
        Row(request: ["Range: bytes=0-1,4-5"], form: .whole),
        Row(request: ["Range: bytes=0-1", "Range: bytes=4-5"], form: .whole),
        Row(request: ["Range: lines=1-2"], form: .whole),
        Row(request: ["Range: bytes=2-4", "If-None-Match: \"x\""], form: .notModified),
        Row(request: ["Range: bytes=2-4", "If-Range: \"x\""], form: .part(2..<5)),
        Row(request: ["Range: bytes=2-4", "If-Range: \"y\""], form: .whole),
        Row(request: ["Range: bytes=2-4", "If-Range: W/\"x\""], form: .whole),
        Row(
            request: ["Range: bytes=2-4", "If-Range: \"x\""],
            response: ["ETag: W/\"x\""],
            form: .whole
        ),
        Row(request: ["Range: bytes=2-4", "If-Range: \"x\""], response: [], form: .whole),
        Row(request: ["Range: bytes=2-4", "If-Range: \(modified)"], form: .part(2..<5)),
        Row(
            request: ["Range: bytes=2-4", "If-Range: Sun, 06 Nov 1994 08:49:38 GMT"],
            form: .whole
        ),
        Row(request: ["Range: bytes=2-4", "If-Range: nonsense"], form: .whole),
        Row(
            request: ["Range: bytes=2-4", "If-Range: Sun, 06 Nov 1994 08:49:47 GMT"],
            response: ["Last-Modified: Sun, 06 Nov 1994 08:49:47 GMT"],
            form: .whole
        ),
    ]

    @Test(arguments: ranges)
    func `One range is a part, several are the whole`(row: Row) throws {
        #expect(try hit(row).form == row.form)
    }

    @Test(arguments: [404, 301])
    func `Conditions and ranges concern successful responses only`(status: Int) throws {
        let row = Row(request: ["If-None-Match: *", "Range: bytes=0-1"], form: .whole)
        #expect(try hit(row, status: status).form == row.form)
        #expect(try hit(row, status: status).status == status)
    }

    private func sent(_ hit: CacheHit) -> String {
        let output = OutputBuffer()
        hit.appendHead(to: output)
        return output.readable.string + "\r\n" + hit.body.string
    }

    @Test
    func `A hit carries the stored fields, its age and what the cache did`() throws {
        let row = Row(
            response: ["X-A: 1", "Connection: x-b", "X-B: 2", "Age: 7", "ETag: \"x\""],
            form: .whole
        )
        #expect(
            sent(try hit(row)) == """
                HTTP/1.1 200 OK\r
                Cache-Control: max-age=60\r
                Date: Sun, 06 Nov 1994 08:49:47 GMT\r
                X-A: 1\r
                ETag: "x"\r
                content-length: 10\r
                age: 12\r
                cache-status: haniel; hit; ttl=48\r
                \r
                0123456789
                """
        )
    }

    static let transient = [
        "Connection: close", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic",
        "Proxy-Authentication-Info: x=1",
        "Proxy-Connection: close", "Trailer: x", "Upgrade: h2c", "Age: 3", "Waiting-Room: x",
        "X-Waf-Rules: 942100", "Waiting-Room-Inventory: remaining=5",
        "Connection: X-Hop\r\nX-Hop: 1",
    ]

    @Test(arguments: transient)
    func `Fields about one connection or one moment are not stored`(line: String) throws {
        let hit = try hit(Row(response: ["X-A: 1", "X-Empty:", line], form: .whole))
        #expect(
            hit.entry.lines.string == """
                Cache-Control: max-age=60\r
                Date: Sun, 06 Nov 1994 08:49:47 GMT\r
                X-A: 1\r
                X-Empty: \r

                """
        )
    }

    @Test
    func `A 204 has no content length`() throws {
        let text = sent(try hit(Row(response: [], form: .whole), status: 204))
        #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(!text.contains("content-length"))
    }

    @Test
    func `A HEAD gets the fields of the GET and no content`() throws {
        let hit = try hit(Row(form: .whole), method: "HEAD")
        #expect(sent(hit).contains("content-length: 10\r\n"))
        #expect(hit.body.isEmpty)
    }

    @Test
    func `A 304 carries only the fields that a stored copy needs`() throws {
        let response = [
            "ETag: \"x\"", "Content-Type: text/css", "X-A: 1", "Vary: Accept",
            "Content-Location: /a.css",
        ]
        let hit = try hit(
            Row(request: ["If-None-Match: *"], response: response, form: .notModified)
        )
        #expect(
            sent(hit) == """
                HTTP/1.1 304 Not Modified\r
                Cache-Control: max-age=60\r
                Date: Sun, 06 Nov 1994 08:49:47 GMT\r
                ETag: "x"\r
                Vary: Accept\r
                Content-Location: /a.css\r
                age: 5\r
                cache-status: haniel; hit; ttl=55\r
                \r

                """
        )
    }

    @Test
    func `A part says where it lies`() throws {
        let text = sent(
            try hit(Row(request: ["Range: bytes=2-4"], response: [], form: .part(2..<5)))
        )
        #expect(text.hasPrefix("HTTP/1.1 206 Partial Content\r\n"))
        #expect(text.contains("content-range: bytes 2-4/10\r\ncontent-length: 3\r\n"))
        #expect(text.hasSuffix("\r\n\r\n234"))
    }

    @Test
    func `A part that does not exist says how long the whole is`() throws {
        let text = sent(
            try hit(Row(request: ["Range: bytes=99-"], response: [], form: .unsatisfiable))
        )
        #expect(text.hasPrefix("HTTP/1.1 416 Range Not Satisfiable\r\n"))
        #expect(text.contains("content-range: bytes */10\r\ncontent-length: 0\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test
    func `A response without a date gets that of its arrival`() throws {
        try origin.store("/d", ["Cache-Control: max-age=60"], body: "", now: Self.modifiedSeconds)
        let hit = try #require(try origin.hit(try Heads.get("/d"), now: Self.modifiedSeconds))
        #expect(sent(hit).contains("date: \(Self.modified)\r\n"))
    }

    static let statuses: [(CacheStatus, String)] = [
        (.hit(secondsLeft: 30), "haniel; hit; ttl=30"),
        (.forwarded(.uriMiss, isStored: true), "haniel; fwd=uri-miss; stored"),
        (.forwarded(.varyMiss, isStored: false), "haniel; fwd=vary-miss"),
        (.forwarded(.stale, isStored: true), "haniel; fwd=stale; stored"),
        (.forwarded(.bypass, isStored: false), "haniel; fwd=bypass"),
        (.forwarded(.method, isStored: false), "haniel; fwd=method"),
    ]

    @Test(arguments: statuses)
    func `Cache-Status is written as in RFC 9211`(status: CacheStatus, text: String) {
        let output = OutputBuffer()
        status.append(to: output)
        #expect(output.readable.string == text)
    }
}
