import Glibc
import HTTP
import Testing

@testable import Gateway
@testable import Transport

@Suite struct HTTP2LinkTests {
    /// A peer that opens nothing.
    private final class Owner: HTTP2SessionOwner {
        func openStream() -> HTTP2Stream? { nil }
        func receivedHead(of stream: HTTP2Stream) {}
        func refusedHead(of stream: HTTP2Stream, _ error: HeadError) {}
        func closed(_ stream: HTTP2Stream) {}
    }

    /// Two sockets connected to each other, the first with the smallest send buffer there is.
    private static func sockets() throws -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let isMade = unsafe socketpair(AF_UNIX, type, 0, &pair) == 0
        try #require(isMade)
        var bytes: Int32 = 1
        let isSmall = unsafe setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &bytes, 4) == 0
        try #require(isSmall)
        return (pair[0], pair[1])
    }

    /// What has come without anybody's waiting for it.
    private static func receiveNow(_ descriptor: Int32) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 1 << 17)
        let limit = block.count
        let count = unsafe recv(descriptor, &block, limit, 0)
        return Array(block.prefix(max(count, 0)))
    }

    private static func receive(from peer: ByteStream) async throws -> [UInt8] {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 1)
        defer { unsafe block.deallocate() }
        let deadline = peer.reactor.now.advanced(by: .seconds(30))
        let count = try await unsafe peer.read(into: block, until: deadline)
        try #require(count > 0)
        return unsafe Array(block[..<count])
    }

    /// The content of all DATA frames behind the preface, which must be whole frames up to the last one.
    private static func content(_ bytes: [UInt8]) -> (bytes: [UInt8], isWhole: Bool) {
        var content: [UInt8] = []
        var index = 24
        while index + 9 <= bytes.count {
            let length =
                Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            let (kind, flags) = (bytes[index + 3], bytes[index + 4])
            index += 9 + length
            guard index <= bytes.count else { break }
            if kind == 0 { content += bytes[(index - length)..<index] }
            if kind == 0, flags & 1 == 1 { return (content, index == bytes.count) }
        }
        return (content, false)
    }

    @Test func `What the kernel has no room for leaves later, and before anything else`()
        async throws
    {
        try await onReactor { reactor in
            let (near, far) = try Self.sockets()
            let owner = Owner()
            let session = try #require(HTTP2Session(asking: owner, limits: HTTP2Limits()))
            let link = HTTP2Link(
                ByteStream(try Socket(descriptor: near, on: reactor)),
                session,
                through: OutputPool(),
                writeNanoseconds: 60_000_000_000
            )
            let stream = HTTP2ResponseStream()
            let (head, content) = (OutputBuffer(), OutputBuffer())
            head.append("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            content.append((0..<60_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) })
            let isOpen = session.submitRequest(
                head.readable,
                scheme: "http",
                on: stream,
                hasContent: true
            )
            #expect(isOpen)
            session.send(content.readable, on: stream, isLast: true)

            link.flush()
            var received = Self.receiveNow(far)
            #expect(24..<32_768 ~= received.count, "the kernel took some and not all")
            link.flush()
            #expect(Self.receiveNow(far).isEmpty, "nothing goes before what is left")

            let peer = ByteStream(try Socket(descriptor: far, on: reactor))
            while !Self.content(received).isWhole {
                received += try await Self.receive(from: peer)
            }
            #expect(Self.content(received).bytes == content.readable.bytes)
            await link.end()
            withExtendedLifetime((owner, head, content)) {}
        }
    }
}
