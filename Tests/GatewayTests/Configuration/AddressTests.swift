import Testing
import Transport

@testable import Gateway

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:80", Address.ip(host: "127.0.0.1", port: 80)),
        ("[::1]:8443", .ip(host: "::1", port: 8443)),
        ("Shop.internal:9000", .name(host: "shop.internal", port: 9000)),
        ("unix:/run/haniel.sock", .unix(path: "/run/haniel.sock")),
    ])
    func `An address is read and printed`(text: String, address: Address) throws {
        #expect(try Address(text: text) == address)
        #expect(address.text == text.lowercased())
    }

    @Test(arguments: [
        "", ":80", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:+80", "::1:80",
        "[::1]", "[127.0.0.1]:80", "[::1%lo]:80", "a b:80", "http://a:80", "unix:", "unix:relative",
        "a\0b:80",
        "unix:/" + String(repeating: "a", count: 200),
    ])
    func `What is no address is refused`(text: String) {
        #expect(throws: Misfit.self) { try Address(text: text) }
    }

    @Test func `Only a name has no socket address`() {
        #expect(Address.ip(host: "::1", port: 1).socketAddress == SocketAddress("[::1]:1"))
        #expect(Address.unix(path: "/a").socketAddress == .unix(path: "/a"))
        #expect(Address.name(host: "a", port: 1).socketAddress == nil)
    }

    @Test(arguments: [
        "10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "2001:db8::/32", "::/0", "fd00::1/128",
    ])
    func `A network reads back as it is printed`(text: String) throws {
        #expect(try IPPrefix(text: text).text == text)
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "10.0.0.0/8/8", "",
        "/8",
    ])
    func `What is no network is refused`(text: String) {
        #expect(throws: Misfit.self) { try IPPrefix(text: text) }
    }
}
