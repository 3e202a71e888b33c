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
    /// Whether the head of the response came while the request was still being sent.
    private(set) var hasEarlyHead = false
    private var interimCount = 0
    /// The exchange that it is lent to.
    var user: ObjectIdentifier?
    /// Its place among the server's connections that are in use.
    var place = 0
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

    /// Makes the connection ready for the next request.
    func begin() {
        requestCount += 1
        hasEarlyHead = false
        interimCount = 0
    }

    /// Reads the head of the response to an exchange, which passes interim heads (1xx) on.
    ///
    /// - Parameter patience: how long the server may be silent.
    @inline(__always)
    func readHead(for exchange: Exchange, patience: UInt64) async throws(Failure) {
        if hasEarlyHead { return }
        let reactor = stream.reactor
        while true {
            // A server that says that it is at work is waited for anew.
            let deadline = reactor.now.advanced(byNanoseconds: patience)
            let client = exchange.ownStream
            guard try await !readHead(to: exchange.head.method, until: deadline, for: client)
            else { return }
            await exchange.sendInterim?(parser.head)
        }
    }

    /// Reads the final head of a response and passes over interim ones.
    func readHead(to method: Method, until deadline: Instant) async throws(Failure) {
        while try await !readHead(to: method, until: deadline, for: nil) {}
    }

    /// Reads one head; whether it is the final one.
    ///
    /// - Parameter client: the connection that the response is for, if it is for it alone.
    @inline(__always)
    private func readHead(to method: Method, until deadline: Instant, for client: ByteStream?)
        async throws(Failure) -> Bool
    {
        while true {
            if let isFinal = try takeHead(to: method) { return isFinal }
            try makeRoom()
            let received: Int?
            do throws(StreamError) {
                received = try await receive(until: deadline, for: client)
            } catch {
                guard !error.isTimeout else { throw .upstream(.upstreamResponseTimeout) }
                throw closedEarly(error.text)
            }
            if received == nil { throw .client(.clientGone) }
            if received == 0 { throw closedEarly("closed before a response") }
        }
    }

    /// Looks, without waiting, whether a response comes while the request is still being sent; true if its head is
    /// here.
    func readHeadEarly(
        to method: Method,
        interim: ((ResponseHead) async -> Void)? = nil
    ) async throws(Failure) -> Bool {
        while !hasEarlyHead {
            if let isFinal = try takeHead(to: method) {
                hasEarlyHead = isFinal
                if !isFinal { await interim?(parser.head) }
                continue
            }
            try makeRoom()
            do throws(StreamError) {
                guard let count = try input.fillNow(from: stream) else { return false }
                guard count > 0 else { throw StreamError.closed }
            } catch {
                throw closedEarly(error.text)
            }
        }
        return true
    }

    /// Takes a head that is complete in the buffer and tells whether it is the final one; nil if there is none yet.
    private func takeHead(to method: Method) throws(Failure) -> Bool? {
        guard input.count > 0, let length = try parse(to: method) else { return nil }
        input.consume(length)
        guard parser.head.isInterim else { return true }
        interimCount += 1
        guard interimCount <= HTTP2ResponseStream.interimLimit else {
            throw .upstream(.upstreamProtocol, detail: "too many interim responses")
        }
        return false
    }

    /// Waits for bytes and returns how many came: 0 at the end, nil if the client is gone.
    @inline(__always)
    private func receive(until deadline: Instant, for client: ByteStream?)
        async throws(StreamError) -> Int?
    {
        guard let client else { return try await input.fill(from: stream, until: deadline) }
        while true {
            if let count = try input.fillNow(from: stream) { return count }
            if client.isGone { return nil }
            try await stream.waitReadable(until: deadline, orSignOf: client)
        }
    }

    private func makeRoom() throws(Failure) {
        guard input.makeRoom(limit: parser.limits.headBytes) else {
            throw .upstream(.upstreamProtocol, detail: "response head too large")
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
