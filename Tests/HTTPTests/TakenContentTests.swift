import Testing

@testable import HTTP

/// Content that its owner takes back while a frame with some of it is on its way.
@Suite struct TakenContentTests {
    private final class Peer: HTTP2SessionOwner {
        let request = HTTP2RequestStream(head: RequestHead())
        func openStream() -> HTTP2Stream? { request }
        func receivedHead(of stream: HTTP2Stream) {}
        func refusedHead(of stream: HTTP2Stream, _ error: HeadError) {}
        func closed(_ stream: HTTP2Stream) {}
    }

    /// A client that has an upload under way to a server.
    private final class Scene {
        private let owner = Peer()
        private let server = Peer()
        private let near: HTTP2Session
        private let far: HTTP2Session
        let stream = HTTP2ResponseStream()
        let content = OutputBuffer()

        init() throws {
            near = try #require(HTTP2Session(asking: owner, limits: HTTP2Limits()))
            far = try #require(HTTP2Session(serving: server, limits: HTTP2Limits()))
            let head = OutputBuffer()
            head.append("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let isOpen = near.submitRequest(
                head.readable,
                scheme: "http",
                on: stream,
                hasContent: true
            )
            try #require(isOpen)
        }

        func offer(_ bytes: [UInt8], isLast: Bool = false) {
            content.removeAll(keepingCapacity: true)
            content.append(bytes)
            near.send(content.readable, on: stream, isLast: isLast)
        }

        /// Passes on what is in frames once there are that many bytes.
        func pass(_ limit: Int) -> Bool {
            let output = OutputBuffer()
            return near.fill(output, limit: limit) && far.receive(output.readable, at: 0)
        }

        func answer(_ status: Int) -> Bool {
            let head = OutputBuffer()
            head.append("HTTP/1.1 \(status) Status\r\n\r\n")
            let output = OutputBuffer()
            return far.submitHead(head.readable, on: server.request, hasContent: false)
                && far.fill(output, limit: 1 << 20) && near.receive(output.readable, at: 0)
        }

        /// What the server has got, and whether that is all.
        func received() -> (bytes: [UInt8], isWhole: Bool) {
            var bytes: [UInt8] = []
            let queue = server.request.received
            while queue.count > 0 {
                let piece = queue.readable.bytes
                bytes += piece
                queue.consume(piece.count)
            }
            return (bytes, server.request.isRemoteEnded)
        }

        var isOpen: Bool { stream.closeCode == nil && server.request.closeCode == nil }
    }

    private static let bytes = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }

    @Test func `An announced frame is completed, and the answer still comes`() throws {
        let scene = try Scene()
        scene.offer(Self.bytes)
        #expect(scene.pass(17_000))
        let left = scene.stream.takeBack()
        #expect(1..<(60_000 - 17_000) ~= left, "a frame is announced, and not the last one")
        // What was taken back is its owner's to change.
        scene.content.removeAll(keepingCapacity: true)
        scene.content.append([UInt8](repeating: 0, count: 60_000))
        #expect(scene.pass(1 << 20))
        let received = scene.received()
        #expect(received.bytes == Array(Self.bytes.prefix(60_000 - left)))
        #expect(!received.isWhole && scene.isOpen)
        #expect(scene.answer(413))
        #expect(scene.stream.hasResponse && scene.stream.head.status == 413)
    }

    @Test func `What is handed over after that follows behind the announced frame`() throws {
        let scene = try Scene()
        scene.offer(Self.bytes)
        #expect(scene.pass(17_000))
        let left = scene.stream.takeBack()
        scene.offer(Self.bytes.suffix(left), isLast: true)
        #expect(scene.stream.hasPending)
        #expect(scene.pass(1 << 20))
        let received = scene.received()
        #expect(received.bytes == Self.bytes && received.isWhole)
        #expect(!scene.stream.hasPending && scene.stream.isLocalEnded)
    }

    @Test func `A frame announced as the last one ends the message, whoever has its bytes`() throws {
        let scene = try Scene()
        scene.offer(Array(Self.bytes.prefix(40_000)), isLast: true)
        #expect(scene.pass(17_000))
        #expect(scene.stream.takeBack() == 0)
        #expect(!scene.stream.hasPending && !scene.stream.isLocalEnded)
        #expect(scene.pass(1 << 20))
        let received = scene.received()
        #expect(received.bytes.count == 40_000 && received.isWhole)
        #expect(scene.stream.isLocalEnded)
    }
}
