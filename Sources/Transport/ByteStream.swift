import CLinux
import Glibc

/// A connection's bytes, plain or through TLS.
///
/// Confined to its reactor's thread. One task may read while another writes; two readers or two writers may not.
public final class ByteStream {
    /// What TLS agreed on.
    public struct TLSDetails: Sendable {
        /// `TLSv1.3` or `TLSv1.2`.
        public let version: String
        /// The cipher suite by its IANA name.
        public let cipher: String
        /// The name that the client asked for, in lower case.
        public let serverName: String?
        /// Whether an earlier session was resumed.
        public let isResumed: Bool
        /// Whether the version is TLS 1.3.
        public let isLatest: Bool
        /// The terms under which the host that the client asked for let it in; empty on a client's side.
        public let admission: [UInt8]
        /// Who the client proved to be; nil for anybody.
        public let client: ClientCertificate?
        /// Whether both sides agreed to speak HTTP/2 (ALPN).
        public let isHTTP2: Bool
    }

    private let socket: Socket
    private var session: TLSSession?

    /// The reactor on whose thread this stream lives.
    public var reactor: Reactor { socket.reactor }
    /// Whether `close` has not been called yet.
    public var isOpen: Bool { socket.isOpen }
    /// Whether the peer has sent the end of its stream or reset the connection, as far as the kernel has told.
    public var peerHasFinished: Bool { socket.peerHasFinished }
    /// Whether nobody is at the other end any more, as far as the kernel has told: one who will send no more may still
    /// listen.
    public var isGone: Bool { socket.isGone }
    /// What TLS agreed on; nil on a plain connection.
    public private(set) var tls: TLSDetails?

    /// For how long the peer has given no sign while a task waits for it; nil if no task does.
    public var silenceNanoseconds: UInt64? {
        guard socket.isOpen, socket.readWaiter.isWaiting || socket.writeWaiter.isWaiting else {
            return nil
        }
        return reactor.now.nanoseconds(since: socket.lastEventAt)
    }

    /// The address of this end; nil if the kernel does not tell.
    public var localAddress: SocketAddress? { ListeningSocket.boundAddress(socket.descriptor) }

    init(_ socket: Socket) {
        self.socket = socket
    }

    deinit { close() }

    // MARK: Opening

    /// Connects to `address`.
    public static func connect(
        to address: SocketAddress,
        on reactor: Reactor,
        until deadline: Instant
    ) async throws(StreamError) -> ByteStream {
        let socket: Socket
        do throws(SystemError) {
            socket = try Socket.connecting(to: address, on: reactor)
        } catch {
            throw .reset(error.code)
        }
        do throws(StreamError) {
            try await socket.waitWritable(until: deadline)
            if let code = socket.takeError() { throw StreamError.reset(code) }
        } catch {
            socket.close()
            throw error
        }
        return ByteStream(socket)
    }

    /// Performs the server's side of a TLS handshake.
    public func acceptTLS(_ context: TLSServerContext, until deadline: Instant)
        async throws(StreamError)
    {
        guard let session = context.makeSession(on: socket) else { throw .reset(ENOMEM) }
        try await handshake(session, until: deadline)
    }

    /// Performs the client's side of a TLS handshake; the server must prove to be `serverName`.
    public func connectTLS(
        _ context: TLSClientContext,
        serverName: String,
        until deadline: Instant
    ) async throws(StreamError) {
        guard let session = context.makeSession(on: socket), session.setServerName(serverName)
        else { throw .reset(ENOMEM) }
        try await handshake(session, until: deadline)
    }

    private func handshake(_ session: TLSSession, until deadline: Instant) async throws(StreamError) {
        while true {
            switch session.handshake() {
            case .bytes:
                self.session = session
                tls = TLSDetails(
                    version: session.version,
                    cipher: session.cipher,
                    serverName: session.serverName,
                    isResumed: session.isResumed,
                    isLatest: session.version == "TLSv1.3",
                    admission: session.admission,
                    client: session.clientCertificate,
                    isHTTP2: session.hasAgreed(on: "h2")
                )
                return
            case .wantsRead:
                session.releaseBuffers()
                try await socket.waitReadable(until: deadline)
            case .wantsWrite: try await socket.waitWritable(until: deadline)
            case .endOfStream: throw .reset(ECONNRESET)
            case .failed(let failure): throw .tls(failure)
            }
        }
    }

    /// The JA4 fingerprint of the client's first message in TLS; empty on a plain connection. Valid as long as the
    /// stream.
    @unsafe
    public var fingerprint: UnsafeRawBufferPointer {
        unsafe session?.fingerprint ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    // MARK: Reading

    /// Returns once a read will bring something, without holding a buffer meanwhile.
    @inline(__always)
    public func waitReadable(until deadline: Instant) async throws(StreamError) {
        if let session, session.hasPending { return }
        try await socket.waitReadable(until: deadline)
    }

    /// Returns once a read will bring something that `dealsWith` does not deal with: it is called for all that comes
    /// meanwhile, reads it, and returns whether that was all there was to do. It may not suspend or close anything.
    public func waitReadable(
        until deadline: Instant,
        unless dealsWith: @escaping () -> Bool
    ) async throws(StreamError) {
        if hasReceived { return }
        socket.readWaiter.dealsWith = dealsWith
        defer { socket.readWaiter.dealsWith = nil }
        try await socket.waitReadable(until: deadline)
    }

    /// Starts a task with `value`, which it keeps until then, when a read will bring something, the deadline has passed
    /// or the stream is closed. An idle connection needs no task meanwhile, which would cost it kilobytes.
    public func whenReadable<Value>(
        until deadline: Instant,
        with value: Value,
        _ body: @escaping @Sendable (Value, Wake) async -> Void
    ) {
        let reactor = reactor
        let start = { (wake: Wake) in
            reactor.spawn(with: (value, wake)) { await body($0.0, $0.1) }
        }
        if !socket.isOpen { return start(.closed) }
        if hasReceived { return start(.ready) }
        reactor.call(socket.readWaiter, until: deadline, start)
    }

    /// Returns once a read of this stream or of `other`, which nobody else may be waiting on, will bring something.
    public func waitReadable(until deadline: Instant, or other: ByteStream)
        async throws(StreamError)
    {
        if other.hasReceived { return }
        try await waitReadable(until: deadline, orSignOf: other)
    }

    /// Returns once a read will bring something, or `other`, which nobody else may be waiting on, gives a further sign:
    /// of bytes, or of its end.
    @inline(__always)
    public func waitReadable(until deadline: Instant, orSignOf other: ByteStream)
        async throws(StreamError)
    {
        if hasReceived { return }
        other.socket.alsoWakes = socket.readWaiter
        defer { other.socket.alsoWakes = nil }
        try await socket.waitReadable(until: deadline)
    }

    /// Lets whoever waits for something to read look again at what it waits for.
    public func wakeReader() { socket.readWaiter.wake(.ready) }

    /// Wakes the waiter, beside whoever reads this stream, when a read will bring something; nil ends that.
    public func alsoWake(_ waiter: Waiter?) { socket.alsoWakes = waiter }

    /// Reads what is there, at least one byte; 0 at the end of the stream.
    ///
    /// - Parameter buffer: not empty, and valid until the call returns.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer,
        until deadline: Instant
    ) async throws(StreamError) -> Int {
        while true {
            if let count = try unsafe readNow(into: buffer) { return count }
            releaseBuffers()
            try await socket.waitReadable(until: deadline)
        }
    }

    /// Reads what is there without waiting: nil if nothing is, 0 at the end of the stream.
    public func readNow(into buffer: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int? {
        guard let base = buffer.baseAddress else { return 0 }
        guard let session else {
            switch unsafe socket.receive(into: base, count: buffer.count) {
            case .bytes(let count): return count
            case .endOfStream: return 0
            case .wouldBlock: return nil
            case .failed(let code): throw .reset(code)
            }
        }
        switch unsafe session.read(into: base, count: buffer.count) {
        case .bytes(let count): return count
        case .endOfStream: return 0
        case .wantsRead, .wantsWrite: return nil
        case .failed(let failure): throw .tls(failure)
        }
    }

    /// Gives back the memory of TLS records, for a stream that is expected to stay silent for a while.
    public func releaseBuffers() { session?.releaseBuffers() }

    /// Whether something can be read right now: bytes, the end of the stream, or an error.
    public var hasReceived: Bool { socket.isReadable || session?.hasPending == true }

    // MARK: Writing

    /// Returns once a write will take something.
    public func waitWritable(until deadline: Instant) async throws(StreamError) {
        try await socket.waitWritable(until: deadline)
    }

    /// Returns once a write will take something, or a read will bring something and `orReadable`.
    public func waitWritable(until deadline: Instant, orReadable: Bool) async throws(StreamError) {
        guard orReadable else { return try await socket.waitWritable(until: deadline) }
        if hasReceived { return }
        socket.alsoWakes = socket.writeWaiter
        defer { socket.alsoWakes = nil }
        try await socket.waitWritable(until: deadline)
    }

    /// Writes all of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: valid until the call returns.
    ///   - more: whether more follows at once, so that the kernel may wait to fill a packet.
    ///   - deadline: when the peer must have taken everything.
    public func write(
        _ bytes: UnsafeRawBufferPointer,
        more: Bool = false,
        until deadline: Instant
    ) async throws(StreamError) {
        var rest = unsafe bytes
        while true {
            let count = try unsafe writeNow(rest, more: more)
            if count == rest.count { return }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if count == 0 || !socket.isWritable { try await socket.waitWritable(until: deadline) }
        }
    }

    /// Writes what the kernel takes without waiting, and returns how much that was.
    ///
    /// After a short write through TLS the next call must begin with the bytes that were left.
    public func writeNow(_ bytes: UnsafeRawBufferPointer, more: Bool = false) throws(StreamError)
        -> Int
    {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        guard let session else {
            switch unsafe socket.send(base, count: bytes.count, more: more) {
            case .bytes(let count): return count
            case .wouldBlock: return 0
            case .endOfStream: throw .reset(EPIPE)
            case .failed(let code): throw .reset(code)
            }
        }
        switch unsafe session.write(base, count: bytes.count) {
        case .bytes(let count): return count
        case .wantsRead, .wantsWrite: return 0
        case .endOfStream: throw .reset(EPIPE)
        case .failed(let failure): throw .tls(failure)
        }
    }

    // MARK: Closing

    /// Tells the peer that nothing more will be sent, and goes on reading.
    public func finishSending() {
        session?.sendCloseNotify()
        socket.finishSending()
    }

    /// Closes so that the peer cannot take what it got for the whole: with a reset, and in TLS without a goodbye.
    public func abort() {
        guard socket.isOpen else { return }
        socket.resetOnClose()
        socket.close()
    }

    /// Closes both directions; whoever waits is woken with `StreamError.closed`. Idempotent.
    public func close() {
        guard socket.isOpen else { return }
        session?.sendCloseNotify()
        socket.close()
    }
}
