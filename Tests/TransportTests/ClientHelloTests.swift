import Testing

@testable import Transport

@Suite struct ClientHelloTests {
    /// The example of the fingerprint's public description.
    private static func browser() -> ClientHello {
        var hello = ClientHello()
        hello.legacyVersion = 0x0303
        hello.versions = [0x3A3A, 0x0304, 0x0303]
        hello.ciphers = [
            0x7A7A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013,
            0xC014, 0x009C, 0x009D, 0x002F, 0x0035,
        ]
        hello.extensions = [
            0x0A0A, 0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023,
            0x0012, 0x002B, 0xFF01, 0x000B, 0x000A, 0x0015, 0xFAFA,
        ]
        hello.signatureAlgorithms = [
            0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
        ]
        hello.firstProtocol = Array("h2".utf8)
        hello.serverName = "example.com"
        return hello
    }

    @Test func `A browser has the fingerprint of the public example`() {
        #expect(Self.browser().fingerprint == "t13d1516h2_8daaf6152771_e5627efa2ab1")
    }

    @Test func `The order of ciphers and extensions does not change it`() {
        var hello = Self.browser()
        hello.ciphers.reverse()
        hello.extensions.shuffle()
        #expect(hello.fingerprint == Self.browser().fingerprint)
        hello.signatureAlgorithms.reverse()
        #expect(hello.fingerprint != Self.browser().fingerprint)
    }

    @Test func `What is missing is told by zeros`() {
        #expect(ClientHello().fingerprint == "t00i000000_000000000000_000000000000")
        var hello = ClientHello()
        hello.legacyVersion = 0x0301
        hello.firstProtocol = [0xAB, 0xCD]
        hello.ciphers = [UInt16](repeating: 0x002F, count: 120)
        #expect(hello.fingerprint.hasPrefix("t10i9900ad_"))
        #expect(hello.fingerprint.utf8.count == 36)
    }

    @Test func `Extensions that lie about their lengths bring nothing`() {
        #expect(ClientHello.values([3, 3, 4, 3, 3], lengthBytes: 1) == [])
        #expect(ClientHello.values([4, 3, 4, 3, 3], lengthBytes: 1) == [0x0304, 0x0303])
        #expect(ClientHello.values([0], lengthBytes: 2) == [])
        #expect(ClientHello.pairs([1, 2, 3]) == [0x0102])
        #expect(ClientHello.firstProtocol(in: [0, 3, 2, 0x68, 0x32]) == Array("h2".utf8))
        #expect(ClientHello.firstProtocol(in: [0, 3, 9, 0x68, 0x32]) == [])
        #expect(ClientHello.firstProtocol(in: [0, 0]) == [])
        let name: [UInt8] = [0, 6, 0, 0, 3, 0x41, 0x2E, 0x62]
        #expect(ClientHello.serverName(in: name) == "a.b")
        #expect(ClientHello.serverName(in: Array(name.dropLast())) == nil)
        #expect(ClientHello.serverName(in: [0, 6, 1, 0, 3, 0x41, 0x2E, 0x62]) == nil)
        #expect(ClientHello.serverName(in: [0, 6, 0, 0, 3, 0x41, 0, 0x62]) == nil)
        #expect(ClientHello.serverName(in: []) == nil)
    }

    @Test func `Keys of tickets come and go, and the newest encrypts`() {
        let keys = TicketKeys()
        let first = keys.newest
        #expect(!keys.covers(period: 5))
        keys.add(Digest.randomBytes(32), period: 5)
        keys.add(Digest.randomBytes(32), period: 5)
        #expect(keys.covers(period: 5))
        #expect(keys.newest != first)
        #expect(first.map { keys.find($0.name)?.isNewest } == false)
        for period in 6...8 { keys.add([UInt8(period)], period: period) }
        #expect(first.flatMap { keys.find($0.name)?.key } == nil, "the oldest is gone")
        let other = TicketKeys()
        other.add([8], period: 8)
        #expect(
            keys.newest.map { other.find($0.name)?.isNewest } == true,
            "the same secret, the same key"
        )
    }
}
