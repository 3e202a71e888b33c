import Support
import Testing

@testable import Transport

@Suite struct TLSTests {
    private static func handshake(
        _ pair: StreamPair,
        _ context: TLSServerContext,
        trusting authority: CertificateAuthority,
        as name: String
    ) async throws {
        let reactor = pair.server.reactor
        let until = reactor.now.advanced(by: .seconds(30))
        reactor.spawn(with: pair.server) { try? await $0.acceptTLS(context, until: until) }
        try await pair.client.connectTLS(
            TLSClientContext(authorities: authority.authorityPath),
            serverName: name,
            until: until
        )
    }

    @Test func `Eight mebibytes pass through TLS whole, to a slow reader`() async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            try await Self.handshake(pair, context, trusting: certificates.first, as: "localhost")
            let bytes = patternedBytes(8 << 20)
            // The last message of the handshake may still be on its way to the server.
            try #require(await reactor.turns { pair.server.tls != nil })
            reactor.spawn(with: pair.server) { server in
                try? await server.send(bytes)
                server.close()
            }
            var received = try await pair.client.receive(upTo: 1)
            #expect(await reactor.turns { !pair.server.isOpen || pair.server.isAwaited })
            received += try await pair.client.receiveToEnd(pieces: 3000)
            #expect(received.count == bytes.count)
            #expect(received == bytes)
        }
    }

    @Test func `Both directions carry bytes, and either may end first`() async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            try await Self.handshake(pair, context, trusting: certificates.first, as: "localhost")
            try await pair.client.send("question")
            pair.client.finishSending()
            try #require(await reactor.turns { pair.server.tls != nil })
            #expect(
                String(decoding: try await pair.server.receiveToEnd(), as: UTF8.self) == "question"
            )
            try await pair.server.send("answer")
            pair.server.close()
            #expect(
                String(decoding: try await pair.client.receiveToEnd(), as: UTF8.self) == "answer"
            )
        }
    }

    @Test func `Bytes that OpenSSL holds back are not waited for in vain`() async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            try await Self.handshake(pair, context, trusting: certificates.first, as: "localhost")
            try await pair.client.send("one record")
            try #require(await reactor.turns { pair.server.tls != nil })
            #expect(try await pair.server.receive(upTo: 3) == Array("one".utf8))
            #expect(pair.server.hasReceived)
            try await pair.server.waitReadable(until: reactor.now.advanced(by: .seconds(20)))
            #expect(try await pair.server.receiveText(count: 7) == " record")
        }
    }

    @Test(arguments: [
        ("one.test", 0), ("two.test", 1), ("TWO.test", 1), ("a.two.test", 1), ("a.both.test", 0),
        ("localhost", 0),
    ])
    func `The name that the client asks for picks the certificate, the first one that fits`(
        _ name: String,
        _ index: Int
    ) async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        let authorities = [certificates.first, certificates.second]
        for (candidate, authority) in authorities.enumerated() {
            try await onReactor { reactor in
                let pair = try await StreamPair(on: reactor)
                do {
                    try await Self.handshake(pair, context, trusting: authority, as: name)
                    #expect(candidate == index, "\(name) got certificate \(candidate)")
                } catch let error as StreamError {
                    #expect(error.name == "tls")
                    #expect(candidate != index, "\(name) did not get certificate \(candidate)")
                }
            }
        }
    }

    @Test(arguments: [
        ("one.test", true), ("elsewhere.test", true), ("", true), (".", true),
        ("two.test", false), ("TWO.test", false), ("two.test.", false), ("TWO.Test.", false),
        ("a.two.test", false), ("a.two.test.", false), ("a.b.two.test", false),
        ("a.b.c.two.test.", false), ("xtwo.test", true), ("two.test.x", true),
    ])
    func `However a host that verifies clients is spelled, it needs a connection of its own`(
        _ host: String,
        _ isAccepted: Bool
    ) throws {
        let certificates = try TwoCertificates()
        var policy = TLSHostPolicy()
        policy.clientCertificates = .required
        policy.clientAuthorities = certificates.second.authorityPath
        let files = certificates.files
        let guarded = CertificateFiles(
            certificate: files[1].certificate,
            key: files[1].key,
            policy: policy
        )
        let context = try TLSServerContext(certificates: [files[0], guarded], tickets: nil)
        #expect(context.separatesHosts)
        #expect(context.accepts(host: host, admittedBy: context.admission(at: 0)) == isAccepted)
        #expect(context.accepts(host: host, admittedBy: context.admission(at: 1)))
    }

    @Test func `Terms of admission change with what stands in the files, not with their place`()
        throws
    {
        let folder = try TemporaryFolder()
        var policy = TLSHostPolicy()
        policy.clientCertificates = .required
        policy.clientAuthorities = try folder.write("authorities", to: "ca.pem")
        policy.clientRevocations = try folder.write("nobody", to: "crl.pem")
        let before = policy.admission(certificate: "a.pem")
        #expect(policy.admission(certificate: "a.pem") == before)
        #expect(policy.admission(certificate: "b.pem") != before)
        try folder.write("somebody", to: "crl.pem")
        let after = policy.admission(certificate: "a.pem")
        #expect(after != before)
        try folder.write("others", to: "ca.pem")
        #expect(policy.admission(certificate: "a.pem") != after)
        policy.clientRevocations = folder.file("missing")
        #expect(policy.admission(certificate: "a.pem") != policy.admission(certificate: "a.pem"))
    }

    @Test func `An unknown name and no name get the first certificate`() async throws {
        let certificates = try TwoCertificates()
        let server = try await TLSServer(try certificates.context())
        let fingerprint = { (arguments: [String]) in
            try server.client(arguments + ["-verifyCAfile", certificates.first.authorityPath])
                .contains(
                    "Verify return code: 0 (ok)"
                )
        }
        #expect(try fingerprint(["-servername", "unknown.test"]))
        #expect(try fingerprint(["-noservername"]))
        #expect(
            try fingerprint(["-servername", "x.y.two.test"]),
            "a wildcard stands for one label"
        )
        #expect(try !fingerprint(["-servername", "two.test"]))
    }

    @Test func `A certificate of another name is refused by this side's clients`() async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let error = await #expect(throws: StreamError.self) {
                try await Self.handshake(
                    pair,
                    context,
                    trusting: certificates.first,
                    as: "other.test"
                )
            }
            #expect(error?.name == "tls")
        }
    }

    @Test(arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    func `Sessions are resumed by ticket, by another context with the same keys and by no other`(
        _ flag: String,
        _ version: String
    ) async throws {
        let certificates = try TwoCertificates()
        let keys = TicketKeys()
        let first = try await TLSServer(try certificates.context(tickets: keys))
        let second = try await TLSServer(try certificates.context(tickets: keys))
        let stranger = try await TLSServer(try certificates.context(tickets: TicketKeys()))
        let ticketless = try await TLSServer(try certificates.context(tickets: nil))
        let session = certificates.folder.file("session")

        let full = try #require(
            try first.agreed([flag, "-servername", "one.test", "-sess_out", session])
        )
        #expect(full.hasPrefix(version) && full.hasSuffix("one.test full"))
        for server in [first, second] {
            let again = try #require(
                try server.agreed([flag, "-servername", "one.test", "-sess_in", session])
            )
            #expect(again.hasPrefix(version) && again.hasSuffix("resumed"), "\(again)")
        }
        for server in [stranger, ticketless] {
            let again = try #require(
                try server.agreed([flag, "-servername", "one.test", "-sess_in", session])
            )
            #expect(again.hasSuffix("full"), "\(again)")
        }
    }

    @Test func `Old versions and weak ciphers are refused`() async throws {
        let certificates = try TwoCertificates()
        let server = try await TLSServer(try certificates.context())
        #expect(try server.agreed(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) == nil)
        #expect(
            try server.agreed(["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]) == nil
        )
        #expect(
            try server.agreed(["-tls1_2"])?.hasPrefix("TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES") == true
        )
        let strict = try await TLSServer(try certificates.context(minimumVersion: .v13))
        #expect(try strict.agreed(["-tls1_2"]) == nil)
        #expect(try strict.agreed()?.hasPrefix("TLSv1.3 TLS_AES_") == true)
    }

    @Test func `The application protocol is the server's first choice among the client's`()
        async throws
    {
        let certificates = try TwoCertificates()
        let server = try await TLSServer(try certificates.context(protocols: ["h2", "http/1.1"]))
        #expect(try server.client(["-alpn", "http/1.1,h2"]).contains("ALPN protocol: h2"))
        #expect(try server.client(["-alpn", "http/1.1"]).contains("ALPN protocol: http/1.1"))
        #expect(
            try server.client(["-servername", "two.test", "-alpn", "x,http/1.1"]).contains(
                "ALPN protocol: http/1.1"
            )
        )
        #expect(try server.agreed() != nil, "a client without ALPN is served")
        #expect(try server.agreed(["-alpn", "spdy/1"]) == nil, "RFC 7301 section 3.2")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{5}hello",
        "\0\0\0\0\0\0\0\0\0\0\0\0",
        "SSH-2.0-x\r\n",
    ])
    func `A client that speaks garbage ends its own handshake alone`(_ garbage: String) async throws {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            try await pair.client.send(garbage)
            pair.client.finishSending()
            let error = await #expect(throws: StreamError.self) {
                try await pair.server.acceptTLS(
                    context,
                    until: reactor.now.advanced(by: .seconds(20))
                )
            }
            #expect(error?.name.hasPrefix("tls") == true || error?.name.hasPrefix("reset") == true)
            #expect(pair.server.tls == nil)
            // OpenSSL's errors are kept by thread: none may be left for the next connection.
            let next = try await StreamPair(on: reactor)
            try await Self.handshake(next, context, trusting: certificates.first, as: "localhost")
            try await next.client.send("fine")
            try #require(await reactor.turns { next.server.tls != nil })
            #expect(try await next.server.receiveText(count: 4) == "fine")
        }
    }

    @Test func `A client that says nothing is given up at the deadline, one that leaves at once`()
        async throws
    {
        let certificates = try TwoCertificates()
        let context = try certificates.context()
        try await onReactor { reactor in
            let silent = try await StreamPair(on: reactor)
            let timeout = await #expect(throws: StreamError.self) {
                try await silent.server.acceptTLS(
                    context,
                    until: reactor.now.advanced(by: .milliseconds(12))
                )
            }
            #expect(timeout?.name == "timedOut")
            let gone = try await StreamPair(on: reactor)
            gone.client.close()
            let reset = await #expect(throws: StreamError.self) {
                try await gone.server.acceptTLS(
                    context,
                    until: reactor.now.advanced(by: .seconds(20))
                )
            }
            #expect(reset?.name.hasPrefix("reset") == true)
        }
    }

    @Test func `Files that are missing, broken or do not belong together are named`() throws {
        let certificates = try TwoCertificates()
        let broken = try certificates.folder.write("no certificate", to: "broken.pem")
        let files = certificates.files
        let cases = [
            (CertificateFiles(certificate: "/nowhere.pem", key: files[0].key), "/nowhere.pem"),
            (CertificateFiles(certificate: broken, key: files[0].key), broken),
            (CertificateFiles(certificate: files[0].certificate, key: broken), broken),
            (CertificateFiles(certificate: files[0].certificate, key: files[1].key), files[1].key),
        ]
        for (pair, culprit) in cases {
            let error = #expect(throws: TLSContextError.self) {
                _ = try TLSServerContext(certificates: [pair], tickets: nil)
            }
            #expect(error?.file == culprit)
            #expect(error?.description.hasPrefix(culprit) == true)
        }
        #expect(throws: TLSContextError.self) {
            _ = try TLSServerContext(certificates: [], tickets: nil)
        }
        #expect(throws: TLSContextError.self) { _ = try TLSClientContext(authorities: broken) }
    }
}
