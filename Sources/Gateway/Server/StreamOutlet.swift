import HTTP
import Transport

/// The way out of a stream of HTTP/2: content is handed over, and whoever did so waits until it is in frames.
final class StreamOutlet {
    private unowned let stream: HTTP2Stream
    private unowned let host: any HTTP2StreamHost
    private let departure = Waiter()

    /// - Parameter stream: the owner of this object.
    init(of stream: HTTP2Stream, on host: any HTTP2StreamHost) {
        self.stream = stream
        self.host = host
    }

    /// What was handed over is in frames, or the stream is closed.
    func notice(_ reason: Wake) { departure.wake(reason) }

    /// Sends content, which has to stay in place until the call returns.
    func send(
        _ content: ByteView,
        isLast: Bool,
        trailers: FieldSection?,
        where passes: @escaping (FieldSection, Int) -> Bool,
        until deadline: Instant
    ) async throws(StreamError) {
        guard stream.closeCode == nil else { throw .closed }
        host.withSession {
            $0.send(content, on: stream, isLast: isLast, trailers: trailers, where: passes)
        }
        while stream.hasPending {
            guard stream.closeCode == nil else { throw .closed }
            let wake = await host.reactor.wait(for: departure, until: deadline) {
                !stream.hasPending || stream.closeCode != nil
            }
            guard wake == .timedOut else { continue }
            // The bytes are their owner's again after this.
            host.withSession { $0.reset(stream, .cancel) }
            throw .timedOut
        }
    }
}
