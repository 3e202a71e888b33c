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
    /// Whether nobody wants more for the moment: a wait for it ends as if another stream had something to read.
    var isInterrupted: Bool { get set }

    func consume(_ length: Int)
    /// Makes room for more; false if what has been received fills everything there is.
    func makeRoom() -> Bool
    /// Waits for more bytes, after `makeRoom`, and returns how many came: 0 at the end, nil if `other` has something to
    /// read instead, or the source is interrupted.
    func receive(unless other: ByteStream?, until deadline: Instant) async throws(StreamError)
        -> Int?
    /// Waits for bytes that `take` leaves, where all received before are consumed, and returns how many came; 0 at the
    /// end.
    ///
    /// Where a task need not wake for it, what has come is shown to `take`, which returns how many of the first bytes
    /// it has dealt with; they are consumed. It may neither suspend nor wake anybody.
    func receive(offering take: @escaping (ByteView) -> Int, until deadline: Instant)
        async throws(StreamError) -> Int
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

    func receive(offering take: @escaping (ByteView) -> Int, until deadline: Instant)
        async throws(StreamError) -> Int
    {
        try await receive(until: deadline)
    }
}

/// The bytes of one connection, message after message.
final class ConnectionContent: ContentSource {
    private let stream: ByteStream
    private let input: InputBuffer
    /// What went wrong while no task was there to hear of it.
    private var failure: StreamError?
    var isInterrupted = false {
        didSet { if isInterrupted { stream.wakeReader() } }
    }

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

    func receive(unless other: ByteStream?, until deadline: Instant)
        async throws(StreamError) -> Int?
    {
        while true {
            if let count = try input.fillNow(from: stream) { return count }
            if isInterrupted || other?.hasReceived == true { return nil }
            // Who waits long holds no buffer meanwhile.
            input.releaseIfEmpty()
            if let other {
                try await stream.waitReadable(until: deadline, or: other)
            } else {
                try await stream.waitReadable(until: deadline)
            }
            guard makeRoom() else { return 0 }
        }
    }

    func receive(offering take: @escaping (ByteView) -> Int, until deadline: Instant)
        async throws(StreamError) -> Int
    {
        while input.count == 0 {
            guard makeRoom() else { return 0 }
            if let count = try input.fillNow(from: stream) { return count }
            input.releaseIfEmpty()
            try await stream.waitReadable(until: deadline) { self.passOn(to: take) }
            if let failure { throw failure }
        }
        return input.count
    }

    /// Receives what has come and shows it to `take`; false if a task has to see to it: to what `take` leaves, to more,
    /// to the end or to a failure. Most messages come whole and are dealt with at once, so that waking a task for
    /// them would be the greater part of the work.
    private func passOn(to take: (ByteView) -> Int) -> Bool {
        do throws(StreamError) {
            guard makeRoom(), let count = try input.fillNow(from: stream), count > 0 else {
                return false
            }
        } catch {
            failure = error
            return false
        }
        input.consume(take(input.readable))
        guard input.count == 0, !stream.hasReceived else { return false }
        input.releaseIfEmpty()
        return true
    }

    func stopReceiving() { stream.close() }

    func sendContinue(until deadline: Instant) async throws(StreamError) {
        try await stream.write(ByteView("HTTP/1.1 100 Continue\r\n\r\n"), until: deadline)
    }
}
