import Testing

@testable import Redis

@Suite struct ReplyScannerTests {
    private static let limits = ReplyLimits(bytes: 1000, elements: 20, lineBytes: 100)

    static let replies: [(String, RESPValue)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        ("-ERR no\r\n", .error("ERR no")),
        (":0\r\n", .integer(0)),
        (":-1\r\n", .integer(-1)),
        (":9223372036854775807\r\n", .integer(.max)),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$0\r\n\r\n", .bulk([])),
        ("$2\r\nab\r\n", .bulk([0x61, 0x62])),
        ("$4\r\n\r\n\r\n\r\n", .bulk([0x0D, 0x0A, 0x0D, 0x0A])),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n$1\r\na\r\n", .array([.integer(1), .bulk([0x61])])),
        ("*2\r\n*0\r\n*1\r\n*-1\r\n", .array([.array([]), .array([.null])])),
        ("*2\r\n-ERR a\r\n+OK\r\n", .array([.error("ERR a"), .simple("OK")])),
        ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n", nested(7)),
    ]

    private static func nested(_ depth: Int) -> RESPValue {
        depth == 0 ? .integer(7) : .array([nested(depth - 1)])
    }

    private func decode(_ pieces: [ArraySlice<UInt8>]) throws -> [RESPValue] {
        let decoder = ReplyDecoder(limits: Self.limits)
        var values: [RESPValue] = []
        for piece in pieces {
            unsafe piece.withUnsafeBytes { unsafe decoder.append($0) }
            while let value = try decoder.next() { values.append(value) }
        }
        return values
    }

    @Test(arguments: replies)
    func `A reply is decoded, however its bytes arrive`(text: String, value: RESPValue) throws {
        let bytes = Array(text.utf8)
        #expect(try decode([bytes[...]]) == [value])
        #expect(try decode(bytes.indices.map { bytes[$0...$0] }) == [value])
        for split in bytes.indices {
            #expect(try decode([bytes[..<split], bytes[split...]]) == [value])
        }
        #expect(try decode([(bytes + bytes + bytes)[...]]) == [value, value, value])
        #expect(try decode([bytes.dropLast()]).isEmpty)
    }

    static let violations = [
        "\r\n", "x\r\n", "OK\r\n", "%1\r\n", "_\r\n", ">1\r\n", "#t\r\n",
        ":\r\n", ":a\r\n", ":1a\r\n", ":-\r\n", ": 1\r\n", ":9223372036854775808\r\n",
        ":99999999999999999999\r\n",
        "$\r\n", "$-2\r\n", "$-01\r\n", "$+1\r\n", "$1a\r\n", "$ 1\r\n", "$4294967296\r\n",
        "$99999999999999999999\r\n",
        "$1000\r\n", "$1\r\naXY", "$1\r\na\rX", "$1\r\nab\r\n",
        "*\r\n", "*-2\r\n", "*x\r\n", "*21\r\n", "*2147483647\r\n", "*4294967297\r\n",
        "*2\r\n*10\r\n*10\r\n*10\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        "*3\r\n$500\r\n\(String(repeating: "a", count: 500))\r\n$481\r\n",
        "+\(String(repeating: "a", count: 101))",
    ]

    @Test(arguments: violations)
    func `What is no reply, or one that is too large, is refused as soon as that is known`(
        text: String
    ) throws {
        let bytes = Array(text.utf8)
        #expect(throws: RedisError.self) { _ = try decode([bytes[...]]) }
        #expect(throws: RedisError.self) { _ = try decode(bytes.indices.map { bytes[$0...$0] }) }
    }

    /// Whatever the bytes, the decoder ends with values or an error, and the way they are split makes no difference.
    @Test(arguments: 1...8)
    func `Random bytes that resemble replies are decoded the same in one piece and in many`(
        seed: UInt64
    ) {
        var random = Xorshift(state: seed)
        let alphabet = Array("*$:+-0123456789a\r\n\r\n\r\n".utf8)
        for _ in 0..<3000 {
            let count = Int(random.next() % 40) + 1
            var bytes = Array("*$:+-".utf8.map { $0 }[Int(random.next() % 5)...].prefix(1))
            for _ in 0..<count {
                bytes.append(alphabet[Int(random.next() % UInt64(alphabet.count))])
            }
            let whole = Result { try decode([bytes[...]]) }
            let single = Result { try decode(bytes.indices.map { bytes[$0...$0] }) }
            switch (whole, single) {
            case (.success(let left), .success(let right)): #expect(left == right)
            case (.failure, .failure): break
            default: Issue.record("one way fails and the other does not: \(bytes)")
            }
        }
    }
}

struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
