import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct MessageBodyTests {
    /// What came of reading a message to its end.
    struct Outcome: Equatable {
        var content = ""
        var failure: String?
        var party: Failure.Party?
        var trailers: [String] = []
    }

    /// Sends the bytes, ends the stream if asked to, and reads the content.
    private static func read(
        _ sent: String,
        _ framing: Framing,
        party: Failure.Party = .client,
        limitBytes: Int = 1 << 20,
        thenCloses: Bool = true
    ) async throws -> Outcome {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let body = MessageBody(
                stream: pair.server,
                input: InputBuffer(pool: reactor.buffers),
                party: party
            )
            let stall = thenCloses ? Duration.seconds(20) : .milliseconds(12)
            body.begin(framing, limitBytes: limitBytes, stallNanoseconds: stall.wholeNanoseconds)
            try await pair.client.send(sent)
            if thenCloses { pair.client.finishSending() }
            var outcome = Outcome()
            do throws(Failure) {
                while let piece = try await body.next() { outcome.content += piece.string }
                #expect(body.isFinished && !body.isBroken)
                if let trailers = body.trailers {
                    outcome.trailers = (0..<trailers.count).map {
                        "\(trailers.name($0).string)=\(trailers.value($0).string)"
                    }
                }
            } catch {
                outcome.failure = error.reason
                outcome.party = error.party
                #expect(body.isBroken)
                await #expect(throws: Failure.self) { _ = try await body.next() }
            }
            #expect(body.receivedBytes >= outcome.content.utf8.count)
            return outcome
        }
    }

    @Test(arguments: [
        ("", Framing.none, ""), ("hello", .length(5), "hello"), ("hellorest", .length(5), "hello"),
        ("", .length(0), ""),
        ("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", .chunked, "hello!"), ("0\r\n\r\n", .chunked, ""),
        ("3;x=y\r\nabc\r\n000\r\n\r\n", .chunked, "abc"),
        ("until the end", .untilClose, "until the end"),
    ])
    func `Content is read by its framing`(_ sent: String, _ framing: Framing, _ expected: String)
        async throws
    {
        #expect(try await Self.read(sent, framing) == Outcome(content: expected))
    }

    @Test func `Trailers follow chunked content`() async throws {
        let outcome = try await Self.read(
            "2\r\nhi\r\n0\r\nChecksum: abc\r\nOther: d\r\n\r\n",
            .chunked
        )
        #expect(outcome.content == "hi")
        #expect(outcome.trailers == ["Checksum=abc", "Other=d"])
    }

    @Test(arguments: [
        ("hel", Framing.length(5)), ("", .length(1)), ("5\r\nhel", .chunked),
        ("5\r\nhello\r\n", .chunked),
        ("", .chunked),
        ("5\r\nhello\r\n0\r\n", .chunked),
    ])
    func `Content that is cut short is the fault of who sent it`(_ sent: String, _ framing: Framing)
        async throws
    {
        let fromClient = try await Self.read(sent, framing)
        #expect(fromClient.failure == "client-gone")
        #expect(fromClient.party == .client)
        let fromServer = try await Self.read(sent, framing, party: .upstream)
        #expect(fromServer.failure == "upstream-closed")
        #expect(fromServer.party == .upstream)
    }

    @Test(arguments: [
        "x\r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloworld", "-5\r\nhello\r\n",
        "FFFFFFFFFFFFFFFFF\r\n",
        "0x5\r\nhello\r\n",
        " 5\r\nhello\r\n", "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        String(repeating: "0", count: 20_000),
        "5;" + String(repeating: "x", count: 20_000),
        "0\r\n" + String(repeating: "a: b\r\n", count: 5000) + "\r\n",
    ])
    func `Chunks that are none break the message`(_ sent: String) async throws {
        let fromClient = try await Self.read(sent, .chunked)
        #expect(["bad-content", "content-too-large"].contains(fromClient.failure))
        #expect(fromClient.party == .client)
        let fromServer = try await Self.read(sent, .chunked, party: .upstream)
        #expect(fromServer.failure == "upstream-protocol")
        #expect(fromServer.party == .upstream)
    }

    @Test(arguments: [
        ("hello", Framing.length(5)), ("5\r\nhello\r\n0\r\n\r\n", .chunked), ("hello", .untilClose),
        ("1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n", .chunked),
    ])
    func `Content beyond the limit is too large, content up to it is not`(
        _ sent: String,
        _ framing: Framing
    )
        async throws
    {
        #expect(try await Self.read(sent, framing, limitBytes: 4).failure == "content-too-large")
        #expect(try await Self.read(sent, framing, limitBytes: 5).content == "hello")
    }

    @Test func `A sender that stalls is given up at the deadline`() async throws {
        let client = try await Self.read("hel", .length(5), thenCloses: false)
        #expect(client.failure == "content-timeout")
        #expect(client.party == .client)
        let server = try await Self.read("hel", .length(5), party: .upstream, thenCloses: false)
        #expect(server.failure == "upstream-content-timeout")
        #expect(server.party == .upstream)
    }

    @Test func `Who waits for leave to send gets it when the content is wanted, once`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let body = MessageBody(
                stream: pair.server,
                input: InputBuffer(pool: reactor.buffers),
                party: .client
            )
            let stall = Duration.seconds(20).wholeNanoseconds
            body.begin(.length(4), limitBytes: 100, stallNanoseconds: stall, awaitsContinue: true)
            #expect(body.awaitsContinue)
            let client = MessageBody(
                stream: pair.client,
                input: InputBuffer(pool: reactor.buffers),
                party: .upstream
            )
            client.begin(.length(25), limitBytes: 100, stallNanoseconds: stall)
            reactor.spawn(with: (client, pair.client)) { client, stream in
                guard let interim = try? await client.next() else { return }
                try? await stream.send(
                    interim.string == "HTTP/1.1 100 Continue\r\n\r\n" ? "good" : "evil"
                )
            }
            #expect(try await body.next()?.string == "good")
            #expect(try await body.next() == nil)
            #expect(!body.awaitsContinue)
            body.begin(.none, limitBytes: 100, stallNanoseconds: stall, awaitsContinue: true)
            #expect(!body.awaitsContinue, "there is nothing to wait for")
        }
    }

    @Test
    func `One object serves message after message, and the next one begins where the last ended`()
        async throws
    {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let input = InputBuffer(pool: reactor.buffers)
            let body = MessageBody(stream: pair.server, input: input, party: .client)
            try await pair.client.send("one3\r\ntwo\r\n0\r\n\r\nthree")
            for (framing, expected) in [
                (Framing.length(3), "one"), (.chunked, "two"), (.length(5), "three"),
            ] {
                body.begin(
                    framing,
                    limitBytes: 100,
                    stallNanoseconds: Duration.seconds(20).wholeNanoseconds
                )
                var content = ""
                while let piece = try await body.next() { content += piece.string }
                #expect(content == expected)
            }
            #expect(input.count == 0)
        }
    }
}
