/// The head of one request: method, target, version, fields, and what they say about framing and connection.
///
/// One object serves all requests of a connection. Its views live until the parser reads the next head into it, or
/// until it is reset or released.
public final class RequestHead {
    public let fields = FieldSection()
    public internal(set) final var method = Method.other
    public internal(set) final var version = HTTPVersion.http11
    public internal(set) final var framing = Framing.none
    /// Whether the client lets the connection stay open after this exchange.
    public internal(set) final var keepAlive = true
    /// Whether the client waits for `100 Continue` before it sends the content.
    public internal(set) final var expectsContinue = false
    /// Whether the client asks for the protocol in its `Upgrade` field, and its `Connection` field says so too.
    public internal(set) final var asksForUpgrade = false

    @usableFromInline final var methodPlace = 0..<0
    @usableFromInline final var targetPlaces = TargetPlaces()
    @usableFromInline final var hostPlace = 0..<0
    /// The port in the authority, nil when it names none.
    public internal(set) final var port: UInt16?

    public init() {}

    /// The method as received.
    @inlinable
    public var methodName: ByteView { view(methodPlace) }

    /// The target in the one form that every stage uses.
    @inlinable
    public var target: Target { Target(targetPlaces, of: fields) }

    /// Host and port as received, from `Host` or from the target; empty only in HTTP/1.0.
    public var authority: ByteView {
        if !targetPlaces.authority.isEmpty { return view(targetPlaces.authority) }
        return fields.first(of: .host) ?? .empty
    }

    /// The host without the port, as received; an IPv6 address keeps its brackets. Empty only in HTTP/1.0.
    @inlinable
    public var host: ByteView { view(hostPlace) }

    /// The protocols asked for, when the connection may be upgraded.
    public var upgrade: ByteView? { asksForUpgrade ? fields.first(of: .upgrade) : nil }

    /// The value of the first field of this name.
    @inlinable
    public func first(of name: FieldName) -> ByteView? { fields.first(of: name) }

    /// Number of fields of this name.
    public func count(of name: FieldName) -> Int { fields.count(of: name) }

    /// Whether the field at `index` concerns this connection alone and must not be forwarded.
    @inlinable
    public func isHopByHop(_ index: Int) -> Bool { fields.isHopByHop(index) }

    /// Forgets the request and keeps the storage for the next one.
    public func reset() {
        fields.removeAll()
        method = .other
        version = .http11
        framing = .none
        keepAlive = true
        expectsContinue = false
        asksForUpgrade = false
        methodPlace = 0..<0
        targetPlaces = TargetPlaces()
        hostPlace = 0..<0
        port = nil
    }

    /// Forgets the request and gives the storage back, for a connection that goes idle.
    public func release() {
        reset()
        fields.release()
    }

    @inlinable
    func view(_ place: Range<Int>) -> ByteView {
        fields.view(place.lowerBound, place.upperBound &- place.lowerBound)
    }
}
