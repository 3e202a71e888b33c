/// A stream that we opened to a server: what comes back on it is a response.
open class HTTP2ResponseStream: HTTP2Stream {
    public let head: ResponseHead
    private var method = Method.get
    /// Whether the final head is there, beyond interim ones.
    public var hasResponse: Bool { hasHead }
    /// Interim heads (1xx) that have come before it and were not yet taken, in their order.
    public private(set) var interimHeads: [ResponseHead] = []
    private var interimCount = 0
    /// Interim responses to one request; a server that sends more is out of its mind.
    public static let interimLimit = 16

    override var openingBlock: HeaderBlockReader.Kind { .response }
    override var isInterim: Bool { head.isInterim }

    public init() {
        head = ResponseHead()
        super.init(fields: head.fields)
    }

    override func complete(_ reader: HeaderBlockReader, endsStream: Bool)
        throws(HeaderBlockFault)
    {
        try head.complete(reader, endsStream: endsStream, to: method)
        guard !head.isInterim else { return try keepInterim() }
        if case .length(let length) = head.framing { declaredBytes = length }
        if head.framing == .none { declaredBytes = 0 }
    }

    /// The next head stands where this one does.
    private func keepInterim() throws(HeaderBlockFault) {
        interimCount += 1
        guard interimCount <= Self.interimLimit else { throw .malformed }
        interimHeads.append(head.copy())
    }

    public func takeInterimHeads() -> [ResponseHead] {
        defer { interimHeads = [] }
        return interimHeads
    }

    /// The method of the request, which decides what may follow the head.
    public func expect(responseTo method: Method) { self.method = method }
}
