import HTTP
import Transport

/// One HTTP/2 connection to a server, which many requests of a worker share. Confined to its worker.
final class UpstreamSession: HTTP2SessionOwner, HTTP2StreamHost {
    let reactor: Reactor
    private var link: HTTP2Link?
    /// Requests whose streams are in use.
    private(set) var streamCount = 0
    /// Requests sent so far.
    private(set) var requestCount = 0
    private var idleSince: Instant
    private let upstream: Upstream
    private var isOver = false
    private var isRetired = false

    /// - Parameter outputs: lends buffers for frames on their way out.
    init(_ stream: ByteStream, _ upstream: Upstream, through outputs: OutputPool) {
        reactor = stream.reactor
        self.upstream = upstream
        idleSince = stream.reactor.now
        guard let session = HTTP2Session(asking: self, limits: Self.limits) else {
            stream.close()
            isOver = true
            return
        }
        let link = HTTP2Link(
            stream,
            session,
            through: outputs,
            writeNanoseconds: upstream.sendNanoseconds
        )
        self.link = link
        link.wakeWriter()
        reactor.spawn(with: (self, link)) { session, link in await session.read(link) }
    }

    private static var limits: HTTP2Limits {
        var limits = HTTP2Limits()
        limits.head = HeadLimits(headBytes: 64 * 1024, fieldCount: 200)
        // As much as all streams together may hold, so that a slow client holds up nobody but itself.
        limits.contentBytes = 16 << 20
        return limits
    }

    /// Whether further requests may be sent, now or when others have ended.
    var isOpen: Bool {
        guard let link, !isOver, !isRetired, !link.isEnding else { return false }
        return !link.session.isPeerGoingAway
            && requestCount < upstream.configuration.requestsPerConnection
    }

    /// Whether another request may be sent.
    var hasRoom: Bool {
        guard isOpen, let link else { return false }
        return streamCount < min(Self.limits.streamCount, link.session.peerStreamLimit)
    }

    /// Whether nobody uses it, and nobody will.
    func isStale(at now: Instant) -> Bool {
        guard streamCount == 0 else { return false }
        return !hasRoom || now.nanoseconds(since: idleSince) >= upstream.idleNanoseconds
    }

    /// Whether the connection is gone.
    var isGone: Bool { isOver }

    private func read(_ link: HTTP2Link) async {
        loop: while true {
            let deadline = reactor.now.advanced(byNanoseconds: upstream.idleNanoseconds)
            switch await link.receive(until: deadline) {
            case .bytes: continue
            case .end: break loop
            case .nothingInTime:
                if link.isEnding { break loop }
                // Its pool does so as well, but may be that of a configuration of before, which nobody sweeps.
                if isStale(at: reactor.now) { close() }
            }
        }
        isOver = true
        await link.end()
        self.link = nil
    }

    /// Says goodbye; the connection ends with its last request.
    func close() {
        isRetired = true
        guard let link, streamCount == 0 else { return }
        link.session.terminate(.noError)
        link.wakeWriter()
    }

    // MARK: Streams

    /// Sends the head of a request, which stands as text in the form of HTTP/1.1; nil if the connection is gone.
    func open(
        _ head: ByteView,
        isSecure: Bool,
        method: Method,
        hasContent: Bool
    ) -> UpstreamStream? {
        guard let link, !isOver else { return nil }
        let stream = UpstreamStream(on: self)
        stream.expect(responseTo: method)
        let isOpen = link.session.submitRequest(
            head,
            scheme: isSecure ? "https" : "http",
            on: stream,
            hasContent: hasContent
        )
        guard isOpen else { return nil }
        streamCount += 1
        requestCount += 1
        link.wakeWriter()
        return stream
    }

    func release() {
        streamCount -= 1
        guard streamCount == 0 else { return }
        idleSince = reactor.now
        if isRetired { close() }
    }

    /// No server opens streams.
    func openStream() -> HTTP2Stream? { nil }

    func receivedHead(of stream: HTTP2Stream) { (stream as? UpstreamStream)?.noticeHead() }

    /// A response's head is good or malformed: no status can refuse it.
    func refusedHead(of stream: HTTP2Stream, _ error: HeadError) {}

    func closed(_ stream: HTTP2Stream) {}

    func withSession(_ body: (HTTP2Session) -> Void) {
        guard let link else { return }
        body(link.session)
        link.wakeWriter()
    }
}

/// A request on a stream to a server, and its response.
final class UpstreamStream: HTTP2ResponseStream, UpstreamMessage {
    private let session: UpstreamSession
    var reactor: Reactor { session.reactor }
    private let headArrival = Waiter()
    private lazy var content = StreamContent(of: self, on: session)
    private lazy var outlet = StreamOutlet(of: self, on: session)
    private(set) lazy var body = MessageBody(source: content, party: .upstream)
    private var isReleased = false

    init(on session: UpstreamSession) {
        self.session = session
        super.init()
    }

    /// Sends content, and with the last of it the end of the request.
    func send(
        _ piece: ByteView,
        isLast: Bool,
        trailers: FieldSection? = nil,
        until deadline: Instant
    ) async throws(StreamError) {
        try await outlet.send(
            piece,
            isLast: isLast,
            trailers: trailers,
            where: RequestWriter.passesTrailer,
            until: deadline
        )
    }

    /// Sends no more content than is in frames, or has been announced in one; what was handed over is its
    /// owner's again.
    func stopSending() {
        takeBack()
        outlet.notice(.ready)
    }

    /// Waits for the head of the response, and for `patience` once the request is sent.
    ///
    /// - Parameters:
    ///   - upload: sends the content; what goes wrong there ends the wait.
    ///   - exchange: passes on every interim head (1xx), with which the server is waited for anew.
    func waitForHead(
        behind upload: Upload?,
        patience: UInt64,
        for exchange: Exchange? = nil
    ) async throws(Failure) {
        var start = session.reactor.now
        let client = exchange?.ownStream
        defer { client?.alsoWake(nil) }
        while true {
            if hasInterim(behind: upload) {
                await pass(to: exchange?.sendInterim, behind: upload)
                if exchange != nil { start = session.reactor.now }
            }
            if hasResponse { return }
            if client?.isGone == true { throw .client(.clientGone) }
            if let failure = upload?.failure { throw failure }
            guard closeCode == nil else { throw failure }
            let isSending = upload?.isRunning == true
            // Whoever sends what the client says notices its end as well.
            client?.alsoWake(isSending ? nil : headArrival)
            let since = isSending ? Instant.distantFuture : max(start, upload?.endedAt ?? start)
            let wake = await session.reactor.wait(
                for: headArrival,
                until: isSending ? since : since.advanced(byNanoseconds: patience)
            ) {
                hasResponse || closeCode != nil || isSending && upload?.isRunning == false
                    || hasInterim(behind: upload)
            }
            guard wake == .timedOut else { continue }
            // The server may be gone without a word: whoever comes next tries a connection of its own.
            session.close()
            throw .upstream(.upstreamResponseTimeout)
        }
    }

    /// Passes on interim heads, not while an upload may write to the client itself, to ask for the content.
    private func pass(to interim: ((ResponseHead) async -> Void)?, behind upload: Upload?) async {
        while hasInterim(behind: upload) {
            for head in takeInterimHeads() { await interim?(head) }
        }
    }

    private func hasInterim(behind upload: Upload?) -> Bool {
        !interimHeads.isEmpty && upload?.mayWrite != true
    }

    /// Waits until the content is sent, or the server has shown that it wants no more of it: by all of its response, or
    /// by one that is no success.
    func waitForEnd(of upload: Upload) async {
        while upload.isRunning, !isRemoteEnded, closeCode == nil, head.status < 300 {
            _ = await session.reactor.wait(for: headArrival, until: .distantFuture) {
                !upload.isRunning || isRemoteEnded || closeCode != nil
            }
        }
    }

    /// Why there is no response. A stream that the server did not take, by its own word, may go elsewhere whatever its
    /// method.
    var failure: Failure {
        let code = closeCode ?? .cancel
        let detail = "stream ended: \(code)"
        switch code {
        case .protocolError: return .upstream(.upstreamProtocol, detail: detail)
        case .refusedStream: return .upstream(.upstreamClosed, retry: .always, detail: detail)
        default: return .upstream(.upstreamClosed, retry: .onFreshConnection, detail: detail)
        }
    }

    func noticeHead() { headArrival.wake(.ready) }

    func noticeUploadEnded() { headArrival.wake(.ready) }

    override func noticeReceived() {
        content.notice(.ready)
        if isRemoteEnded { headArrival.wake(.ready) }
    }

    override func noticeSent() { outlet.notice(.ready) }

    override func noticeClosed() {
        headArrival.wake(.closed)
        content.notice(.closed)
        outlet.notice(.closed)
    }

    /// Who lent the stream.
    var lender: (pool: UpstreamPool, server: UpstreamPool.Server)?

    /// The session finds the end by itself.
    var contentFraming: Framing { head.framing == .none ? .none : .untilClose }

    func release(isComplete: Bool) {
        guard !isReleased else { return }
        isReleased = true
        if let lender { lender.pool.giveBack(lender.server) }
        if closeCode == nil, !(isRemoteEnded && isLocalEnded) {
            session.withSession { $0.reset(self, isRemoteEnded ? .noError : .cancel) }
        }
        session.release()
    }

    func abandon(by exchange: Exchange) { release(isComplete: false) }
}
