import HTTP
import Transport

/// Forwards a request to a server of an upstream and brings the response back.
///
/// A request goes to another server only where that is safe: nothing of it was sent, or it is idempotent and can be
/// sent again whole. When no server is left, the failure says whose fault it was.
struct UpstreamStage {
    let pools: [UpstreamPool]
    let reactor: Reactor
    let outputs: OutputPool
    let tunnels: TunnelPolicy

    /// Sends the request and returns once the response's head is there.
    ///
    /// - Throws: `Failure` with the last server's fault when every allowed attempt failed.
    func forward(_ exchange: Exchange, to upstream: Upstream) async throws(Failure) -> Response {
        let wantsTunnel = exchange.wantsWebSocket
        guard !wantsTunnel || tunnels.reserve() else {
            throw .gateway(.resources, detail: "too many WebSockets")
        }
        defer { if wantsTunnel { tunnels.endReservation() } }
        let pool = pools[upstream.index]
        let started = reactor.now
        var tried: [ServerState] = []
        var last = Failure.upstream(.unhealthyUpstream, upstream.name)
        while tried.count <= upstream.configuration.retries,
            let server = pool.pick(excluding: tried)
        {
            exchange.trace.attempts += 1
            exchange.trace.server = server.state
            do throws(Failure) {
                let response = try await attempt(exchange, on: server, in: pool)
                exchange.trace.upstreamNanoseconds = reactor.now.nanoseconds(since: started)
                return response
            } catch {
                last = error
                guard error.party == .upstream, Self.mayRepeat(exchange, after: error) else {
                    throw error
                }
                tried.append(server.state)
            }
        }
        throw last
    }

    /// One server's try; a connection that was kept and turns out to be dead is replaced once.
    @inline(__always)
    private func attempt(
        _ exchange: Exchange,
        on server: UpstreamPool.Server,
        in pool: UpstreamPool
    ) async throws(Failure) -> Response {
        do throws(Failure) {
            return try await exchangeOnce(exchange, on: server, in: pool, fresh: false)
        } catch {
            let isFresh = !exchange.trace.reusedConnection
            guard isFresh ? error.wasRefused : error.mayDoOnFreshConnection,
                Self.mayRepeat(exchange, after: error)
            else { throw error }
            return try await exchangeOnce(exchange, on: server, in: pool, fresh: true)
        }
    }

    private func exchangeOnce(
        _ exchange: Exchange,
        on server: UpstreamPool.Server,
        in pool: UpstreamPool,
        fresh: Bool
    ) async throws(Failure) -> Response {
        if pool.upstream.configuration.version == .h2 {
            return try await exchangeOverHTTP2(exchange, on: server, in: pool)
        }
        let connection = try await pool.lease(
            server,
            fresh: fresh || pool.upstream.namesClients,
            for: exchange.client
        )
        guard !exchange.isAbandoned else {
            pool.giveBack(connection, to: server, reusable: true)
            throw .client(.clientGone)
        }
        exchange.trace.reusedConnection = connection.requestCount > 0
        connection.user = ObjectIdentifier(exchange)
        exchange.work = connection
        connection.begin()
        do throws(Failure) {
            let wasSent = try await send(exchange, on: connection, pool.upstream)
            try await connection.readHead(
                for: exchange,
                patience: pool.upstream.responseNanoseconds
            )
            if connection.parser.head.isTunnel {
                return try open(connection, exchange, server, pool)
            }
            let response = UpstreamResponse(
                connection,
                of: pool.upstream,
                requestWasSent: wasSent,
                besides: exchange.upload,
                eventIdleNanoseconds: tunnels.idleNanoseconds
            )
            // From here on the response gives the connection back.
            return try await complete(response, server)
        } catch {
            pool.giveBack(connection, to: server, reusable: false)
            var failure = error
            if let upload = exchange.upload {
                await upload.giveUp(exchange)
                failure = exchange.cause(of: error)
                exchange.upload = nil
            }
            if exchange.isAbandoned { throw .client(.clientGone) }
            failure.server = server.state.name
            if failure.party == .upstream, !isStale(failure, exchange) {
                server.state.noteFailure(
                    at: reactor.now,
                    ejection: pool.upstream.configuration.ejection
                )
            }
            throw failure
        }
    }

    /// Opens the tunnel that a server agrees to, if it was asked to, and to this protocol.
    private func open(
        _ connection: UpstreamConnection,
        _ exchange: Exchange,
        _ server: UpstreamPool.Server,
        _ pool: UpstreamPool
    ) throws(Failure) -> Response {
        let agreed = connection.parser.head.fields.only(.upgrade)
        guard exchange.wantsWebSocket, agreed?.equalsIgnoringCase("websocket") == true else {
            throw .upstream(.upstreamProtocol, detail: "unasked upgrade")
        }
        server.state.noteSuccess()
        let tunnel = Tunnel(over: connection, to: server, in: pool, tunnels)
        return Response(status: 101, source: .tunnel(tunnel))
    }

    @inline(__always)
    func complete(_ response: UpstreamResponse, _ server: UpstreamPool.Server)
        async throws(Failure) -> Response
    {
        if !response.isGathered {
            do throws(Failure) {
                try await response.gather()
            } catch {
                response.abandon()
                throw error
            }
        }
        server.state.noteSuccess()
        return Response(status: response.head.status, source: .upstream(response))
    }

    /// Whether the failure only shows that a kept connection had run out, which is nobody's fault.
    private func isStale(_ failure: Failure, _ exchange: Exchange) -> Bool {
        if case .onFreshConnection = failure.retry { return exchange.trace.reusedConnection }
        return false
    }

    private static func mayRepeat(_ exchange: Exchange, after failure: Failure) -> Bool {
        guard
            !exchange.body.hasBegun
                || exchange.body.isFinished
                    && exchange.body.receivedBytes == exchange.inspectedBody.count
        else { return false }
        if case .always = failure.retry { return true }
        return exchange.head.method.isIdempotent
    }

    // MARK: Sending

    /// Sends head and content; false if the server answered before it had taken everything. If it still wants the rest,
    /// that goes on beside the answer.
    @inline(__always)
    private func send(
        _ exchange: Exchange,
        on connection: UpstreamConnection,
        _ upstream: Upstream
    ) async throws(Failure) -> Bool {
        let output = outputs.lend()
        defer { outputs.takeBack(output) }
        if upstream.namesClients { output.append(upstream.preface(for: exchange)) }
        var sender = RequestSender(
            exchange,
            on: connection,
            patience: upstream.sendNanoseconds,
            through: output
        )
        if try await sender.run() { return true }
        if Self.isRestWanted(connection, exchange) { sendRest(of: sender) }
        return false
    }

    /// Whether a server that has begun to answer goes on reading the content: one that refuses it, closes behind the
    /// answer, or has said all, does not (RFC 9112 section 9.5).
    private static func isRestWanted(_ connection: UpstreamConnection, _ exchange: Exchange) -> Bool {
        let head = connection.parser.head
        // A client that was never told to go on is told by the answer that it need not.
        guard connection.hasEarlyHead, head.status < 300, head.keepAlive, !head.isTunnel,
            !exchange.body.awaitsContinue
        else { return false }
        switch head.framing {
        case .none: return false
        case .length(let length): return connection.input.count < length
        case .chunked, .untilClose: return true
        }
    }

    private func sendRest(of begun: RequestSender) {
        var sender = begun
        sender.isBesideAnswer = true
        sender.output = outputs.lend()
        sender.output.append(begun.output.readable)
        let upload = Upload(
            to: sender.connection,
            on: reactor,
            sharesConnection: sender.exchange.head.version == .http2
        )
        sender.exchange.upload = upload
        reactor.spawn(with: (upload, sender, outputs)) { upload, sender, outputs in
            var sender = sender
            await upload.run { () throws(Failure) in try await sender.run() }
            outputs.takeBack(sender.output)
        }
    }

    /// A server that was promised more would take the next request for the rest, so that the connection must end
    /// whatever it was that went wrong before.
    static func check(_ sentBytes: Int, against plan: RequestWriter.BodyPlan) throws(Failure) {
        guard case .length(let length) = plan, length != sentBytes else { return }
        throw .client(.badContent, detail: "\(sentBytes) bytes of content, declared \(length)")
    }

    static func plan(for exchange: Exchange) -> RequestWriter.BodyPlan {
        switch exchange.head.framing {
        case .none, .untilClose: .none
        case .length(let length): .length(length)
        case .chunked: .chunked
        }
    }
}
