import HTTP
import Transport

/// Where the content of a message comes from: a connection of HTTP/1, or one stream of an HTTP/2 connection.
///
/// Views of `readable` end with the next `consume`; bytes that arrive meanwhile leave them in place.
protocol ContentSource: AnyObject {
    var reactor: Reactor { get }
    /// Bytes received and not yet consumed that stand next to each other.
    var readable: ByteView { get }
    /// All bytes received and not yet consumed.
    var receivedCount: Int { get }
    /// Whether it is known that nothing follows the bytes received.
    var isComplete: Bool { get }
    /// The fields behind the content, where they do not stand in its framing.
    var trailers: FieldSection? { get }

    func consume(_ length: Int)
    /// Makes room for more; false if what has been received fills everything there is.
    func makeRoom() -> Bool
    /// Waits for more bytes, after `makeRoom`, and returns how many came: 0 at the end, nil if `other` has something to
    /// read instead.
    func receive(unless other: ByteStream?, until deadline: Instant) async throws(StreamError)
        -> Int?
    /// Tells the sender to go on (`100 Continue`).
    func sendContinue(until deadline: Instant) async throws(StreamError)
    /// Ends a `receive` that waits; nothing more can be received.
    func stopReceiving()
}

extension ContentSource {
    /// Waits for more bytes, after `makeRoom`, and returns how many came; 0 at the end.
    @inline(__always)
    func receive(until deadline: Instant) async throws(StreamError) -> Int {
        try await receive(unless: nil, until: deadline) ?? 0
    }
}

/// The bytes of one connection, message after message.
final class ConnectionContent: ContentSource {
    private let stream: ByteStream
    private let input: InputBuffer
    /// Asked when something has come while a task waits for it: true if it was dealt with, and the task sleeps on.
    var dealsWith: (() -> Bool)?

    init(_ stream: ByteStream, _ input: InputBuffer) {
        self.stream = stream
        self.input = input
    }

    var reactor: Reactor { stream.reactor }
    var readable: ByteView { input.readable }
    var receivedCount: Int { input.count }
    var isComplete: Bool { false }
    var trailers: FieldSection? { nil }

    func consume(_ length: Int) { input.consume(length) }

    func makeRoom() -> Bool { input.makeRoom(limit: BufferPool.blockBytes) }

    /// Gives back the room that nothing stands in.
    func releaseRoom() { input.releaseIfEmpty() }

    /// What can be received without waiting, after `makeRoom`: nil if nothing can, 0 at the end.
    func receiveNow() throws(StreamError) -> Int? { try input.fillNow(from: stream) }

    /// Whether there is more to receive right now.
    var hasMore: Bool { stream.hasReceived }

    func receive(unless other: ByteStream?, until deadline: Instant)
        async throws(StreamError) -> Int?
    {
        let before = input.count
        while true {
            if let count = try input.fillNow(from: stream) { return count }
            if other?.hasReceived == true { return nil }
            // Who waits long holds no buffer meanwhile.
            if input.count == 0 { input.release() }
            if let other {
                try await stream.waitReadable(until: deadline, or: other)
            } else if let dealsWith {
                try await stream.waitReadable(until: deadline, unless: dealsWith)
            } else {
                try await stream.waitReadable(until: deadline)
            }
            // What `dealsWith` has received and left may fill the buffer.
            if input.count > before { return input.count - before }
            guard input.makeRoom(limit: BufferPool.blockBytes) else { return 0 }
        }
    }

    func stopReceiving() { stream.close() }

    func sendContinue(until deadline: Instant) async throws(StreamError) {
        try await stream.write(ByteView("HTTP/1.1 100 Continue\r\n\r\n"), until: deadline)
    }
}
