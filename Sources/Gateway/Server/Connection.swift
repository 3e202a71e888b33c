import HTTP
import Synchronization
import Transport

/// One client connection: handshake, then request after request until either side has enough. Confined to its worker.
final class Connection {
    private let worker: Worker
    private let stream: ByteStream
    private let listener: Configuration.Listener
    private let input: InputBuffer
    private let exchange: Exchange
    private var parser: RequestParser
    private var place: ConnectionLimit.Place
    private let isFromForwarder: Bool
    private var requestCount = 0
    /// Whether a response that ends with the connection broke off, which only a reset can tell the client.
    private var isCutShort = false
    /// Whether the connection waits for a request, so that nothing is lost if it is closed.
    private var isIdle = false
    /// Whether all that comes before the first request is done.
    private var isOpened = false
    /// Until when the connection, which has been idle for a while, needs no task.
    private var sleepsUntil: Instant?
    /// What has taken over, if the client speaks HTTP/2.
    private var http2: HTTP2Connection?

    /// Requests answered in a row before others get their turn.
    private static let turnBudget = 16
    private static let discardLimitBytes = 64 << 10
    /// How long an idle connection keeps what the next request could use again.
    private static let restlessNanoseconds: UInt64 = 1_000_000_000
    private static let lingerNanoseconds: UInt64 = 1_000_000_000

    init(
        _ stream: ByteStream,
        from peer: SocketAddress,
        at listener: Configuration.Listener,
        place: consuming ConnectionLimit.Place,
        worker: Worker
    ) {
        self.stream = stream
        self.listener = listener
        self.worker = worker
        self.place = place
        if case .ip(let address, _) = peer {
            isFromForwarder = worker.snapshot.clientAddress.trusts(address)
        } else {
            isFromForwarder = true
        }
        let limits = worker.snapshot.configuration.limits
        parser = RequestParser(
            limits: HeadLimits(
                requestLineBytes: limits.requestLineBytes,
                headBytes: limits.headBytes,
                fieldCount: limits.fieldCount
            )
        )
        input = InputBuffer(pool: stream.reactor.buffers)
        exchange = Exchange(
            head: parser.head,
            body: MessageBody(source: ConnectionContent(stream, input), party: .client)
        )
        if case .ip(let address, let port) = peer {
            exchange.peer = address
            exchange.peerPort = port
        }
        exchange.stream = stream
        exchange.loggedAddresses = worker.snapshot.configuration.log.addresses
        exchange.sendInterim = { [unowned self] head in await sendInterim(head) }
    }

    /// The client as limits count it.
    var client: ClientPrefix { ClientPrefix(exchange.peer) }

    /// For how long the client has given no sign while the connection waits for it; nil if it waits for something else.
    var silenceNanoseconds: UInt64? {
        exchange.isTunnel || http2?.isBusy == true ? nil : stream.silenceNanoseconds
    }

    /// Serves the connection to its end, or until it has been idle for a while: then it returns until when the client
    /// may stay silent, and wants to be called again when the client does not.
    func serve() async -> Instant? {
        sleepsUntil = nil
        if !isOpened, await !open() {
            close()
            return nil
        }
        if requestCount == 0, await speaksHTTP2() {
            await serveHTTP2()
            close()
            return nil
        }
        while sleepsUntil == nil, await serveRequest() {
            if requestCount % Self.turnBudget == 0, input.count > 0 || stream.hasReceived {
                await stream.reactor.yield()
            }
        }
        if sleepsUntil == nil { close() }
        return sleepsUntil
    }

    /// Starts a task with this connection when the client says something, or has been silent until the deadline.
    func sleep(
        until deadline: Instant,
        _ body: @escaping @Sendable (Connection, Wake) async -> Void
    ) {
        stream.whenReadable(until: deadline, with: self, body)
    }

    private func open() async -> Bool {
        if listener.proxyProtocol, await !readProxyHeader() { return false }
        if listener.tls, await !handshake() { return false }
        exchange.tls = stream.tls
        exchange.fingerprint = unsafe ByteView(stream.fingerprint)
        isOpened = true
        return true
    }

    /// Takes no more requests: an idle connection ends now, another one after what it is about.
    ///
    /// - Parameter keepsIdle: whether one more request is waited for, which may be on its way.
    func beginDraining(keepsIdle: Bool = false) {
        if let http2 {
            http2.beginDraining()
        } else if isIdle || sleepsUntil != nil, !keepsIdle {
            close()
        }
    }

    // MARK: HTTP/2

    /// Whether the client speaks HTTP/2: agreed on by TLS, or known before by who sends the preface in plain text.
    private func speaksHTTP2() async -> Bool {
        if listener.tls { return stream.tls?.isHTTP2 == true }
        guard await waitForRequest() else { return false }
        let preface = ByteView(HTTP2Session.preface)
        let deadline = stream.reactor.now.advanced(byNanoseconds: worker.snapshot.deadlines.head)
        while preface.hasPrefix(input.readable.prefix(preface.count)) {
            if input.count >= preface.count { return true }
            guard input.makeRoom(limit: BufferPool.blockBytes) else { return false }
            do throws(StreamError) {
                guard try await input.fill(from: stream, until: deadline) > 0 else { return false }
            } catch {
                return false
            }
        }
        return false
    }

    private func serveHTTP2() async {
        let http2 = HTTP2Connection(stream, at: listener, peer: exchange, worker: worker)
        self.http2 = http2
        let received = input.readable.bytes
        input.release()
        await http2.serve(received)
        self.http2 = nil
    }

    /// Ends the connection; a waiting `serve` returns.
    func close() {
        stream.close()
        input.release()
    }

    /// Learns from the forwarder in front who the client is, who then counts like one that came by itself.
    private func readProxyHeader() async -> Bool {
        guard isFromForwarder else { return false }
        let patience = worker.snapshot.deadlines.handshake
        let header: ProxyHeader?
        do throws(StreamError) {
            header = try await stream.readProxyHeader(
                until: stream.reactor.now.advanced(byNanoseconds: patience)
            )
        } catch {
            return false
        }
        guard let header else { return false }
        guard case .ip(let address, let port) = header.source else { return true }
        switch worker.shared.connectionLimit.open(ClientPrefix(address)) {
        case .open(let place): self.place = place
        case .refused:
            worker.counters.connectionsRefused.add(1, ordering: .relaxed)
            return false
        }
        exchange.peer = address
        exchange.peerPort = port
        return true
    }

    private func handshake() async -> Bool {
        // The certificates in force now, not those of the last request.
        let snapshot = worker.snapshot
        guard let context = snapshot.tls else { return false }
        do throws(StreamError) {
            let deadline = stream.reactor.now.advanced(
                byNanoseconds: snapshot.deadlines.handshake
            )
            try await stream.acceptTLS(context, until: deadline)
        } catch {
            worker.counters.handshakesFailed.add(1, ordering: .relaxed)
            return false
        }
        worker.counters.handshakes.add(1, ordering: .relaxed)
        if stream.tls?.isResumed == true {
            worker.counters.handshakesResumed.add(1, ordering: .relaxed)
        }
        return true
    }

    /// One request and its response; false if the connection ends.
    private func serveRequest() async -> Bool {
        do throws(Failure) {
            guard try await readHead() else { return false }
        } catch {
            await refuse(error)
            return false
        }
        let pipeline = worker.pipeline()
        begin(pipeline)
        worker.counters.requestsInFlight.add(1, ordering: .relaxed)
        let output = worker.outputs.lend()
        let (status, keepsAlive) = await answer(pipeline, output)
        worker.outputs.takeBack(output)
        worker.counters.requestsInFlight.subtract(1, ordering: .relaxed)
        pipeline.finish(exchange, status: status)
        worker.account(exchange, status: status)
        if keepsAlive { return true }
        if isCutShort { stream.abort() } else { await linger() }
        return false
    }

    // MARK: Head

    /// Reads the next head; false if the client closed, or stayed away, before it began one.
    private func readHead() async throws(Failure) -> Bool {
        guard await waitForRequest() else { return false }
        let deadline = stream.reactor.now.advanced(byNanoseconds: worker.snapshot.deadlines.head)
        while true {
            if input.count > 0, let length = try parseHead() {
                input.consume(length)
                return true
            }
            guard input.makeRoom(limit: parser.limits.headBytes) else {
                throw .client(.badHead(.headTooLarge))
            }
            let count: Int
            do throws(StreamError) {
                count = try await input.fill(from: stream, until: deadline)
            } catch {
                guard input.count > 0 else { return false }
                throw .onClient(error, timedOut: .headTimeout)
            }
            guard count > 0 else {
                guard input.count > 0 else { return false }
                throw .client(.clientGone)
            }
        }
    }

    private func waitForRequest() async -> Bool {
        guard input.count == 0 else { return true }
        input.release()
        if worker.endsIdle { return false }
        isIdle = true
        defer { isIdle = false }
        let start = stream.reactor.now
        let end = start.advanced(byNanoseconds: worker.snapshot.deadlines.keepAlive)
        let isShort = worker.overloadLevel >= .smallBuffers
        let restful = start.advanced(byNanoseconds: isShort ? 0 : Self.restlessNanoseconds)
        if await isReadable(until: min(restful, end)) { return true }
        guard stream.isOpen, restful < end else { return false }
        exchange.releaseStorage()
        stream.releaseBuffers()
        sleepsUntil = end
        return false
    }

    private func isReadable(until deadline: Instant) async -> Bool {
        do throws(StreamError) {
            try await stream.waitReadable(until: deadline)
        } catch {
            return false
        }
        return true
    }

    private func parseHead() throws(Failure) -> Int? {
        do throws(HeadError) {
            return try parser.parse(input.readable)
        } catch {
            parser.reset()
            throw .client(.badHead(error))
        }
    }

    // MARK: Answer

    private func begin(_ pipeline: Pipeline) {
        requestCount += 1
        exchange.isNewcomer = requestCount == 1
        worker.date.refresh(stream.reactor.now)
        exchange.begin(id: worker.nextRequestID(), at: stream.reactor.now)
        exchange.body.begin(
            exchange.head.framing,
            limitBytes: pipeline.snapshot.configuration.limits.bodyBytes,
            stallNanoseconds: pipeline.snapshot.deadlines.body,
            pace: pipeline.snapshot.deadlines.pace,
            awaitsContinue: exchange.head.expectsContinue
        )
    }

    private var respondent: Respondent {
        Respondent(worker: worker, listener: listener, exchange: exchange)
    }

    /// Asks the pipeline and writes its answer; the status, and whether the connection may go on.
    private func answer(_ pipeline: Pipeline, _ output: OutputBuffer) async -> (Int, Bool) {
        guard let response = await respondent.response(of: pipeline) else { return (499, false) }
        return await write(response, pipeline, output)
    }

    private func write(_ response: Response, _ pipeline: Pipeline, _ output: OutputBuffer) async
        -> (Int, Bool)
    {
        var writer = ResponseWriter(
            to: stream,
            of: exchange,
            through: output,
            on: worker,
            stallNanoseconds: pipeline.snapshot.deadlines.write
        )
        let mayGoOn =
            exchange.head.keepAlive && !worker.isDraining && canSkipRest
            && worker.overloadLevel == .none
            // Who asked to switch may have switched already: what follows is no request.
            && !exchange.wantsWebSocket
            && requestCount < pipeline.snapshot.configuration.limits.requestsPerConnection
        do throws(Failure) {
            let keepsAlive = try await writer.write(response, keepAlive: mayGoOn)
            guard keepsAlive else { return (response.status, false) }
            return (response.status, try await discardRest())
        } catch {
            respondent.note(error)
            guard error.party == .upstream, !exchange.trace.hasAnswered else {
                isCutShort = error.party != .client && exchange.head.version == .http10
                return (response.status, false)
            }
            // The server broke off before anything had left: the client gets a page instead of silence.
            return await write(error.response(for: exchange), pipeline, output)
        }
    }

    /// Passes on what a server says before its response, such as `103 Early Hints`.
    private func sendInterim(_ head: ResponseHead) async {
        guard exchange.head.version == .http11, !exchange.trace.hasAnswered else { return }
        let output = worker.outputs.lend()
        defer { worker.outputs.takeBack(output) }
        guard ResponseWriter.appendInterim(head, to: output) else { return }
        let patience = worker.snapshot.deadlines.write
        // A client that is gone is noticed with the response itself.
        _ = try? await stream.write(
            output.readable,
            until: stream.reactor.now.advanced(byNanoseconds: patience)
        )
    }

    /// A head that cannot be read is answered without a pipeline: nothing in it can be trusted.
    private func refuse(_ failure: Failure) async {
        worker.date.refresh(stream.reactor.now)
        exchange.begin(id: worker.nextRequestID(), at: stream.reactor.now)
        respondent.note(failure)
        worker.accountRefused(exchange, failure)
        guard failure.kind != .clientGone else { return }
        let output = worker.outputs.lend()
        defer { worker.outputs.takeBack(output) }
        var writer = ResponseWriter(
            to: stream,
            of: exchange,
            through: output,
            on: worker,
            stallNanoseconds: Self.lingerNanoseconds
        )
        do throws(Failure) {
            _ = try await writer.write(failure.response(for: exchange), keepAlive: false)
            await linger()
        } catch {
            // The client is gone; there is nobody left to tell.
            return
        }
    }

    // MARK: Rest of the request

    /// Whether what is left of the content is so little that reading it is cheaper than a new connection.
    private var canSkipRest: Bool {
        if exchange.body.isFinished { return true }
        if exchange.body.isBroken || exchange.body.awaitsContinue { return false }
        guard case .length(let length) = exchange.head.framing else { return false }
        return length - exchange.body.receivedBytes <= Self.discardLimitBytes
    }

    private func discardRest() async throws(Failure) -> Bool {
        guard canSkipRest else { return false }
        // Also when nothing is left: the piece read last is only now done with, and must not be parsed as a request.
        while try await exchange.body.next() != nil {}
        return true
    }

    /// Goes on reading for a moment after the last answer, since closing on unread bytes would make the kernel take the
    /// answer back (RFC 9112 section 9.6).
    private func linger() async {
        stream.finishSending()
        let deadline = stream.reactor.now.advanced(byNanoseconds: Self.lingerNanoseconds)
        var discarded = 0
        input.consume(input.count)
        while discarded < Self.discardLimitBytes * 4, input.makeRoom(limit: BufferPool.blockBytes) {
            do throws(StreamError) {
                let count = try await input.fill(from: stream, until: deadline)
                guard count > 0 else { return }
                discarded += count
                input.consume(count)
            } catch {
                return
            }
        }
    }
}
