/// The head of one response of an upstream: version, status, reason, fields, framing and connection.
///
/// One object serves all responses of a connection. Its views live until the parser reads the next head into it, or
/// until it is reset or released.
@safe
public final class ResponseHead {
    public let fields = FieldSection()
    // Behind a pointer, since each access to a stored property of a class is checked for exclusiveness at run time.
    private let box: UnsafeMutablePointer<ResponseFacts>

    public init() {
        unsafe box = .allocate(capacity: 1)
        unsafe box.initialize(to: ResponseFacts())
    }

    deinit {
        unsafe box.deallocate()
    }

    var facts: ResponseFacts {
        @inline(__always) get { unsafe box.pointee }
        @inline(__always) set { unsafe box.pointee = newValue }
    }

    /// The status code, 100 to 599.
    public var status: Int { facts.status }

    /// The reason phrase as received; often empty.
    public var reason: ByteView { fields.table.view(facts.reasonPlace) }

    public var version: HTTPVersion { facts.version }

    /// How the length of the content is known.
    public var framing: Framing { facts.framing }

    /// Whether the connection may serve another exchange once the content has been read.
    public var keepAlive: Bool { facts.keepAlive }

    /// Whether the connection carries another protocol from here on: status 101, or 2xx to CONNECT.
    public var isTunnel: Bool { facts.isTunnel }

    /// Whether another head follows for the same request: 1xx but 101.
    public var isInterim: Bool { facts.status < 200 && facts.status != 101 }

    /// The value of the first field of this name.
    public func first(of name: FieldName) -> ByteView? { fields.first(of: name) }

    /// Number of fields of this name.
    public func count(of name: FieldName) -> Int { fields.count(of: name) }

    /// Whether the field at `index` concerns this connection alone and must not be forwarded.
    public func isHopByHop(_ index: Int) -> Bool { fields.isHopByHop(index) }

    /// Forgets the response and keeps the storage for the next one.
    public func reset() {
        fields.removeAll()
        facts = ResponseFacts()
    }

    /// Forgets the response and gives the storage back, for a connection that goes idle.
    public func release() {
        fields.release()
        facts = ResponseFacts()
    }
}
