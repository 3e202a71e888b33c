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
    /// How many of these bytes a frame has been announced for that is not written yet; nil without one.
    private var plannedBytes: Int?
    /// The content of such a frame whose owner has taken it back.
    private var kept: Kept?
    /// Whether the session waits for `resume` before it asks for content again.
    var isDeferred = false

    private struct Kept {
        let bytes: [UInt8]
        let isWhole: Bool
        let isLast: Bool
    }

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

    /// A frame with the first bytes of what is to be sent has been announced.
    func plan(_ length: Int) { plannedBytes = length }

    /// Has the content of the announced frame written, and says whether that was all that was handed over.
    ///
    /// - Returns: nil if it is gone, since the stream was reset meanwhile.
    func writePlanned(_ length: Int, to output: OutputBuffer, behind header: ByteView) -> Bool? {
        plannedBytes = nil
        if let kept {
            self.kept = nil
            output.append(header)
            output.append(kept.bytes)
            if kept.isLast { isLocalEnded = true }
            return kept.isWhole
        }
        guard pending.count >= length else { return nil }
        output.append(header)
        output.append(pending.prefix(length))
        pending = pending.dropFirst(length)
        guard pending.isEmpty else { return false }
        if pendingIsLast { isLocalEnded = true }
        noticeSent()
        return true
    }

    /// Gives what was handed over back to its owner, who may change it from now on. Of a frame that has been announced
    /// the content is kept as a copy, since the peer would take whatever follows for it.
    ///
    /// - Returns: how many of the bytes, from the last one, will not be sent.
    @discardableResult
    public func takeBack() -> Int {
        defer { dropPending() }
        guard let plannedBytes, plannedBytes <= pending.count else { return pending.count }
        let isWhole = plannedBytes == pending.count
        kept = Kept(
            bytes: pending.prefix(plannedBytes).bytes,
            isWhole: isWhole,
            isLast: isWhole && pendingIsLast
        )
        return pending.count - plannedBytes
    }

    /// Forgets what was handed over, whose owner does not wait any more.
    func dropPending() {
        pending = .empty
        pendingIsLast = false
        pendingTrailers = nil
        plannedBytes = nil
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
        kept = nil
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
