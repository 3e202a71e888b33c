import Testing
import Transport

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static func source(_ text: String) -> SocketAddress? { SocketAddress(text) }

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", "192.0.2.1:56324"),
        ("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0"),
        ("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n", "[2001:db8::1]:1"),
        ("PROXY UNKNOWN\r\n", nil), ("PROXY UNKNOWN whatever comes\r\n", nil),
    ])
    func `A line names the client`(_ line: String, _ source: String?) throws {
        let header = try ProxyHeader(parsing: Array(line.utf8))
        #expect(header.source == source.flatMap(Self.source))
    }

    @Test(arguments: [
        "", "PROXY", "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 2", "PROXY  TCP4 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n", "PROXY TCP4 192.0.2.01 198.51.100.2 1 2\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP6 2001:db8::1 198.51.100.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1 \r\n",
        "PROXY UNKNOWN\0\r\n", "proxy UNKNOWN\r\n",
        "PROXY UNKNOWN \(String(repeating: "a", count: 107))\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ])
    func `A line that is none is refused`(_ line: String) {
        #expect(throws: ProxyHeader.Problem.self) { try ProxyHeader(parsing: Array(line.utf8)) }
    }

    private static let four: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 0x04, 1, 0xBB]
    private static let six: [UInt8] =
        [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [0x20, 1, 0xD, 0xB8]
        + [UInt8](repeating: 0, count: 11) + [2] + [0, 1, 0, 2]

    @Test(
        arguments: [
            ([0x21, 0x11, 0, 12] + four, "192.0.2.1:56324"),
            ([0x21, 0x11, 0, 17] + four + [4, 0, 2, 9, 9], "192.0.2.1:56324"),
            ([0x21, 0x21, 0, 36] + six, "[2001:db8::1]:1"), ([0x20, 0, 0, 0], nil),
            ([0x20, 0x11, 0, 12] + four, nil), ([0x21, 0, 0, 0], nil),
            ([0x21, 0, 0, 3, 1, 2, 3], nil),
            ([0x21, 0x31, 0, 216] + [UInt8](repeating: 1, count: 216), nil),
        ] as [([UInt8], String?)]
    )
    func `Bytes name the client`(_ bytes: [UInt8], _ source: String?) throws {
        let header = try ProxyHeader(parsing: Self.signature + bytes)
        #expect(header.source == source.flatMap(Self.source))
    }

    @Test(
        arguments: [
            ([], .notProxy), ([0x21, 0x11, 0], .notProxy),
            ([0x11, 0x11, 0, 12] + four, .badVersion),
            ([0x22, 0x11, 0, 12] + four, .badVersion), ([0x21, 0x12, 0, 12] + four, .badFamily),
            ([0x21, 0x41, 0, 12] + four, .badFamily),
            ([0x21, 0x11, 0, 11] + four.dropLast(), .badLength),
            ([0x21, 0x11, 0, 13] + four, .badLength),
            ([0x21, 0x11, 0, 12] + four + [0], .badLength),
            ([0x21, 0x21, 0, 12] + four, .badLength),
            ([0x21, 0x11, 0xFF, 0xFF] + four, .badLength),
            ([0x21, 0x11, 0, 14] + four + [4, 0], .badFacts),
            ([0x21, 0x11, 0, 16] + four + [4, 0, 2, 9], .badFacts),
        ] as [([UInt8], ProxyHeader.Problem)]
    )
    func `Bytes that are no header are refused`(_ bytes: [UInt8], _ problem: ProxyHeader.Problem) {
        #expect(throws: problem) { try ProxyHeader(parsing: Self.signature + bytes) }
    }

    @Test(arguments: [
        ("192.0.2.1:5000", "198.51.100.2:443", true), ("[2001:db8::1]:5000", "[::1]:443", true),
        ("192.0.2.1:5000", "[::1]:443", false), ("unix:/run/a", "unix:/run/b", false),
    ])
    func `What is written is read again`(_ from: String, _ to: String, _ isKnown: Bool) throws {
        let source = try #require(SocketAddress(from))
        let target = try #require(SocketAddress(to))
        for header in [
            ProxyHeader.line(source: source, target: target),
            ProxyHeader.binary(source: source, target: target),
        ] {
            #expect(try ProxyHeader(parsing: header).source == (isKnown ? source : nil))
        }
        #expect(try ProxyHeader(parsing: ProxyHeader.local).source == nil)
    }
}
