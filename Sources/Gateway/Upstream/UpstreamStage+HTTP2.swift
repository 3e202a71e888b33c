import HTTP
import Transport

extension UpstreamStage {
    /// One try over HTTP/2: the request on a stream of a shared connection. Content goes up while the response comes
    /// down, as calls of gRPC need it.
    func exchangeOverHTTP2(
        _ exchange: Exchange,
        on server: UpstreamPool.Server,
        in pool: UpstreamPool
    ) async throws(Failure) -> Response {
        guard !exchange.wantsWebSocket else {
            throw .upstream(.upstreamProtocol, detail: "WebSocket needs a server of HTTP/1")
        }
        let session = try await pool.leaseSession(server)
        guard !exchange.isAbandoned else {
            pool.giveBack(server)
            throw .client(.clientGone)
        }
        exchange.trace.reusedConnection = session.requestCount > 0
        guard let stream = open(exchange, on: session) else {
            pool.giveBack(server)
            throw .upstream(.upstreamClosed, server.state.name, retry: .always)
        }
        stream.lender = (pool, server)
        exchange.work = stream
        do throws(Failure) {
            try await upload(exchange, to: stream, pool.upstream)
            let patience = pool.upstream.responseNanoseconds
            try await stream.waitForHead(until: reactor.now.advanced(byNanoseconds: patience))
            let response = UpstreamResponse(
                stream,
                of: pool.upstream,
                requestWasSent: true,
                eventIdleNanoseconds: tunnels.idleNanoseconds
            )
            return try await complete(response, server)
        } catch {
            stream.release(isComplete: false)
            await exchange.upload?.end()
            if exchange.isAbandoned { throw .client(.clientGone) }
            var failure = exchange.upload?.failure ?? error
            failure.server = server.state.name
            if failure.party == .upstream {
                server.state.noteFailure(
                    at: reactor.now,
                    ejection: pool.upstream.configuration.ejection
                )
            }
            throw failure
        }
    }

    private func open(_ exchange: Exchange, on session: UpstreamSession) -> UpstreamStream? {
        let output = outputs.lend()
        defer { outputs.takeBack(output) }
        RequestWriter.appendHead(
            of: exchange,
            body: Self.plan(for: exchange),
            over: .http2,
            to: output
        )
        return session.open(
            output.readable,
            isSecure: exchange.isSecure,
            method: exchange.head.method,
            hasContent: Self.hasContent(exchange)
        )
    }

    private static func hasContent(_ exchange: Exchange) -> Bool {
        if case .length(1...) = plan(for: exchange) { return true }
        return !exchange.inspectedBody.isEmpty || !exchange.body.isFinished
            || exchange.body.trailers != nil
    }

    /// Sends the content; where the client speaks HTTP/2 by a task of its own, so that the response may come meanwhile.
    private func upload(_ exchange: Exchange, to stream: UpstreamStream, _ upstream: Upstream)
        async throws(Failure)
    {
        guard Self.hasContent(exchange) else { return }
        let upload = Upload(reactor, sendNanoseconds: upstream.sendNanoseconds)
        exchange.upload = upload
        guard exchange.head.version == .http2, !exchange.body.isFinished else {
            await upload.run(exchange, stream)
            if let failure = upload.failure, !stream.hasResponse { throw failure }
            return
        }
        reactor.spawn(with: (upload, exchange, stream)) { upload, exchange, stream in
            await upload.run(exchange, stream)
        }
    }
}

/// The content of a request on its way to a stream. Confined to its worker.
final class Upload {
    private let reactor: Reactor
    private let sendNanoseconds: UInt64
    private let ended = Waiter()
    private var isRunning = true
    /// Why the content did not arrive whole, if that is the client's fault.
    private(set) var failure: Failure?

    init(_ reactor: Reactor, sendNanoseconds: UInt64) {
        self.reactor = reactor
        self.sendNanoseconds = sendNanoseconds
    }

    /// Waits until the content has been sent, or will not be.
    func end() async {
        while isRunning { _ = await reactor.wait(for: ended, until: .distantFuture) { !isRunning } }
    }

    func run(_ exchange: Exchange, _ stream: UpstreamStream) async {
        do throws(Failure) {
            try await send(exchange, stream)
        } catch {
            if error.party == .client {
                failure = error
                stream.release(isComplete: false)
            }
        }
        isRunning = false
        ended.wake(.ready)
    }

    private func send(_ exchange: Exchange, _ stream: UpstreamStream) async throws(Failure) {
        let body = exchange.body
        let inspected = exchange.inspectedBody.readable
        if !inspected.isEmpty {
            let isLast = body.isFinished && body.trailers == nil
            try await send(inspected, isLast: isLast, nil, stream)
            if isLast { return }
        }
        while !body.isFinished, let piece = try await body.next() {
            let isLast = body.isFinished && body.trailers == nil
            try await send(piece, isLast: isLast, nil, stream)
            if isLast { return }
        }
        try await send(.empty, isLast: true, body.trailers, stream)
    }

    private func send(
        _ piece: ByteView,
        isLast: Bool,
        _ trailers: FieldSection?,
        _ stream: UpstreamStream
    ) async throws(Failure) {
        do throws(StreamError) {
            let deadline = reactor.now.advanced(byNanoseconds: sendNanoseconds)
            try await stream.send(piece, isLast: isLast, trailers: trailers, until: deadline)
        } catch {
            throw .upstream(
                error.isTimeout ? .upstreamSendTimeout : .upstreamClosed,
                detail: error.text
            )
        }
    }
}
