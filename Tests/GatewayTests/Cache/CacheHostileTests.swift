import HTTP
import Testing

@testable import Gateway

/// Requests and responses that nobody sane would send: whatever they say, the cache must answer, and consistently.
@Suite struct CacheHostileTests {
    private static let pieces = [
        "\"", "\"x\"", "W/", "W/\"x\"", ",", ", ,", "=", ";", "*", "\\", "\\\"", "bytes=",
        "bytes=0-", "-", "0", "1",
        "9",
        "18446744073709551616", "-1", "max-age=", "max-age=60", "s-maxage=\"60\"", "public",
        "private", "no-store",
        "no-cache=\"", "Accept", "accept-encoding", "Cookie", "X-A", " ", "\t", "a", "\u{E9}",
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "gzip, br",
    ]
    private static let requestNames = [
        "Range", "If-Range", "If-None-Match", "If-Modified-Since", "Cache-Control", "Accept",
        "Accept-Encoding", "X-A",
        "Cookie", "Authorization",
    ]
    private static let responseNames = [
        "Cache-Control", "Vary", "ETag", "Last-Modified", "Date", "Age", "Expires", "Content-Type",
        "X-A", "Connection",
    ]

    private func lines(_ names: [String], _ random: inout SplitMix) -> [String] {
        (0..<Int(random.next() % 5)).map { _ in
            let name = names[Int(random.next() % UInt64(names.count))]
            let value = (0..<Int(random.next() % 5)).map { _ in
                Self.pieces[Int(random.next() % UInt64(Self.pieces.count))]
            }
            return "\(name): \(value.joined())"
        }
    }

    /// Heads that the parser refuses never reach the cache.
    private func request(_ target: String, _ random: inout SplitMix) -> RequestHead? {
        let method = random.next() % 4 == 0 ? "HEAD" : "GET"
        return try? Heads.request("\(method) \(target) HTTP/1.1", lines(Self.requestNames, &random))
    }

    private func check(_ hit: CacheHit, method: HTTP.Method) {
        let whole = hit.entry.body.count
        switch hit.form {
        case .whole: #expect(hit.contentLength == whole && hit.status == 200)
        case .part(let range):
            #expect(!range.isEmpty && range.upperBound <= whole && hit.contentLength == range.count)
        case .notModified: #expect(hit.contentLength == nil && hit.status == 304)
        case .unsatisfiable: #expect(hit.contentLength == 0 && hit.status == 416)
        }
        #expect(hit.body.count == (method == .head ? 0 : hit.contentLength ?? 0))
        let output = OutputBuffer()
        hit.appendHead(to: output)
        output.appendCRLF()
        var parser = ResponseParser()
        #expect((try? parser.parse(output.readable, to: method)) == output.count)
        #expect(parser.head.status == hit.status)
        #expect(parser.head.fields.count(of: .age) == (hit.form == .unsatisfiable ? 0 : 1))
        #expect(!parser.head.fields.contains(.setCookie))
    }

    @Test(.timeLimit(.minutes(1)))
    func `A value full of blanks is read in one go`() throws {
        var parser = RequestParser(limits: HeadLimits(headBytes: 1 << 20))
        let blanks = String(repeating: " ", count: 400_000)
        let text = "GET / HTTP/1.1\r\nHost: a\r\nAccept: a;\(blanks)q=1\r\n\r\n"
        let length = try viewing(text) { try parser.parse($0) }
        #expect(length == text.utf8.count)
        var field = SelectingField(parser.head.fields, known: .accept, name: ByteView("accept"))
        var count = 0
        while field.next() != nil { count += 1 }
        #expect(count == 400_005)
    }

    @Test(arguments: 1...8)
    func `Whatever requests and responses say, the answers are consistent and readable`(
        seed: UInt64
    ) throws {
        var random = SplitMix(state: seed)
        let origin = OriginStory(ResponseCache(limits: .init(totalBytes: 100_000, variants: 3)))
        var hits = 0
        for round in 0..<3000 {
            let target = "/\(random.next() % 8)"
            guard let request = request(target, &random) else { continue }
            let now = 784_111_777 + round / 20
            if let hit = try origin.hit(request, now: now) {
                hits += 1
                check(hit, method: request.method)
            } else {
                var fields = lines(Self.responseNames, &random)
                if random.next() % 2 == 0 { fields.append("Cache-Control: public, max-age=9") }
                _ = try? origin.add(request, fields, body: "0123456789", now: now)
            }
        }
        #expect(hits > 300)
        #expect(origin.cache.statistics.usedBytes == origin.cache.statistics.storedBytes)
    }
}
