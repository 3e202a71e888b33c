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
            let upload = upload(exchange, to: stream, pool.upstream)
            try await stream.waitForHead(
                behind: upload,
                patience: pool.upstream.responseNanoseconds,
                for: exchange
            )
            if let upload, exchange.head.version != .http2 {
                // Who speaks HTTP/1 says all before it reads, unless nobody listens any more.
                await stream.waitForEnd(of: upload)
                await upload.giveUp(exchange)
                if let own = upload.failure, own.party == .client { throw own }
            }
            let response = UpstreamResponse(
                stream,
                of: pool.upstream,
                requestWasSent: true,
                eventIdleNanoseconds: tunnels.idleNanoseconds
            )
            return try await complete(response, server)
        } catch {
            stream.release(isComplete: false)
            await exchange.upload?.giveUp(exchange)
            if exchange.isAbandoned { throw .client(.clientGone) }
            var failure = exchange.cause(of: error)
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

    /// Begins to send the content, if there is any.
    private func upload(_ exchange: Exchange, to stream: UpstreamStream, _ upstream: Upstream)
        -> Upload?
    {
        guard Self.hasContent(exchange) else { return nil }
        let upload = Upload(
            to: stream,
            on: reactor,
            sharesConnection: exchange.head.version == .http2
        )
        exchange.upload = upload
        let patience = upstream.sendNanoseconds
        reactor.spawn(with: (upload, exchange, stream)) { upload, exchange, stream in
            await upload.run { () throws(Failure) in
                try await upload.send(exchange, to: stream, patience: patience)
            }
        }
        return upload
    }
}
