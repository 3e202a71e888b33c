import HTTP
import Testing
import Transport

@testable import Gateway

@Suite struct InputBufferTests {
    private static func fill(
        _ input: InputBuffer,
        with text: String,
        from pair: StreamPair,
        limit: Int = 65536
    )
        async throws
    {
        try await pair.client.send(text)
        var count = 0
        while count < text.utf8.count {
            try #require(input.makeRoom(limit: limit))
            count += try await input.fill(
                from: pair.server,
                until: pair.server.reactor.now.advanced(by: .seconds(20))
            )
        }
    }

    @Test func `Bytes come in order and go from the front`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let input = InputBuffer(pool: reactor.buffers)
            #expect(input.readable.isEmpty)
            try await Self.fill(input, with: "hello ", from: pair)
            try await Self.fill(input, with: "world", from: pair)
            #expect(input.readable.string == "hello world")
            input.consume(6)
            #expect(input.readable.string == "world")
            input.consume(-3)
            #expect(input.count == 5)
            input.consume(.max)
            #expect(input.count == 0)
            #expect(input.readable.isEmpty)
        }
    }

    @Test func `Nothing received is told apart from the end`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let input = InputBuffer(pool: reactor.buffers)
            #expect(try input.fillNow(from: pair.server) == nil, "there is no room yet")
            _ = input.makeRoom(limit: 65536)
            #expect(try input.fillNow(from: pair.server) == nil)
            pair.client.close()
            #expect(
                try await input.fill(
                    from: pair.server,
                    until: reactor.now.advanced(by: .seconds(20))
                ) == 0
            )
        }
    }

    @Test func `A full buffer makes room by moving, then by growing to the limit, then not at all`()
        async throws
    {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let input = InputBuffer(pool: reactor.buffers)
            let block = BufferPool.blockBytes
            let text = String((0..<block).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
            try await Self.fill(input, with: text, from: pair, limit: block)
            #expect(!input.makeRoom(limit: block))
            input.consume(1)
            #expect(input.makeRoom(limit: block))
            #expect(input.readable.string == String(text.dropFirst()))
            try await Self.fill(input, with: "!", from: pair, limit: block)
            #expect(!input.makeRoom(limit: block))
            #expect(input.makeRoom(limit: block + 2))
            try await Self.fill(input, with: "?!", from: pair, limit: block + 2)
            #expect(!input.makeRoom(limit: block + 2))
            #expect(input.readable.string == text.dropFirst() + "!?!")
            input.release()
            #expect(input.count == 0)
            #expect(input.makeRoom(limit: block))
        }
    }

    @Test func `Only an empty buffer gives its block back`() async throws {
        try await onReactor { reactor in
            let pair = try await StreamPair(on: reactor)
            let input = InputBuffer(pool: reactor.buffers)
            try await Self.fill(input, with: "rest", from: pair)
            input.releaseIfEmpty()
            #expect(input.readable.string == "rest")
            input.consume(4)
            input.releaseIfEmpty()
            #expect(input.readable.isEmpty)
        }
    }
}
