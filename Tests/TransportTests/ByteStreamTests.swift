import Glibc
import Support
import Testing

@testable import Transport

@Suite struct ByteStreamTests {
    /// The loopback by every family; the Unix-domain path is made unique by the test's process.
    static let addresses = ["127.0.0.1:0", "[::1]:0", "unix:/tmp/bmh-transport-\(getpid()).sock"]

    @Test(arguments: addresses)
    func `Bytes come back from an echo, and a half-closed stream can still be read`(
        _ address: String
    ) async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(address, on: reactor)
            reactor.spawn(with: pair.server) { server in
                guard let all = try? await server.receiveToEnd() else { return }
                try? await server.send(all)
                server.close()
            }
            try await pair.client.send("hello ")
            try await pair.client.send("again")
            pair.client.finishSending()
            #expect(
                String(decoding: try await pair.client.receiveToEnd(), as: UTF8.self)
                    == "hello again"
            )
            #expect(try await pair.client.receive().isEmpty, "the end of a stream stays its end")
        }
    }

    @Test(arguments: [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")])
    func `The peer's address is told`(_ address: String, _ expected: String) async throws {
        let peer = try await onReactor { reactor in try await StreamPair(address, on: reactor).peer
        }
        guard case .ip(let ip, let port) = peer else {
            Issue.record("\(peer)")
            return
        }
        #expect(ip == IPAddress(expected))
        #expect(port > 0)
    }

    @Test(arguments: addresses)
    func `A slow reader gets eight mebibytes whole, and the writer waits for it`(_ address: String)
        async throws
    {
        try await onReactor { reactor in
            let pair = try await StreamPair(address, on: reactor)
            let sent = Gate()
            let bytes = patternedBytes(8 << 20)
            reactor.spawn(with: (pair.server, sent)) { server, sent in
                try? await server.send(bytes)
                sent.open()
                server.close()
            }
            // One byte, and then nothing until the kernel has taken whatever it takes.
            var received = try await pair.client.receive(upTo: 1)
            #expect(await reactor.turns { sent.isOpen || pair.server.isAwaited })
            if address.hasPrefix("unix:") { #expect(!sent.isOpen) }
            received += try await pair.client.receiveToEnd(pieces: 3000)
            #expect(received.count == bytes.count)
            #expect(received == bytes)
            #expect(sent.isOpen)
        }
    }

    @Test func `What is dealt with as it comes wakes no task, and the rest does`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let heard = Notes<UInt8>()
            let woken = Gate()
            reactor.spawn(with: (pair.server, heard, woken)) { server, heard, woken in
                let soon = server.reactor.now.advanced(by: .seconds(30))
                try? await server.waitReadable(until: soon) {
                    heard.items += server.receiveNow()
                    return heard.items.last != UInt8(ascii: ".")
                }
                woken.open()
            }
            for word in ["to ", "be"] {
                let count = heard.items.count + word.utf8.count
                #expect(await reactor.turns { pair.server.isAwaited })
                try await pair.client.send(word)
                #expect(await reactor.turns { heard.items.count == count })
                #expect(!woken.isOpen)
            }
            try await pair.client.send(" heard.")
            #expect(await woken.pass(on: reactor))
            #expect(String(decoding: heard.items, as: UTF8.self) == "to be heard.")
        }
    }

    @Test func `A read ends at its deadline and the stream goes on`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let deadline = reactor.now.advanced(by: .milliseconds(12))
            let error = await #expect(throws: StreamError.self) {
                try await pair.client.receive(until: deadline)
            }
            #expect(error?.name == "timedOut")
            #expect(Instant.current() >= deadline)
            try await pair.server.send("late")
            #expect(try await pair.client.receiveText(count: 4) == "late")
        }
    }

    @Test func `A write to a peer that reads nothing ends at its deadline`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair("unix:/tmp/bmh-stall-\(getpid()).sock", on: reactor)
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 1)
            defer { unsafe block.deallocate() }
            unsafe block.initializeMemory(as: UInt8.self, repeating: 7)
            let error = await #expect(throws: StreamError.self) {
                let deadline = reactor.now.advanced(by: .milliseconds(12))
                try await unsafe pair.client.write(UnsafeRawBufferPointer(block), until: deadline)
            }
            #expect(error?.name == "timedOut")
        }
    }

    @Test func `A reset by the peer is an error, not an end`() async throws {
        try await onReactor { reactor in
            let address = try #require(SocketAddress("127.0.0.1:0"))
            let listener = try ListeningSocket(address, on: reactor)
            defer { listener.close() }
            guard case .ip(_, let port) = listener.address else { return }
            let wire = try Loopback.connect(port: port)
            guard let (server, _) = try await listener.accept() else { return }
            try wire.send("x")
            #expect(try await server.receiveText(count: 1) == "x")
            wire.reset()
            let error = await #expect(throws: StreamError.self) { try await server.receive() }
            #expect(error?.name == "reset(\(ECONNRESET))")
        }
    }

    @Test func `What a peer said before its end is read by who hears of that end while writing`()
        async throws
    {
        try await onReactor { reactor in
            let address = try #require(SocketAddress("127.0.0.1:0"))
            let listener = try ListeningSocket(address, on: reactor)
            defer { listener.close() }
            guard case .ip(_, let port) = listener.address else { return }
            let wire = try Loopback.connect(port: port)
            guard let (server, _) = try await listener.accept() else { return }
            // All in one turn of the reactor, which the kernel has told nothing yet.
            try wire.send("no")
            wire.reset()
            let error = await #expect(throws: StreamError.self) { try await server.send("x") }
            #expect(error?.name == "reset(\(ECONNRESET))" || error?.name == "reset(\(EPIPE))")
            #expect(server.hasReceived && server.peerHasFinished)
            #expect(String(decoding: server.receiveNow(), as: UTF8.self) == "no")
        }
    }

    @Test func `Nobody listening is a refusal`() async throws {
        let port = try Loopback.freePort()
        try await onReactor { reactor in
            let address = try #require(SocketAddress("127.0.0.1:\(port)"))
            let error = await #expect(throws: StreamError.self) {
                _ = try await ByteStream.connect(
                    to: address,
                    on: reactor,
                    until: reactor.now.advanced(by: .seconds(10))
                )
            }
            #expect(error?.name == "reset(\(ECONNREFUSED))")
        }
    }

    @Test func `Closing wakes who reads`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let gate = Gate()
            let notes = Notes<String>()
            reactor.spawn(with: (pair.client, gate, notes)) { client, gate, notes in
                do throws(StreamError) { _ = try await client.receive() } catch {
                    notes.items.append(error.name)
                }
                gate.open()
            }
            #expect(await reactor.turns { pair.client.isAwaited })
            pair.client.close()
            pair.client.close()
            #expect(await gate.pass(on: reactor))
            #expect(notes.items == ["closed"])
        }
    }

    @Test func `A closed stream is neither read, written nor waited for`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            pair.client.close()
            let soon = reactor.now.advanced(by: .seconds(20))
            await #expect(throws: StreamError.self) {
                _ = try await pair.client.receive(until: soon)
            }
            await #expect(throws: StreamError.self) { try await pair.client.send("x") }
            for wait in [pair.client.waitReadable, pair.client.waitWritable] {
                let error = await #expect(throws: StreamError.self) { try await wait(soon) }
                #expect(error?.name == "closed")
            }
        }
    }

    @Test func `A closed listener has no connection to give, whether or not somebody waits`()
        async throws
    {
        try await onReactor { reactor in
            let address = try #require(SocketAddress("127.0.0.1:0"))
            let listener = try ListeningSocket(address, on: reactor)
            let begun = Gate()
            let gate = Gate()
            reactor.spawn(with: (listener, begun, gate)) { listener, begun, gate in
                begun.open()
                let accepted = try? await listener.accept()
                if accepted == nil { gate.open() }
            }
            #expect(await begun.pass(on: reactor))
            listener.close()
            #expect(await gate.pass(on: reactor))
            let again = Gate()
            reactor.spawn(with: (listener, again)) { listener, again in
                let accepted = try? await listener.accept()
                if accepted == nil { again.open() }
            }
            #expect(await again.pass(on: reactor))
        }
    }

    @Test func `A taken port is told by both who tries and who asks`() async throws {
        try await onReactor { reactor in
            let origin = try TestOrigin { _, connection in try connection.respond() }
            let address = try #require(SocketAddress("127.0.0.1:\(origin.port)"))
            let error = #expect(throws: SystemError.self) {
                _ = try ListeningSocket(address, on: reactor)
            }
            #expect(error?.code == EADDRINUSE)
            #expect(ListeningSocket.refusal(of: address)?.code == EADDRINUSE)
        }
    }
}

extension StreamError {
    /// The case and what the kernel said; TLS reasons differ from one OpenSSL to the next.
    var name: String {
        switch self {
        case .timedOut: "timedOut"
        case .closed: "closed"
        case .reset(let code): "reset(\(code))"
        case .tls: "tls"
        }
    }
}
