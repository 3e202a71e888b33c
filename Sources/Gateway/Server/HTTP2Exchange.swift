import HTTP
import Synchronization
import Transport

/// One request on an HTTP/2 connection and its response, served by a task of its own: what a turn of
/// `HTTP1Connection` is to HTTP/1. The object serves one stream after another, and its task waits for the next one with
/// it while the connection is not idle.
final class HTTP2Exchange: HTTP2RequestStream {
    unowned let connection: HTTP2Connection
    /// Whether a task serves the request.
    private(set) var isRunning = false
    /// Where the task waits for the next request.
    private var nextRequest: Waiter?
    /// Why the head cannot be used, so that the pipeline never sees it.
    private var refusal: Failure?
    // Made with the first request, since they refer to this object.
    private lazy var content = StreamContent(of: self, on: connection)
    private lazy var outlet = StreamOutlet(of: self, on: connection)
    private lazy var exchange = Exchange(
        head: head,
        body: MessageBody(source: content, party: .client),
        peer: connection.peer
    )

    init(on connection: HTTP2Connection) {
        self.connection = connection
        super.init(head: RequestHead())
    }

    /// Serves the request by the task that waits for it, or by a new one.
    ///
    /// - Parameter failure: why the head cannot be used.
    func start(refusing failure: Failure?) {
        refusal = failure
        isRunning = true
        if let nextRequest, nextRequest.isWaiting { return nextRequest.wake(.ready) }
        connection.reactor.spawn(with: self) { await $0.serveRequests() }
    }

    /// Nobody needs the object any more: its task, if one waits, ends.
    func dismiss() { nextRequest?.wake(.closed) }

    private func serveRequests() async {
        let reactor = connection.reactor
        let nextRequest = Waiter()
        self.nextRequest = nextRequest
        repeat {
            // The stream may have ended in the bytes that began it, before this task had its turn.
            if closeCode == nil { await serve() }
            isRunning = false
            guard connection.finished(self) else { return }
        } while await reactor.wait(for: nextRequest, until: .distantFuture) == .ready
    }

    private func serve() async {
        let connection = connection
        let exchange = exchange
        let worker = connection.worker
        worker.date.refresh(connection.reactor.now)
        exchange.begin(id: worker.nextRequestID(), at: connection.reactor.now)
        exchange.isNewcomer = connection.requestCount == 1
        if exchange.sendInterim == nil {
            exchange.sendInterim = { [unowned self] head in sendInterim(head) }
        }
        if let failure = refusal {
            respondent.note(failure)
            worker.accountRefused(exchange, failure)
            _ = await write(failure.response(for: exchange), worker.pipeline())
        } else {
            await answer(worker.pipeline())
        }
        finish()
        await exchange.upload?.end()
    }

    private var respondent: Respondent {
        Respondent(worker: connection.worker, listener: connection.listener, exchange: exchange)
    }

    /// Whether the content is one side of a conversation rather than a document: there may be little to say for long.
    private var isConversation: Bool {
        exchange.head.first(of: .contentType)?.prefix(16).equalsIgnoringCase("application/grpc")
            == true
    }

    /// Passes on what a server says before its response, such as `103 Early Hints`.
    private func sendInterim(_ head: ResponseHead) {
        guard closeCode == nil, !exchange.trace.hasAnswered else { return }
        let output = connection.worker.outputs.lend()
        defer { connection.worker.outputs.takeBack(output) }
        guard ResponseWriter.appendInterim(head, to: output) else { return }
        connection.withSession { $0.submitInterim(output.readable, on: self) }
    }

    private func answer(_ pipeline: Pipeline) async {
        let worker = connection.worker
        let exchange = exchange
        exchange.body.begin(
            exchange.head.framing == .none ? .none : .untilClose,
            limitBytes: pipeline.snapshot.configuration.limits.bodyBytes,
            stallNanoseconds: pipeline.snapshot.deadlines.body,
            pace: isConversation ? .unlimited : pipeline.snapshot.deadlines.pace,
            awaitsContinue: exchange.head.expectsContinue
        )
        worker.counters.requestsInFlight.add(1, ordering: .relaxed)
        var status = 499
        if let response = await respondent.response(of: pipeline) {
            status = await write(response, pipeline)
        }
        worker.counters.requestsInFlight.subtract(1, ordering: .relaxed)
        pipeline.finish(exchange, status: status)
        worker.account(exchange, status: status)
    }

    /// A buffer is lent only now, since an answer may be long in coming.
    private func write(_ response: Response, _ pipeline: Pipeline) async -> Int {
        let outputs = connection.worker.outputs
        let output = outputs.lend()
        defer { outputs.takeBack(output) }
        return await write(response, pipeline, output)
    }

    private func write(_ response: Response, _ pipeline: Pipeline, _ output: OutputBuffer) async
        -> Int
    {
        var writer = ResponseWriter(
            to: self,
            of: exchange,
            through: output,
            on: connection.worker,
            stallNanoseconds: pipeline.snapshot.deadlines.write
        )
        do throws(Failure) {
            _ = try await writer.write(response, keepAlive: true)
            return response.status
        } catch {
            let cause = exchange.cause(of: error)
            respondent.note(cause)
            guard error.party == .upstream, !exchange.trace.hasAnswered else {
                return response.status
            }
            // The server broke off before anything had left: the client gets a page instead of silence.
            return await write(cause.response(for: exchange), pipeline, output)
        }
    }

    /// Ends what is left of the stream: a response that broke off, or a request that nobody read to its end.
    private func finish() {
        guard closeCode == nil else { return }
        connection.withSession { session in
            if !isLocalEnded {
                session.reset(self, exchange.trace.hasAnswered ? .internalError : .cancel)
            } else if !isRemoteEnded {
                session.reset(self, .noError)
            }
        }
    }

    // MARK: Events

    override func noticeReceived() { content.notice(.ready) }

    override func noticeSent() { outlet.notice(.ready) }

    override func noticeClosed() {
        content.notice(.closed)
        outlet.notice(.closed)
        if !isRunning { dismiss() } else if !isLocalEnded { exchange.abandon() }
    }
}

extension HTTP2Exchange: ResponseSink {
    func sendNow(_ bytes: ByteView) -> Int { 0 }

    func offer(_ bytes: ByteView) {
        guard closeCode == nil, !bytes.isEmpty else { return }
        connection.withSession { $0.send(bytes, on: self, isLast: false) }
    }

    func withdraw(_ bytes: ByteView) -> Int { bytes.count - takeBack() }

    func send(
        _ bytes: ByteView,
        headBytes: Int,
        isLast: Bool,
        trailers: FieldSection?,
        until deadline: Instant
    ) async throws(StreamError) {
        guard closeCode == nil else { throw .closed }
        let connection = connection
        let content = bytes.dropFirst(headBytes)
        let isWholeHead = headBytes > 0 && isLast && content.isEmpty && trailers?.count ?? 0 == 0
        let head = bytes.prefix(headBytes)
        if isWholeHead {
            return connection.withSession { _ = $0.submitHead(head, on: self, hasContent: false) }
        }
        if headBytes > 0 { connection.submitHead(head, of: self) }
        try await outlet.send(
            content,
            isLast: isLast,
            trailers: trailers,
            where: { $0.mayTrailAnswer($1) },
            until: deadline
        )
    }

    func end(until deadline: Instant) async throws(StreamError) {
        try await send(.empty, headBytes: 0, isLast: true, trailers: nil, until: deadline)
    }
}
