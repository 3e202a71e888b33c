import CNghttp2

/// What a session tells the connection that it serves.
public protocol HTTP2SessionOwner: AnyObject {
    /// The object for a stream that the peer opens; nil refuses it.
    func openStream() -> HTTP2Stream?
    /// The stream's head is complete.
    func receivedHead(of stream: HTTP2Stream)
    /// The stream's head was read and cannot be used.
    func refusedHead(of stream: HTTP2Stream, _ error: HeadError)
    /// The stream is closed and leaves the session.
    func closed(_ stream: HTTP2Stream)
}

/// What a session announces and holds to.
public struct HTTP2Limits: Sendable {
    /// Streams open at a time.
    public var streamCount = 100
    /// What one head may have.
    public var head = HeadLimits()
    /// Bytes of heads that all open streams hold together, beyond which further streams are refused.
    public var allHeadBytes = 256 << 10
    /// Content in flight, and so held at most, of all streams together; of one it is 65,535 bytes.
    public var contentBytes: Int32 = 256 << 10

    public init() {}
}

/// One HTTP/2 connection as a function over bytes: bytes in, events and bytes out.
///
/// nghttp2 keeps frames, header compression, windows and states; this class judges every frame before it and every
/// header block after it. Confined to one thread. Neither `receive` nor `fill` may be called from an event.
@safe
public final class HTTP2Session {
    /// What a client sends first (RFC 9113 section 3.4).
    public static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    let limits: HTTP2Limits
    unowned let owner: any HTTP2SessionOwner
    let isServer: Bool
    var session: OpaquePointer?
    private let memory = FrameMemory()
    var streams: [Int32: HTTP2Stream] = [:]
    /// The stream whose header block is being read.
    var current: HTTP2Stream?
    /// Reads it; kept for the next one until the session rests.
    var block: HeaderBlockReader?
    var scanner: FrameScanner
    var conduct = Conduct()
    var departed = DepartedStreams()
    /// The highest stream that the peer has opened.
    var lastStream: Int32 = 0
    var allHeadBytes = 0
    /// The time of this call.
    var now: UInt64 = 0
    private var isReceiving = false
    /// Where frames go while `fill` runs.
    var output: OutputBuffer?
    var outputLimit = 0
    /// Name and value pairs of the head being sent; kept for the next one until the session rests.
    var nameValues: [nghttp2_nv] = unsafe []

    /// Whether the connection cannot go on; what is left to send says why.
    public private(set) var isTerminated = false
    /// Whether the peer said that it will open no further streams, or that we may not.
    public internal(set) var isPeerGoingAway = false

    /// Bytes of a head that a frame can carry without a copy of it: a full TLS record with its frame header.
    static let frameBytes = 16384 - FrameHeader.byteCount

    /// - Returns: nil if there is no memory.
    public init?(serving owner: any HTTP2SessionOwner, limits: HTTP2Limits) {
        self.owner = owner
        self.limits = limits
        isServer = true
        scanner = FrameScanner(expectsPreface: true)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        var session: OpaquePointer?
        guard unsafe SessionCallbacks.shared.open(&session, this, memory) else { return nil }
        unsafe self.session = session
        submitSettings()
    }

    /// The side of a client, which asks.
    ///
    /// - Returns: nil if there is no memory.
    public init?(asking owner: any HTTP2SessionOwner, limits: HTTP2Limits) {
        self.owner = owner
        self.limits = limits
        isServer = false
        scanner = FrameScanner(expectsPreface: false)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        var session: OpaquePointer?
        guard unsafe SessionCallbacks.shared.openClient(&session, this) else { return nil }
        unsafe self.session = session
        submitClientSettings()
    }

    deinit { unsafe nghttp2_session_del(session) }

    private func submitSettings() {
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: UInt32(clamping: limits.streamCount)
            ),
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: limits.head.headBytes)
            ),
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL.rawValue),
                value: 1
            ),
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue),
                value: 1
            ),
        ]
        _ = unsafe nghttp2_submit_settings(session, 0, &entries, entries.count)
        _ = unsafe nghttp2_session_set_local_window_size(session, 0, 0, limits.contentBytes)
    }

    private func submitClientSettings() {
        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue),
                value: 0
            ),
            nghttp2_settings_entry(
                settings_id: Int32(bitPattern: NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: limits.head.headBytes)
            ),
        ]
        _ = unsafe nghttp2_submit_settings(session, 0, &entries, entries.count)
        _ = unsafe nghttp2_session_set_local_window_size(session, 0, 0, limits.contentBytes)
    }

    /// Gives memory back that is wanted again with the next frame.
    public func rest() {
        unsafe nameValues = []
        if streams.isEmpty { streams = [:] }
        scanner.rest()
        if current == nil { block = nil }
        if unsafe nghttp2_session_want_write(session) == 0 { memory.rest() }
    }

    // MARK: Bytes

    /// Takes in what the peer has sent; events are told on the way.
    ///
    /// - Parameter nanoseconds: the time.
    /// - Returns: false if the connection cannot go on, and there is nothing more to say to the peer.
    public func receive(_ bytes: ByteView, at nanoseconds: UInt64) -> Bool {
        isReceiving = true
        defer { isReceiving = false }
        now = nanoseconds
        var rest = bytes
        while !rest.isEmpty, !isTerminated {
            let step = scanner.step(rest)
            if let frame = step.frame, let code = judge(frame) { return terminate(code) }
            if let (frame, stream) = step.dependency, let code = judge(frame, dependsOn: stream) {
                return terminate(code)
            }
            let count = unsafe rest.prefix(step.length).withUnsafeBytes {
                unsafe nghttp2_session_mem_recv(
                    session,
                    $0.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    $0.count
                )
            }
            // The peer is told, whatever it was that nghttp2 had enough of.
            guard count >= 0 else { return terminate(.enhanceYourCalm) }
            rest = rest.dropFirst(step.length)
        }
        return true
    }

    /// Whether an event is being told: neither `receive` nor `fill` may be called.
    public var isBusy: Bool { isReceiving || output != nil }

    /// Whether a frame has begun and is not complete, or a header block.
    public var isInsideFrame: Bool { scanner.isInsideFrame || current != nil }

    /// How many streams the peer lets us open at a time.
    public var peerStreamLimit: Int {
        Int(
            unsafe nghttp2_session_get_remote_settings(
                session,
                NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS
            )
        )
    }

    /// Whether there are frames to send.
    public var wantsWrite: Bool { unsafe nghttp2_session_want_write(session) != 0 }

    /// Whether neither side has anything more to say.
    public var isFinished: Bool {
        unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Puts frames behind what the buffer holds until it has about `limit` bytes.
    ///
    /// - Returns: false if the connection cannot go on.
    public func fill(_ output: OutputBuffer, limit: Int) -> Bool {
        self.output = output
        outputLimit = limit
        defer { self.output = nil }
        while output.count < limit {
            var start: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &start)
            guard count >= 0 else { return false }
            guard count > 0, let start = unsafe start else { break }
            output.append(unsafe ByteView(start, count: count))
        }
        return !output.isFull
    }

    // MARK: The connection

    /// Says why the connection ends and reads no more.
    @discardableResult
    public func terminate(_ code: HTTP2ErrorCode) -> Bool {
        isTerminated = true
        return unsafe nghttp2_session_terminate_session(session, code.rawValue) == 0
    }

    /// Asks the peer to open no more streams; those on their way are still served.
    public func announceEnd() { _ = unsafe nghttp2_submit_shutdown_notice(session) }

    /// Refuses streams from now on; those that have come are still served.
    public func refuseFurther() {
        _ = unsafe nghttp2_submit_goaway(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            nghttp2_session_get_last_proc_stream_id(session),
            HTTP2ErrorCode.noError.rawValue,
            nil,
            0
        )
    }

    /// Counts what the peer did, and ends the connection if it did that too often.
    func note(_ act: Conduct.Act) {
        guard isServer else { return }
        if conduct.note(act, at: now) { terminate(.enhanceYourCalm) }
    }
}
