import HTTP
import Transport

/// A connection to a server of an upstream. Confined to its worker.
final class UpstreamConnection {
    let stream: ByteStream
    let input: InputBuffer
    let body: MessageBody
    var parser: ResponseParser
    /// Requests sent on it so far.
    var requestCount = 0
    /// The exchange that it is lent to.
    var user: ObjectIdentifier?
    /// Who lent it.
    var lender: (pool: UpstreamPool, server: UpstreamPool.Server)?
    /// Since when nobody uses it.
    var idleSince = Instant(nanoseconds: 0)

    init(_ stream: ByteStream) {
        self.stream = stream
        input = InputBuffer(pool: stream.reactor.buffers)
        body = MessageBody(source: ConnectionContent(stream, input), party: .upstream)
        parser = ResponseParser(limits: HeadLimits(headBytes: 64 * 1024, fieldCount: 200))
    }

    /// Whether another request may be sent: nothing unread is left, and the server has not closed.
    ///
    /// A server that sent bytes nobody asked for is out of step: they would answer the next request.
    var isReusable: Bool {
        stream.isOpen && !stream.peerHasFinished && !stream.hasReceived && input.count == 0
    }

    /// Reads a response head, passing over interim ones.
    func readHead(to method: Method, until deadline: Instant) async throws(Failure) {
        while true {
            if input.count > 0, let length = try parse(to: method) {
                input.consume(length)
                if !parser.head.isInterim { return }
                continue
            }
            guard input.makeRoom(limit: parser.limits.headBytes) else {
                throw .upstream(.upstreamProtocol, detail: "response head too large")
            }
            let count: Int
            do throws(StreamError) {
                count = try await input.fill(from: stream, until: deadline)
            } catch {
                guard !error.isTimeout else { throw .upstream(.upstreamResponseTimeout) }
                throw closedEarly(error.text)
            }
            if count == 0 { throw closedEarly("closed before a response") }
        }
    }

    /// A connection that was kept may have been closed by the server just now; whether the request may go out again is
    /// the forwarder's to decide.
    private func closedEarly(_ detail: String) -> Failure {
        .upstream(
            .upstreamClosed,
            retry: input.count == 0 ? .onFreshConnection : .never,
            detail: detail
        )
    }

    private func parse(to method: Method) throws(Failure) -> Int? {
        do throws(HeadError) {
            return try parser.parse(input.readable, to: method)
        } catch {
            throw .upstream(.upstreamProtocol, detail: "\(error)")
        }
    }

    func close() {
        stream.close()
        input.release()
    }
}
