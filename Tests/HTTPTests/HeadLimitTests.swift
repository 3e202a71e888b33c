import HTTP
import Testing

@Suite struct HeadLimitTests {
    static let limits = HeadLimits(requestLineBytes: 64, headBytes: 256, fieldCount: 5)

    static func request(targetBytes: Int = 1, fieldBytes: Int = 0, fields: Int = 1) -> [UInt8] {
        let target = "/" + String(repeating: "a", count: targetBytes - 1)
        var text = "GET \(target) HTTP/1.1\r\nHost: a\r\n"
        for _ in 1..<fields { text += "X: \r\n" }
        if fieldBytes > 0 { text += "Y: \(String(repeating: "b", count: fieldBytes))\r\n" }
        return Array((text + "\r\n").utf8)
    }

    @Test func `A request line may be as long as its limit and no longer`() {
        let room = 64 - "GET  HTTP/1.1".utf8.count
        for step in [nil, 1, 7] {
            let fits = parseRequest(
                Self.request(targetBytes: room),
                step: step,
                limits: Self.limits
            )
            #expect(fits != .refused(.requestLineTooLong))
            let exceeds = parseRequest(
                Self.request(targetBytes: room + 1),
                step: step,
                limits: Self.limits
            )
            #expect(exceeds == .refused(.requestLineTooLong))
        }
    }

    @Test func `A head may be as long as its limit and no longer`() {
        let bare = Self.request(fieldBytes: 1).count - 1
        for step in [nil, 1, 7] {
            let fits = parseRequest(
                Self.request(fieldBytes: 256 - bare),
                step: step,
                limits: Self.limits
            )
            #expect(fits != .refused(.headTooLarge))
            let exceeds = parseRequest(
                Self.request(fieldBytes: 257 - bare),
                step: step,
                limits: Self.limits
            )
            #expect(exceeds == .refused(.headTooLarge))
        }
    }

    @Test func `As many fields as the limit are read and not one more`() throws {
        #expect(
            parseRequest(Self.request(fields: 5), limits: Self.limits) != .refused(.tooManyFields)
        )
        #expect(
            parseRequest(Self.request(fields: 6), limits: Self.limits) == .refused(.tooManyFields)
        )
    }

    @Test func `A line that never ends is refused when the limit is reached, not before`() {
        let endless = [UInt8](repeating: 0x61, count: 300)
        #expect(parseRequest(Array(endless.prefix(65)), limits: Self.limits) == .incomplete)
        #expect(parseRequest(endless, limits: Self.limits) == .refused(.requestLineTooLong))
        let field = Array("GET / HTTP/1.1\r\nX: ".utf8) + endless
        #expect(parseRequest(field, limits: Self.limits) == .refused(.headTooLarge))
        #expect(parseRequest(Array(field.prefix(255)), limits: Self.limits) == .incomplete)
    }

    @Test func `The defaults are 8 KiB, 32 KiB and 100 fields`() {
        #expect(parseRequest(Self.request(targetBytes: 8 * 1024)) == .refused(.requestLineTooLong))
        #expect(parseRequest(Self.request(fieldBytes: 32 * 1024)) == .refused(.headTooLarge))
        #expect(parseRequest(Self.request(fields: 101)) == .refused(.tooManyFields))
        guard
            case .accepted = parseRequest(
                Self.request(targetBytes: 8000, fieldBytes: 23_000, fields: 99)
            )
        else {
            Issue.record("refused within the limits")
            return
        }
    }
}
