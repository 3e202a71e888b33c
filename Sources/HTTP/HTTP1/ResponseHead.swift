/// The head of one response of an upstream: version, status, reason, fields, framing and connection.
///
/// One object serves all responses of a connection. Its views live until the parser reads the next head into it, or
/// until it is reset or released.
public final class ResponseHead {
    public let fields = FieldSection()
    /// The status code, 100 to 999.
    public internal(set) final var status = 0
    public internal(set) final var version = HTTPVersion.http11
    public internal(set) final var framing = Framing.none
    /// Whether the connection may serve another exchange.
    public internal(set) final var keepAlive = false
    /// Whether the peer has switched to the protocol in its `Upgrade` field, or opened a tunnel (status 101, or 2xx to CONNECT).
    public internal(set) final var isTunnel = false
    @usableFromInline final var reasonPlace = 0..<0

    public init() {}

    /// The reason phrase as received; often empty.
    @inlinable
    public var reason: ByteView { fields.view(reasonPlace.lowerBound, reasonPlace.count) }

    /// Whether another, final head follows for the same request.
    @inlinable
    public var isInterim: Bool { status < 200 && status != 101 }

    /// The value of the first field of this name.
    @inlinable
    public func first(of name: FieldName) -> ByteView? { fields.first(of: name) }

    /// Whether the field at `index` concerns this connection alone and must not be forwarded.
    @inlinable
    public func isHopByHop(_ index: Int) -> Bool { fields.isHopByHop(index) }

    /// Forgets the response and keeps the storage for the next one.
    public func reset() {
        fields.removeAll()
        status = 0
        version = .http11
        framing = .none
        keepAlive = false
        isTunnel = false
        reasonPlace = 0..<0
    }

    /// Forgets the response and gives the storage back, for a connection that goes idle.
    public func release() {
        reset()
        fields.release()
    }
}
