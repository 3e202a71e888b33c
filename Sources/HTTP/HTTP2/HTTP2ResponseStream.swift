/// A stream that we opened to a server: what comes back on it is a response.
open class HTTP2ResponseStream: HTTP2Stream {
    public let head: ResponseHead
    private var method = Method.get
    /// Whether the final head is there, beyond interim ones.
    public var hasResponse: Bool { hasHead }

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
        if case .length(let length) = head.framing { declaredBytes = length }
        if head.framing == .none, !head.isInterim { declaredBytes = 0 }
    }

    /// The method of the request, which decides what may follow the head.
    public func expect(responseTo method: Method) { self.method = method }
}
