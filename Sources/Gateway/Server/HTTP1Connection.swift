import HTTP
import Synchronization
import Transport

/// What serves a connection of HTTP/1: request after request until either side has enough, or the client has been
/// silent for a while. Confined to its worker.
final class HTTP1Connection {
    private let worker: Worker
    private let stream: ByteStream
    private let input: InputBuffer
    private let exchange: Exchange
    private let respondent: Respondent
    private var parser: RequestParser
    /// Requests on the connection so far.
    private(set) var requestCount: Int
    /// Whether a response that ends with the connection broke off, which only a reset can tell the client.
    private var isCutShort = false
    /// Whether the connection waits for a request, so that nothing is lost if it is closed.
    private(set) var isIdle = false
    /// Until when the client may stay silent without a task that waits for it.
    private var sleepsUntil: Instant?

    /// Requests answered in a row before others get their turn.
    private static let turnBudget = 16
    private static let discardLimitBytes = 64 << 10
    /// How long an idle connection keeps what the next request could use again.
    private static let restlessNanoseconds: UInt64 = 1_000_000_000
    private static let lingerNanoseconds: UInt64 = 1_000_000_000

    /// - Parameter served: requests on the connection before.
    init(
        _ stream: ByteStream,
        at listener: Configuration.Listener,
        peer: Peer,
        served: Int,
        worker: Worker
    ) {
        self.stream = stream
        self.worker = worker
        requestCount = served
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
            body: MessageBody(source: ConnectionContent(stream, input), party: .client),
            peer: peer
        )
        respondent = Respondent(worker: worker, listener: listener, exchange: exchange)
        exchange.sendInterim = { [unowned self] head in await sendInterim(head) }
    }

    /// Whether the connection is a WebSocket's by now.
    var isTunnel: Bool { exchange.isTunnel }

    /// Serves requests until the connection is to be closed, or until it has been idle for a while: then it returns
    /// until when the client may stay silent.
    func serve() async -> Instant? {
        while sleepsUntil == nil, await serveRequest() {
            if requestCount % Self.turnBudget == 0, input.count > 0 || stream.hasReceived {
                await stream.reactor.yield()
            }
        }
        return sleepsUntil
    }

    // MARK: HTTP/2 with prior knowledge

    /// Hands over the bytes received that no request has taken, and the memory they stood in.
    func takeReceived() -> [UInt8] {
        defer { input.release() }
        return input.readable.bytes
    }

    /// Whether the first bytes are the preface of HTTP/2.
    func receivesPreface() async -> Bool {
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

    // MARK: Requests

    /// One request and its response; false if the connection ends.
    @inline(__always)
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
        let (status, keepsAlive) = await answer(pipeline)
        if let upload = exchange.upload { await upload.giveUp(exchange) }
        worker.counters.requestsInFlight.subtract(1, ordering: .relaxed)
        pipeline.finish(exchange, status: status)
        worker.account(exchange, status: status)
        if keepsAlive { return true }
        if isCutShort { stream.abort() } else { await linger() }
        return false
    }

    // MARK: Head

    /// Reads the next head; false if the client closed, or stayed away, before it began one.
    @inline(__always)
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

    @inline(__always)
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
        stream.releaseBuffers()
        sleepsUntil = end
        return false
    }

    @inline(__always)
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

    /// Asks the pipeline and writes its answer; the status, and whether the connection may go on.
    @inline(__always)
    private func answer(_ pipeline: Pipeline) async -> (Int, Bool) {
        guard var response = await respondent.response(of: pipeline) else { return (499, false) }
        // Only now: an answer may be long in coming.
        let output = worker.outputs.lend()
        defer { worker.outputs.takeBack(output) }
        while true {
            do throws(Failure) {
                return (response.status, try await write(response, pipeline, output))
            } catch {
                let cause = exchange.cause(of: error)
                respondent.note(cause)
                guard error.party == .upstream, !exchange.trace.hasAnswered else {
                    isCutShort = error.party != .client && exchange.head.version == .http10
                    return (response.status, false)
                }
                // The server broke off before anything had left: the client gets a page instead of silence.
                response = cause.response(for: exchange)
            }
        }
    }

    /// Writes the answer; whether the connection may go on.
    @inline(__always)
    private func write(_ response: Response, _ pipeline: Pipeline, _ output: OutputBuffer)
        async throws(Failure) -> Bool
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
            && !exchange.wantsWebSocket && !exchange.isHurried
            && requestCount < pipeline.snapshot.configuration.limits.requestsPerConnection
        guard try await writer.write(response, keepAlive: mayGoOn) else { return false }
        return try await discardRest()
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
        // Whoever sends a request line without a version (HTTP/0.9) knows no status lines.
        guard failure.kind != .clientGone, failure.kind != .badHead(.missingVersion) else { return }
        let pipeline = worker.pipeline()
        if case .badHead = failure.kind {
            pipeline.inspection.refusedHead(input.readable, exchange)
        }
        defer { pipeline.finish(exchange, status: failure.status) }
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
            var response = failure.response(for: exchange)
            if let ids = pipeline.inspection.report(exchange) {
                response.fields.append(("x-waf-rules", ids))
            }
            _ = try await writer.write(response, keepAlive: false)
            // The rules' view of the head ends before its bytes do.
            pipeline.finish(exchange, status: failure.status)
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

    @inline(__always)
    private func discardRest() async throws(Failure) -> Bool {
        if let upload = exchange.upload { await upload.giveUp(exchange) }
        guard canSkipRest, !exchange.body.isBroken else { return false }
        if !exchange.body.isFinished { while try await exchange.body.next() != nil {} }
        // The piece read last is only now done with, and must not be parsed as a request.
        exchange.body.releaseLent()
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
