import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct ClientAddressTests {
    private static let trusted = ["10.0.0.0/8", "2001:db8::/32"]

    /// Who the client is, and whether it speaks TLS, for a request with these field lines from this peer.
    private static func resolve(
        _ lines: [String],
        peer: String = "10.0.0.1",
        trusted: [String] = trusted,
        header: Configuration.ForwardingHeader = .xForwardedFor
    ) async throws -> (client: String, isSecure: Bool) {
        try await onReactor { reactor in
            var configuration = Configuration.ClientAddress()
            configuration.trusted = trusted.compactMap { IPPrefix($0) }
            configuration.header = header
            let exchange = try await ExchangeScene.make(
                "GET / HTTP/1.1",
                lines,
                peer: peer,
                on: reactor
            ).exchange
            ClientAddressStage(configuration, locations: nil).resolve(exchange)
            return (exchange.clientText, exchange.isSecure)
        }
    }

    @Test(
        arguments: [
            ([], "10.0.0.1"),
            (["203.0.113.9"], "203.0.113.9"),
            (["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            (["1.1.1.1, 203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            (["1.1.1.1, 203.0.113.9", "10.2.2.2, 10.3.3.3"], "203.0.113.9"),
            (["10.9.9.9, 10.2.2.2"], "10.9.9.9"),
            (["  203.0.113.9\t,10.2.2.2  "], "203.0.113.9"),
            (["203.0.113.9:1234"], "203.0.113.9"),
            (["2001:db9::7"], "2001:db9::7"),
            (["[2001:db9::7]:443"], "2001:db9::7"),
            (["2001:db9::7, 2001:db8::1"], "2001:db9::7"),
            (["::ffff:203.0.113.9"], "203.0.113.9"),
            (["203.0.113.9,"], "203.0.113.9"),
        ] as [([String], String)]
    )
    func `The rightmost address that no trusted forwarder has is the client`(
        _ values: [String],
        _ expected: String
    )
        async throws
    {
        #expect(try await Self.resolve(values.map { "X-Forwarded-For: \($0)" }).client == expected)
    }

    @Test(
        arguments: [
            (["garbage"], "10.0.0.1"), (["203.0.113.9, garbage"], "10.0.0.1"),
            (["garbage, 203.0.113.9"], "203.0.113.9"),
            (["203.0.113.9, unknown, 10.2.2.2"], "10.2.2.2"), ([""], "10.0.0.1"),
            ([", ,,"], "10.0.0.1"),
            (["256.1.1.1"], "10.0.0.1"), (["1.2.3.4.5"], "10.0.0.1"), (["[::1"], "10.0.0.1"),
            (["2001:zz::1"], "10.0.0.1"),
            (["<script>"], "10.0.0.1"), (["localhost"], "10.0.0.1"), (["0x7f000001"], "10.0.0.1"),
            (["2130706433"], "10.0.0.1"),
            (["fe80::1%eth0"], "10.0.0.1"),
        ] as [([String], String)]
    )
    func `Whatever is no address ends the chain of trust`(_ values: [String], _ expected: String)
        async throws
    {
        #expect(try await Self.resolve(values.map { "X-Forwarded-For: \($0)" }).client == expected)
    }

    @Test(arguments: [63, 64, 65, 200])
    func `A client cannot push the forwarder's word out by writing many addresses of its own`(
        _ count: Int
    ) async throws {
        let forged = Array(repeating: "6.6.6.6", count: count).joined(separator: ", ")
        let lines = ["X-Forwarded-For: \(forged), 203.0.113.9, 10.2.2.2"]
        #expect(try await Self.resolve(lines).client == "203.0.113.9")
    }

    @Test func `The word of a peer that is not trusted does not count`() async throws {
        let lines = [
            "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https",
            "Forwarded: for=203.0.113.9",
        ]
        for trusted in [[], ["10.0.0.0/8"]] {
            let found = try await Self.resolve(lines, peer: "192.0.2.1", trusted: trusted)
            #expect(found.client == "192.0.2.1")
            #expect(!found.isSecure)
        }
    }

    @Test func `Only the configured field is read`() async throws {
        let lines = [
            "X-Forwarded-For: 203.0.113.9", "Forwarded: for=198.51.100.4", "X-Real-IP: 6.6.6.6",
        ]
        #expect(try await Self.resolve(lines).client == "203.0.113.9")
        #expect(try await Self.resolve(lines, header: .forwarded).client == "198.51.100.4")
    }

    @Test(
        arguments: [
            (["for=203.0.113.9"], "203.0.113.9"),
            (["for=\"203.0.113.9:4711\""], "203.0.113.9"),
            (["For=\"[2001:db9::7]:4711\""], "2001:db9::7"),
            (["FOR=\"[2001:db9::7]\";proto=https"], "2001:db9::7"),
            (["proto=http;for=203.0.113.9;by=10.0.0.1"], "203.0.113.9"),
            (["proto=http; for=203.0.113.9"], "203.0.113.9"),
            (["for=6.6.6.6, for=203.0.113.9", "for=10.2.2.2"], "203.0.113.9"),
            (["for=\"6.6.6.6, for=203.0.113.9"], "203.0.113.9"),
            (["for=203.0.113.9, for=unknown"], "10.0.0.1"),
            (["for=203.0.113.9, for=_hidden"], "10.0.0.1"),
            (["for=203.0.113.9, by=10.0.0.1"], "10.0.0.1"),
            (["for=203.0.113.9, proto=https;for=10.2.2.2"], "203.0.113.9"),
            (["ext=\"a;for=8.8.8.8\";for=203.0.113.9"], "203.0.113.9"),
            (["ext=\"a\\\";for=8.8.8.8\";for=203.0.113.9"], "203.0.113.9"),
            (["ext=\"a, for=8.8.8.8\";for=10.2.2.2, for=10.3.3.3"], "10.2.2.2"),
            (["for=6.6.6.6;ext=\", for=203.0.113.9, for=\"10.2.2.2\""], "203.0.113.9"),
            (["for=6.6.6.6;ext=\"\\, for=\"203.0.113.9\""], "203.0.113.9"),
            (["for=6.6.6.6;for=203.0.113.9"], "10.0.0.1"), (["for = 203.0.113.9"], "10.0.0.1"),
            (["for=\"203.0.113.9\"x"], "10.0.0.1"),
            (["for=\"203.0.113.9, for=6.6.6.6\""], "10.0.0.1"),
            (["for=\"203.0.113\\.9\""], "203.0.113.9"), (["for=203.0.113.9;x"], "10.0.0.1"),
            (["for=203.0.113.9:80"], "203.0.113.9"),
            (["for="], "10.0.0.1"), (["203.0.113.9"], "10.0.0.1"), (["for=\"\""], "10.0.0.1"),
        ] as [([String], String)]
    )
    func `Forwarded is read by RFC 7239, from the right`(_ values: [String], _ expected: String)
        async throws
    {
        let found = try await Self.resolve(values.map { "Forwarded: \($0)" }, header: .forwarded)
        #expect(found.client == expected)
    }

    @Test(
        arguments: [
            (["for=203.0.113.9;proto=https"], true), (["For=a;Proto=HTTPS"], true),
            (["proto=\"https\""], true), (["proto=http"], false), (["for=203.0.113.9"], false),
            (["proto=https, for=10.2.2.2;proto=http"], false),
            (["proto=https, for=10.2.2.2"], false),
            (["proto=http", "proto=https"], true), (["ext=\"proto=https\""], false),
            (["proto=https;proto=https"], false), (["proto=https;x"], false),
        ] as [([String], Bool)]
    )
    func `The scheme stands in the field that forwarders write, and in no other`(
        _ values: [String],
        _ expected: Bool
    ) async throws {
        let lines = values.map { "Forwarded: \($0)" }
        #expect(try await Self.resolve(lines, header: .forwarded).isSecure == expected)
        let opposite = "X-Forwarded-Proto: \(expected ? "http" : "https")"
        #expect(try await Self.resolve(lines + [opposite], header: .forwarded).isSecure == expected)
        #expect(try await Self.resolve(lines).isSecure == false)
    }

    @Test(arguments: [
        ("https", true), ("HTTPS", true), ("http", false), ("", false), ("wss", false),
    ])
    func `The scheme is what the trusted forwarder says`(_ value: String, _ expected: Bool)
        async throws
    {
        #expect(try await Self.resolve(["X-Forwarded-Proto: \(value)"]).isSecure == expected)
    }
}
