/// The head of one request: method, target, version, fields, and what they say about framing and connection.
///
/// One object serves all requests of a connection. Its views live until the parser reads the next head into it, or
/// until it is reset or released.
@safe
public final class RequestHead {
    public let fields = FieldSection()
    // Behind a pointer, since each access to a stored property of a class is checked for exclusiveness at run time.
    private let box: UnsafeMutablePointer<RequestFacts>

    public init() {
        unsafe box = .allocate(capacity: 1)
        unsafe box.initialize(to: RequestFacts())
    }

    deinit {
        unsafe box.deallocate()
    }

    var facts: RequestFacts {
        @inline(__always) get { unsafe box.pointee }
        @inline(__always) set { unsafe box.pointee = newValue }
    }

    public var method: Method { facts.method }

    /// The method as received.
    public var methodName: ByteView { fields.table.view(facts.methodPlace) }

    public var version: HTTPVersion { facts.version }

    /// How the length of the content is known; never `.untilClose`.
    public var framing: Framing { facts.framing }

    /// Whether the client lets the connection stay open after this exchange.
    public var keepAlive: Bool { facts.keepAlive }

    /// Whether the client waits for `100 Continue` before it sends the content.
    public var expectsContinue: Bool { facts.expectsContinue }

    /// The protocols asked for, when the client may switch: `Upgrade`, if `Connection` lists it too, or an
    /// extended CONNECT of HTTP/2; not in HTTP/1.0.
    public var upgrade: ByteView? { facts.asksForUpgrade ? fields.first(of: .upgrade) : nil }

    /// Whether the upgrade was asked for by an extended CONNECT of HTTP/2 (RFC 8441).
    public var isExtendedConnect: Bool { facts.isExtendedConnect }

    /// The target in the one form that every stage uses.
    public var target: Target { Target(facts.target, in: fields.table) }

    /// Host and port, from the target or else from `Host`; empty only in HTTP/1.0.
    public var authority: ByteView {
        if facts.port == nil { return host }
        if !facts.target.authority.isEmpty { return fields.table.view(facts.target.authority) }
        return fields.first(of: .host) ?? .empty
    }

    /// The host without the port, as received; an IPv6 address keeps its brackets. Empty only in HTTP/1.0.
    public var host: ByteView { fields.table.view(facts.hostPlace) }

    /// The port in the authority, 1 to 65535; nil when it names none.
    public var port: UInt16? { facts.port }

    /// How many more servers may pass an OPTIONS on (RFC 9110 section 7.6.2); nil for any number, and for other
    /// methods.
    public var forwardsLeft: Int? {
        method == .options ? fields.only(.maxForwards)?.decimal : nil
    }

    /// The value of the first field of this name.
    public func first(of name: FieldName) -> ByteView? { fields.first(of: name) }

    /// Number of fields of this name.
    public func count(of name: FieldName) -> Int { fields.count(of: name) }

    /// Whether the field at `index` concerns this connection alone and must not be forwarded.
    public func isHopByHop(_ index: Int) -> Bool { fields.isHopByHop(index) }

    /// Forgets the request and keeps the storage for the next one.
    public func reset() {
        fields.removeAll()
        facts = RequestFacts()
    }
}
