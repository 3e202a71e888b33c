import HTTP
import Synchronization
import Transport

/// One client connection that speaks HTTP/2: it reads frames until either side has enough, or the client has been
/// silent for a while, and every request on it is a task of its own. Confined to its worker.
final class HTTP2Connection: HTTP2SessionOwner, HTTP2StreamHost {
    let worker: Worker
    let listener: Configuration.Listener
    let peer: Peer
    private let limits: HTTP2Limits
    private var link: HTTP2Link?
    let reactor: Reactor
    /// Where the end waits for the last request, if there is one.
    private var lastTaskEnded: Waiter?
    /// Requests whose tasks have not ended, whatever became of their streams.
    private var taskCount = 0
    private(set) var requestCount = 0
    private var idleSince: Instant
    private var isOver = false
    /// Until when the client may stay silent without a task that waits for it.
    private var sleepsUntil: Instant?
    /// Objects of former streams, for the next ones.
    private var spare: [HTTP2Exchange] = []
    /// Until the silence of a client with requests under way is looked at anew; longer each time.
    private var patience = HTTP2Connection.leastPatience

    private static let spareLimit = 4
    private static let leastPatience = Duration.milliseconds(100)
    private static let mostPatience = Duration.milliseconds(1_600)
    /// After so long without requests an idle connection gives back all it can.
    private static let restlessNanoseconds: UInt64 = 1_000_000_000
    /// Between asking for no more requests and refusing them: time for those that are under way.
    private static let goodbye = Duration.milliseconds(500)

    init(
        _ stream: ByteStream,
        at listener: Configuration.Listener,
        peer: Peer,
        worker: Worker
    ) {
        self.listener = listener
        self.peer = peer
        self.worker = worker
        reactor = stream.reactor
        limits = HTTP2Limits(worker.snapshot.configuration.limits)
        idleSince = stream.reactor.now
        guard let session = HTTP2Session(serving: self, limits: limits) else { return }
        link = HTTP2Link(
            stream,
            session,
            through: worker.outputs,
            writeNanoseconds: worker.snapshot.deadlines.write
        )
    }

    /// Serves the connection to its end, or until it has been idle for a while: then it returns until when the client
    /// may stay silent, and wants to be called again, then or when the client does not.
    ///
    /// - Parameter received: what has been read of it already.
    func serve(_ received: [UInt8]) async -> Instant? {
        guard let link else { return nil }
        sleepsUntil = nil
        if unsafe received.withUnsafeBytes({ unsafe link.take(ByteView($0)) }) {
            while sleepsUntil == nil, await serveMore(link) {}
        }
        if sleepsUntil == nil { await end(link) }
        return sleepsUntil
    }

    private func end(_ link: HTTP2Link) async {
        isOver = true
        await link.end()
        // Requests in flight notice that their streams are gone; the connection counts until they have.
        let lastTaskEnded = Waiter()
        self.lastTaskEnded = lastTaskEnded
        while taskCount > 0 { _ = await reactor.wait(for: lastTaskEnded, until: .distantFuture) }
        self.link = nil
        dropSpare()
    }

    private func serveMore(_ link: HTTP2Link) async -> Bool {
        switch await link.receive(until: deadline(of: link)) {
        case .bytes:
            patience = Self.leastPatience
            return true
        case .end: return false
        case .nothingInTime: break
        }
        if link.isEnding { return false }
        if link.frameSince == nil {
            if taskCount > 0 {
                patience = min(patience * 2, Self.mostPatience)
                return true
            }
            if idleEnd > reactor.now {
                if spare.isEmpty { rest(link) } else { dropSpare() }
                return true
            }
        }
        link.session.terminate(link.frameSince == nil ? .noError : .protocolError)
        link.wakeWriter()
        return true
    }

    /// A frame, or a header block, has to be complete in the time a head has; a connection without requests may idle
    /// for as long as one of HTTP/1 may.
    private func deadline(of link: HTTP2Link) -> Instant {
        let deadlines = worker.snapshot.deadlines
        if let since = link.frameSince { return since.advanced(byNanoseconds: deadlines.head) }
        // Looked at again soon: requests may have ended by then, or what an idle connection need not keep.
        if taskCount > 0 { return reactor.now.advanced(by: patience) }
        // Former streams are let go of soon: what thousands of newcomers hold leaves holes in the heap.
        if !spare.isEmpty { return min(idleEnd, idleSince.advanced(by: Self.leastPatience)) }
        return min(idleEnd, idleSince.advanced(byNanoseconds: Self.restlessNanoseconds))
    }

    /// Until when the client may stay silent, unless it has requests under way.
    private var idleEnd: Instant {
        idleSince.advanced(byNanoseconds: worker.snapshot.deadlines.keepAlive)
    }

    /// Gives back what an idle connection need not keep, to begin with the task that waits.
    private func rest(_ link: HTTP2Link) {
        sleepsUntil = idleEnd
        dropSpare()
        link.rest()
    }

    /// Whether requests are being served.
    var isBusy: Bool { taskCount > 0 }

    /// Serves the requests that have come and takes no more.
    func beginDraining() {
        guard let link, !link.session.isTerminated else { return }
        link.session.announceEnd()
        link.wakeWriter()
        reactor.spawn(with: self) { connection in
            await connection.reactor.sleep(for: Self.goodbye)
            connection.withSession { $0.refuseFurther() }
        }
    }

    // MARK: Streams

    func openStream() -> HTTP2Stream? {
        // Counted by tasks, not by streams: a stream that was reset may leave its work behind for a while.
        guard taskCount < limits.streamCount, !isOver else { return nil }
        return spare.popLast() ?? HTTP2Exchange(on: self)
    }

    func receivedHead(of stream: HTTP2Stream) { start(stream, refusing: nil) }

    func refusedHead(of stream: HTTP2Stream, _ error: HeadError) {
        start(stream, refusing: .client(.badHead(error)))
    }

    private func start(_ stream: HTTP2Stream, refusing failure: Failure?) {
        guard let exchange = stream as? HTTP2Exchange else { return }
        taskCount += 1
        requestCount += 1
        exchange.start(refusing: failure)
        let limit = worker.snapshot.configuration.limits.requestsPerConnection
        if requestCount == limit { beginDraining() }
    }

    func closed(_ stream: HTTP2Stream) {
        guard let exchange = stream as? HTTP2Exchange, !exchange.isRunning else { return }
        recycle(exchange)
    }

    /// A request has been served.
    ///
    /// - Returns: whether there may be another one for the object.
    func finished(_ exchange: HTTP2Exchange) -> Bool {
        taskCount -= 1
        let isSpare = exchange.closeCode != nil && !exchange.isInSession && recycle(exchange)
        if taskCount == 0 {
            idleSince = reactor.now
            lastTaskEnded?.wake(.ready)
        }
        return isSpare
    }

    /// False if there are enough of them.
    @discardableResult
    private func recycle(_ exchange: HTTP2Exchange) -> Bool {
        guard spare.count < Self.spareLimit, !isOver else {
            exchange.dismiss()
            return false
        }
        exchange.reset()
        spare.append(exchange)
        return true
    }

    private func dropSpare() {
        for exchange in spare { exchange.dismiss() }
        spare = []
    }

    func withSession(_ body: (HTTP2Session) -> Void) {
        guard let link else { return }
        body(link.session)
        if taskCount == 1 { link.flush() } else { link.frame() }
    }

    /// Tells the session of a head, which leaves with what is sent next.
    func submitHead(_ head: ByteView, of exchange: HTTP2Exchange) {
        _ = link?.session.submitHead(head, on: exchange, hasContent: true)
    }
}

/// The connection that a stream is on, as whoever works on the stream sees it.
protocol HTTP2StreamHost: AnyObject {
    var reactor: Reactor { get }
    /// Lets `body` ask something of the session, if there still is one, and has its frames sent.
    func withSession(_ body: (HTTP2Session) -> Void)
}

extension HTTP2Limits {
    /// What the configuration says about one connection.
    init(_ limits: Configuration.Limits) {
        self.init()
        streamCount = limits.streamCount
        head = HeadLimits(
            requestLineBytes: limits.requestLineBytes,
            headBytes: limits.headBytes,
            fieldCount: limits.fieldCount
        )
    }
}
