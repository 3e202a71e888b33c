/// One stream of an HTTP/2 connection: a request and its response.
///
/// The session fills what has arrived and takes what is to be sent; a subclass tells whoever waits. Confined to the
/// thread of its session, which keeps it alive until the stream is closed.
open class HTTP2Stream {
    /// The identifier; 0 before the stream is opened.
    public internal(set) var id: Int32 = 0
    /// Content that has arrived and was not yet consumed.
    public let received = ContentQueue()
    /// Whether the peer has sent everything, as much as its head declares.
    public internal(set) var isRemoteEnded = false
    /// The fields behind the content, if there were any.
    public internal(set) var trailers: FieldSection?
    /// Why the stream is closed; nil while it is open.
    public internal(set) var closeCode: HTTP2ErrorCode?
    /// Whether the session still knows the stream, closed or not.
    public internal(set) var isInSession = false
    /// Whether all that was handed over for sending, up to the end of the message, is in frames.
    public internal(set) var isLocalEnded = false

    /// Where the fields of the block go that opens the peer's side.
    let fields: FieldSection
    /// Whether that block is complete.
    var hasHead = false
    var wasResetByPeer = false
    /// The content's length as its head declares it.
    var declaredBytes: Int?
    var arrivedBytes = 0
    /// Bytes of the fields that the head holds, for the connection's account.
    var headBytes = 0
    /// What is to be sent next; somebody else's, who waits until all of it is in frames.
    private(set) var pending = ByteView.empty
    private(set) var pendingIsLast = false
    private(set) var pendingTrailers: FieldSection?
    /// Which of the trailers go out.
    private(set) var passesTrailer: (FieldSection, Int) -> Bool = { _, _ in true }
    /// Whether the session waits for `resume` before it asks for content again.
    var isDeferred = false

    init(fields: FieldSection) { self.fields = fields }

    /// Takes in a complete header block of the kind that opens this side of the stream.
    ///
    /// - Throws: why the message cannot be used.
    func complete(_ reader: HeaderBlockReader, endsStream: Bool) throws(HeaderBlockFault) {
        throw .malformed
    }

    /// Whether the head just read only precedes the final one (1xx).
    var isInterim: Bool { false }

    /// What kind of block opens the peer's side.
    var openingBlock: HeaderBlockReader.Kind { .request }

    /// Content has arrived, or the end of the message.
    open func noticeReceived() {}

    /// Everything handed over is in frames.
    open func noticeSent() {}

    /// The stream is closed; `closeCode` says why.
    open func noticeClosed() {}

    /// Whether anything handed over is not yet in frames.
    public var hasPending: Bool { !pending.isEmpty || pendingIsLast && !isLocalEnded }

    func setPending(
        _ bytes: ByteView,
        isLast: Bool,
        trailers: FieldSection?,
        where passes: @escaping (FieldSection, Int) -> Bool
    ) {
        passesTrailer = passes
        pending = bytes
        pendingIsLast = isLast
        pendingTrailers = trailers.flatMap { $0.count > 0 ? $0 : nil }
    }

    func takePending(_ length: Int) { pending = pending.dropFirst(length) }

    /// Forgets what was handed over, whose owner does not wait any more.
    public func dropPending() {
        pending = .empty
        pendingIsLast = false
        pendingTrailers = nil
    }

    /// Makes the object ready for another stream.
    public func reset() {
        id = 0
        received.removeAll()
        isRemoteEnded = false
        trailers = nil
        closeCode = nil
        isLocalEnded = false
        hasHead = false
        isInSession = false
        wasResetByPeer = false
        declaredBytes = nil
        arrivedBytes = 0
        headBytes = 0
        isDeferred = false
        dropPending()
    }
}

/// A stream that a client opened: its head is a request.
open class HTTP2RequestStream: HTTP2Stream {
    public let head: RequestHead

    public init(head: RequestHead) {
        self.head = head
        super.init(fields: head.fields)
    }

    override func complete(_ reader: HeaderBlockReader, endsStream: Bool)
        throws(HeaderBlockFault)
    {
        try head.complete(reader, endsStream: endsStream)
        if case .length(let length) = head.framing { declaredBytes = length }
    }

    open override func reset() {
        super.reset()
        head.reset()
    }
}
