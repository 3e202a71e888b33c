import Testing

@testable import Transport

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1:2:3:4", "fe80::1:2:3:4"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:10.1.2.3", "10.1.2.3"),
        ("::ffff:a01:203", "10.1.2.3"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ])
    func `An address is printed in its shortest form`(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(address.description) == address)
        #expect(IPAddress(octets: address.bytes) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.-4", "01.2.3.4", "0x7f.0.0.1",
        "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.4/8", "1.2.3.4:80", ":", ":::", "1::2::3", "12345::", "g::1", "[::1]", "::1%eth0",
        "fe80::1%1",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3", "localhost", "127.0.0.1\n",
        "127.0.0.1\0",
        "127.0.0.1\0.evil",
        "::1\0", "１.2.3.4", String(repeating: "1", count: 100_000),
    ])
    func `A text that is no address is refused`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true),
        ("128.0.0.1", false), ("126.255.255.255", false), ("::2", false), ("1::1", false),
        ("0.0.0.1", false),
    ])
    func `The machine itself is recognised`(_ text: String, _ expected: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("0.0.0.0/0", "200.1.1.1", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "1.2.3.4", false),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false), ("10.1.2.3/31", "10.1.2.2", true),
        ("192.168.1.77/24", "192.168.1.1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8::/64", "2001:db8:0:1::", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:0", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
        ("::1/128", "::1", true), ("::1/128", "::2", false), ("::1/127", "::", true),
        ("10.0.0.0/8", "::ffff:10.9.9.9", true),
    ])
    func `A prefix holds what shares its first bits`(
        _ prefix: String,
        _ address: String,
        _ expected: Bool
    ) throws {
        let range = try #require(IPPrefix(prefix))
        #expect(range.contains(try #require(IPAddress(address))) == expected)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/-0",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8",
        "10.0.0.0/0x8", "10.0.0/8", "::/129", "::ffff:10.0.0.0/104",
        "10.0.0.0/99999999999999999999", "host/8",
        "10.0.0.0\0/8", "10.0.0.0/8\0",
    ])
    func `A text that is no prefix is refused`(_ text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test(arguments: ["10.0.0.0/8", "2001:db8::/32", "::/0", "1.2.3.4/32"])
    func `A prefix is printed as it was written`(_ text: String) throws {
        #expect(try #require(IPPrefix(text)).description == text)
    }

    @Test(arguments: [
        "127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[2001:db8::1]:443",
        "unix:/run/x.sock",
        "unix:relative", "unix:/with:colon",
    ])
    func `A socket address is printed as it was written`(_ text: String) throws {
        #expect(try #require(SocketAddress(text)).description == text)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80",
        "127.0.0.1:8 0",
        "::1:80",
        "[::1]", "[::1]:", "[127.0.0.1]:80", "[]:80", "[::1:80", "::1]:80", "localhost:80",
        "127.0.0.1:80:80", "unix:",
        "unix:/a\0b", "UNIX:/a", "[::1%lo]:80", "127.0.0.1\0:80", "127.0.0.1:80\0",
        "unix:" + String(repeating: "x", count: 108),
    ])
    func `A text that is no socket address is refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func `The longest path of a Unix-domain socket is accepted`() {
        #expect(SocketAddress("unix:" + String(repeating: "x", count: 107)) != nil)
    }
}
