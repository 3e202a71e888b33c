import HTTP
import Synchronization
import Transport

/// One client connection: handshake, then whichever version of HTTP the client speaks, until either side has enough.
/// Confined to its worker.
///
/// What requests need stands in `HTTP1Connection` or `HTTP2Connection`, so that a connection that sleeps holds no more
/// than its socket and its TLS session.
final class Connection {
    private let worker: Worker
    private let stream: ByteStream
    private let listener: Configuration.Listener
    private var peer: Peer
    private var place: ConnectionLimit.Place
    private let isFromForwarder: Bool
    /// Whether all that comes before the first request is done.
    private var isOpened = false
    /// Requests served before the connection slept.
    private var servedCount = 0
    /// Until when the connection, which has been idle for a while, needs no task.
    private var sleepsUntil: Instant?
    private var http1: HTTP1Connection?
    private var http2: HTTP2Connection?

    init(
        _ stream: ByteStream,
        from address: SocketAddress,
        at listener: Configuration.Listener,
        place: consuming ConnectionLimit.Place,
        worker: Worker
    ) {
        self.stream = stream
        self.listener = listener
        self.worker = worker
        self.place = place
        peer = Peer(stream, loggedAddresses: worker.snapshot.configuration.log.addresses)
        if case .ip(let address, let port) = address {
            isFromForwarder = worker.snapshot.clientAddress.trusts(address)
            peer.address = address
            peer.port = port
        } else {
            isFromForwarder = true
        }
    }

    /// The client as limits count it.
    var client: ClientPrefix { ClientPrefix(peer.address) }

    /// For how long the client has given no sign while the connection waits for it; nil if it waits for something else.
    var silenceNanoseconds: UInt64? {
        http1?.isTunnel == true || http2?.isBusy == true ? nil : stream.silenceNanoseconds
    }

    /// Serves the connection to its end, or until it has been idle for a while: then it returns until when the client
    /// may stay silent, and may want to be called again.
    func serve() async -> Instant? {
        sleepsUntil = nil
        if !isOpened { isOpened = await open() }
        if isOpened { await serveRequests() }
        if sleepsUntil == nil { close() }
        return sleepsUntil
    }

    private func serveRequests() async {
        if http2 != nil || stream.tls?.isHTTP2 == true { return await serveHTTP2([]) }
        let http1 = HTTP1Connection(
            stream,
            at: listener,
            peer: peer,
            served: servedCount,
            worker: worker
        )
        self.http1 = http1
        if servedCount == 0, !listener.tls, await http1.receivesPreface() {
            self.http1 = nil
            return await serveHTTP2(http1.takeReceived())
        }
        sleepsUntil = await http1.serve()
        servedCount = http1.requestCount
        self.http1 = nil
    }

    private func serveHTTP2(_ received: [UInt8]) async {
        let http2 = http2 ?? beginHTTP2()
        sleepsUntil = await http2.serve(received)
        if sleepsUntil == nil { self.http2 = nil }
    }

    private func beginHTTP2() -> HTTP2Connection {
        let http2 = HTTP2Connection(stream, at: listener, peer: peer, worker: worker)
        self.http2 = http2
        if worker.isDraining { http2.beginDraining() }
        return http2
    }

    /// Whether a connection that slept is to be served again: the client has said something, or is told of its end,
    /// for which HTTP/2 has words.
    func goesOn(after wake: Wake) -> Bool {
        switch wake {
        case .ready: true
        case .timedOut, .closed: http2 != nil
        }
    }

    /// Starts a task with this connection when the client says something, or has been silent until the deadline.
    func sleep(
        until deadline: Instant,
        _ body: @escaping @Sendable (Connection, Wake) async -> Void
    ) {
        stream.whenReadable(until: deadline, with: self, body)
    }

    /// Takes no more requests: an idle connection ends now, another one after what it is about.
    ///
    /// - Parameter keepsIdle: whether one more request is waited for, which may be on its way.
    func beginDraining(keepsIdle: Bool = false) {
        if let http2 {
            http2.beginDraining()
        } else if http1?.isIdle == true || sleepsUntil != nil, !keepsIdle {
            close()
        }
    }

    /// Ends the connection; a waiting `serve` returns.
    func close() { stream.close() }

    // MARK: Opening

    private func open() async -> Bool {
        if listener.proxyProtocol, await !readProxyHeader() { return false }
        if listener.tls, await !handshake() { return false }
        peer.tls = stream.tls
        peer.fingerprint = unsafe ByteView(stream.fingerprint)
        return true
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
        peer.address = address
        peer.port = port
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
}
