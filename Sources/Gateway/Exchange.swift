import HTTP
import Locations
import Rules
import Transport

/// One request in flight: what the client sent, what the stages learnt about it, and what the log will say.
///
/// One object serves all requests of a connection, one after the other. Confined to its worker.
final class Exchange {
    let head: RequestHead
    let body: MessageBody

    /// The address at the other end of the connection.
    let peer: IPAddress
    let peerText: String
    let peerPort: UInt16
    /// The address of the client itself, which is the peer's unless a trusted forwarder says otherwise.
    var client = IPAddress(v4: 0)
    /// How much of addresses the logs may tell.
    let loggedAddresses: Configuration.LogAddresses
    /// The peer's address as logs tell it.
    var loggedPeer: String {
        loggedAddresses == .full ? peerText : peer.shortened(loggedAddresses)
    }
    /// The client's address as logs tell it.
    var loggedClient: String {
        loggedAddresses == .full ? clientText : client.shortened(loggedAddresses)
    }
    /// The client's address as text.
    var clientText: String { client == peer ? peerText : client.description }
    /// The country of the client's address; nil if it is not known, or nobody keeps a database of countries.
    var country: CountryCode?
    /// Whether the client speaks TLS, to us or to the trusted forwarder in front.
    var isSecure = false
    /// The JA4 fingerprint of the client's TLS; empty without TLS. Valid as long as the connection.
    let fingerprint: ByteView
    /// What TLS agreed on, on this connection.
    let tls: ByteStream.TLSDetails?

    private(set) var id = RequestID(high: 0, low: 0)
    private(set) var startedAt = Instant(nanoseconds: 0)
    /// What the matching route says; nil until the router has seen the request, or if no route matches.
    var route: Route?
    /// Who the visitor is; nil while nobody asked, or for an anonymous visitor.
    var session: Session?
    /// The signed statement about the visitor for the upstream.
    var assertion: String?
    /// The signed statement that the request came through a waiting room, for the upstream.
    var admission: String?
    /// The waiting room's session, if the request goes through one.
    var roomSession: SessionID?
    /// From when that session counts anew; 0 if the request did not renew it.
    var roomRenewedAt: Int64 = 0
    /// Why the cache let the request go to the upstream, and when.
    var forwarding: ResponseCache.Forwarding?
    var requestedAt = 0
    /// Whether the answer carries something of this visitor alone, so that no cache on the way may keep it.
    var isPersonal = false
    /// Whether cookies of waiting rooms are kept from the upstream.
    var hidesRoomCookies = false
    /// The rules' view of the exchange, while they look at it.
    var transaction: Transaction?
    /// Whether the rules may want to read the answer's content.
    var isAnswerReadByRules: Bool { transaction?.mayReadResponseBody == true }
    /// The part of the content that the rules have read, which the upstream gets first.
    let inspectedBody = OutputBuffer(limitBytes: .max)
    /// The values of a repeated field as one, for the rules.
    let joinedValues = OutputBuffer(limitBytes: 64 << 10)
    /// Fields that stages add to whatever response there will be.
    let addedFields = AddedFields()
    /// The hold on the server that works on this exchange.
    var work: (any UpstreamMessage)?
    /// The content on its way to a server by a task of its own.
    var upload: Upload?
    /// The connection that the client is on.
    let stream: ByteStream?
    /// The client's connection if it is for this exchange alone for as long as that lasts; nil over HTTP/2.
    var ownStream: ByteStream? { head.version == .http2 ? nil : stream }
    /// Whether this is the first request of its connection.
    var isNewcomer = false
    /// Whether the connection is a WebSocket's from here on.
    var isTunnel = false
    /// Passes an interim response (1xx) on to the client, if its connection can.
    var sendInterim: ((ResponseHead) async -> Void)?
    /// Whether the client gave the request up, so that nobody needs the answer.
    private(set) var isAbandoned = false
    /// The connection's stay in a waiting room, where the answer is put off until something happens; nil without one.
    var parking: ParkedConnections.Stay?
    /// Whether the answer is put off no longer, since the client wants the connection's place for another.
    var isHurried: Bool { parking?.isHurried == true }
    /// Whether limits that count responses have seen its response.
    var isSettled = false
    /// What happened on the way, for the access log.
    var trace = ExchangeTrace()

    init(head: RequestHead, body: MessageBody, peer: Peer) {
        self.head = head
        self.body = body
        self.peer = peer.address
        peerText = peer.address.description
        peerPort = peer.port
        tls = peer.tls
        stream = peer.stream
        fingerprint = peer.fingerprint
        loggedAddresses = peer.loggedAddresses
    }

    /// Makes the object ready for the request that `head` holds now.
    func begin(id: RequestID, at moment: Instant) {
        self.id = id
        startedAt = moment
        client = peer
        country = nil
        isSecure = tls != nil
        route = nil
        session = nil
        assertion = nil
        admission = nil
        roomSession = nil
        roomRenewedAt = 0
        isPersonal = false
        hidesRoomCookies = false
        forwarding = nil
        if !inspectedBody.isEmpty { inspectedBody.removeAll() }
        addedFields.removeAll()
        trace = ExchangeTrace()
        work = nil
        upload = nil
        isAbandoned = false
        parking = nil
        isSettled = false
    }

    /// Ends what a server does for a client that has given the request up.
    func abandon() {
        isAbandoned = true
        work?.abandon(by: self)
    }

    /// What failed first: a server is not to blame for content that its client broke off.
    func cause(of failure: Failure) -> Failure {
        if let own = upload?.failure, own.party == .client { own } else { failure }
    }

    /// The id as 32 hexadecimal digits: the reference on error pages, `X-Request-ID` to the upstream,
    /// `http.request.id` in logs.
    var requestID: String { id.text }

    /// Whether a program rather than a person will read the answer.
    var prefersJSON: Bool {
        Negotiation(head.fields).prefersJSON
    }
}

extension IPAddress {
    /// What may be told: a network that many share, or nothing.
    fileprivate func shortened(_ rule: Configuration.LogAddresses) -> String {
        switch rule {
        case .full: return description
        case .prefix:
            let kept = isIPv6 ? 6 : 3
            return IPAddress(
                octets: bytes.prefix(kept) + [UInt8](repeating: 0, count: bytes.count - kept)
            ).description
        case .off: return "-"
        }
    }
}

/// Who is at the other end of a connection, as every exchange on it knows them.
struct Peer {
    var address = IPAddress(v4: 0)
    var port: UInt16 = 0
    let loggedAddresses: Configuration.LogAddresses
    /// The JA4 fingerprint of the client's TLS; empty without TLS. Valid as long as the stream.
    var fingerprint = ByteView.empty
    /// What TLS agreed on.
    var tls: ByteStream.TLSDetails?
    let stream: ByteStream?

    init(_ stream: ByteStream?, loggedAddresses: Configuration.LogAddresses = .full) {
        self.stream = stream
        self.loggedAddresses = loggedAddresses
    }
}

/// What happened to an exchange, beyond its head and its response.
struct ExchangeTrace {
    /// The server that answered, or was tried last.
    var server: ServerState?
    /// Servers tried.
    var attempts = 0
    /// Whether the connection to the server had served other requests before.
    var reusedConnection = false
    /// From the first attempt to the server's response head, in nanoseconds.
    var upstreamNanoseconds: UInt64 = 0
    /// Whether a part of the response is on its way, so that no other can be sent.
    var hasAnswered = false
    /// Bytes of content sent to the client.
    var sentBytes = 0
    /// Why the gateway refused or failed; a stable word.
    var reason: String?
    /// What the cache did: the text of `Cache-Status` without the cache's name.
    var cacheStatus: StaticString?
    /// What the layer below said about a failure.
    var detail: String?
}

/// An identifier that no other request of any worker has.
struct RequestID: Sendable {
    let high: UInt64
    let low: UInt64

    /// Appends 32 hexadecimal digits.
    func append(to output: OutputBuffer) {
        output.append(paddedHex: high)
        output.append(paddedHex: low)
    }

    /// 32 hexadecimal digits.
    var text: String { String(high, radix: 16) + String(low, radix: 16) }
}

/// Makes request ids: a random number per worker and a counter mixed with it, both with their top bit set so that
/// each has sixteen digits.
struct RequestIDSource {
    private let high: UInt64
    private let mask: UInt64
    private var counter: UInt64 = 0

    init() {
        high = UInt64.random(in: .min ... .max) | 1 << 63
        mask = UInt64.random(in: .min ... .max)
    }

    mutating func next() -> RequestID {
        counter &+= 1
        return RequestID(high: high, low: (counter &* 0x9E37_79B9_7F4A_7C15 ^ mask) | 1 << 63)
    }
}
