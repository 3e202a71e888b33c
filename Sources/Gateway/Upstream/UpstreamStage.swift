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
            let deadline = reactor.now.advanced(byNanoseconds: pool.upstream.responseNanoseconds)
            try await connection.readHead(
                to: exchange.head.method,
                until: deadline,
                interim: exchange.sendInterim
            )
            if connection.parser.head.isTunnel {
                return try open(connection, exchange, server, pool)
            }
            let response = UpstreamResponse(
                connection,
                of: pool.upstream,
                requestWasSent: wasSent,
                eventIdleNanoseconds: tunnels.idleNanoseconds
            )
            // From here on the response gives the connection back.
            return try await complete(response, server)
        } catch {
            pool.giveBack(connection, to: server, reusable: false)
            if exchange.isAbandoned { throw .client(.clientGone) }
            var failure = error
            failure.server = server.state.name
            if error.party == .upstream, !isStale(error, exchange) {
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

    /// Sends head and content; false if the server answered before it had taken everything.
    @inline(__always)
    private func send(
        _ exchange: Exchange,
        on connection: UpstreamConnection,
        _ upstream: Upstream
    ) async throws(Failure) -> Bool {
        let plan = Self.plan(for: exchange)
        let output = outputs.lend()
        defer { outputs.takeBack(output) }
        if upstream.namesClients { output.append(upstream.preface(for: exchange)) }
        RequestWriter.appendHead(of: exchange, body: plan, to: output)
        var inspected = exchange.inspectedBody.readable
        var sentBytes = inspected.count
        repeat {
            let piece = inspected.prefix(BufferPool.blockBytes)
            inspected = inspected.dropFirst(piece.count)
            append(piece, plan, to: output)
            guard try await flush(output, to: connection, upstream) else { return false }
        } while !inspected.isEmpty
        exchange.body.watch(connection.stream)
        defer { exchange.body.watch(nil) }
        while !exchange.body.isFinished {
            if let piece = try await exchange.body.next() {
                sentBytes += piece.count
                append(piece, plan, to: output)
                guard try await flush(output, to: connection, upstream) else { return false }
            } else if connection.stream.hasReceived,
                try await connection.readHeadEarly(
                    to: exchange.head.method,
                    interim: exchange.sendInterim
                )
            {
                return false
            }
        }
        try Self.check(sentBytes, against: plan)
        guard case .chunked = plan else { return true }
        RequestWriter.appendEnd(trailers: exchange.body.trailers, to: output)
        return try await flush(output, to: connection, upstream)
    }

    private func append(_ piece: ByteView, _ plan: RequestWriter.BodyPlan, to output: OutputBuffer) {
        if case .chunked = plan { output.appendChunk(piece) } else { output.append(piece) }
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

    /// Sends what is gathered. False if the server has answered meanwhile: it has decided, and the rest of the
    /// content would only be thrown away.
    @inline(__always)
    private func flush(
        _ output: OutputBuffer,
        to connection: UpstreamConnection,
        _ upstream: Upstream
    ) async throws(Failure) -> Bool {
        guard !output.isFull else { throw .gateway(.resources, detail: "request head too large") }
        // What fails here fails again below, where somebody cares.
        let sent = (try? connection.stream.writeNow(output.readable)) ?? 0
        output.consume(sent)
        return output.isEmpty ? true : try await sendRest(output, to: connection, upstream)
    }

    private func sendRest(
        _ output: OutputBuffer,
        to connection: UpstreamConnection,
        _ upstream: Upstream
    ) async throws(Failure) -> Bool {
        defer { output.removeAll(keepingCapacity: true) }
        let deadline = reactor.now.advanced(byNanoseconds: upstream.sendNanoseconds)
        do throws(StreamError) {
            try await connection.stream.write(output.readable, until: deadline)
        } catch {
            if connection.stream.hasReceived { return false }
            guard !error.isTimeout else { throw .upstream(.upstreamSendTimeout) }
            throw .upstream(.upstreamClosed, retry: .onFreshConnection, detail: error.text)
        }
        return true
    }
}
