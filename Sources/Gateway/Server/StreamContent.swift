import HTTP
import Transport

/// The content of a message on a stream of HTTP/2, a request's or a response's.
final class StreamContent: ContentSource {
    unowned let stream: HTTP2Stream
    unowned let host: any HTTP2StreamHost
    private let arrival = Waiter()
    var isInterrupted = false {
        didSet { if isInterrupted { arrival.wake(.ready) } }
    }

    /// - Parameter stream: the owner of this object.
    init(of stream: HTTP2Stream, on host: any HTTP2StreamHost) {
        self.stream = stream
        self.host = host
    }

    var reactor: Reactor { host.reactor }
    var readable: ByteView { stream.received.readable }
    var receivedCount: Int { stream.received.count }
    var isComplete: Bool { stream.isRemoteEnded }
    var trailers: FieldSection? { stream.isRemoteEnded ? stream.trailers : nil }

    /// Something has arrived, or the stream is closed.
    func notice(_ reason: Wake) { arrival.wake(reason) }

    func consume(_ length: Int) {
        stream.received.consume(length)
        // The session has made up for what a closed stream still holds.
        guard stream.isInSession else { return }
        host.withSession { $0.consume(length, of: stream) }
    }

    /// The window of the stream bounds what may arrive.
    func makeRoom() -> Bool { true }

    func receive(unless other: ByteStream?, until deadline: Instant)
        async throws(StreamError) -> Int?
    {
        let before = receivedCount
        other?.alsoWake(arrival)
        defer { other?.alsoWake(nil) }
        while receivedCount == before {
            if isInterrupted || other?.hasReceived == true { return nil }
            if stream.isRemoteEnded { return 0 }
            guard stream.closeCode == nil else { throw .closed }
            let wake = await reactor.wait(for: arrival, until: deadline) {
                receivedCount != before || isInterrupted || other?.hasReceived == true
                    || stream.isRemoteEnded || stream.closeCode != nil
            }
            if wake == .timedOut { throw .timedOut }
        }
        return receivedCount - before
    }

    func sendContinue(until deadline: Instant) async throws(StreamError) {
        guard stream.closeCode == nil else { throw .closed }
        host.withSession {
            $0.submitInterim(ByteView("HTTP/1.1 100 Continue\r\n\r\n"), on: stream)
        }
    }

    func stopReceiving() {
        host.withSession { $0.reset(stream, .cancel) }
    }
}
