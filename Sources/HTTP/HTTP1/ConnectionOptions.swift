/// What the `Connection` fields of a head say (RFC 9110 section 7.6.1).
struct ConnectionOptions {
    private(set) var close = false
    private(set) var keepAlive = false
    private(set) var upgrade = false

    /// Options one head may list; each is compared with each field, so their number is bounded.
    static let limit = 64

    /// Reads the options and marks every field that is meant for this connection alone.
    ///
    /// Who lists `Host` or a framing field would have it dropped on the way, so that is an error. So it is for a client
    /// to list any other field that it sends and that is known to be meant for the server: whatever decides
    /// here by such a field (rules, cache, sessions) would decide by what the server never sees. Fields with
    /// names that are not known are there for nobody once they are listed.
    init(reading fields: FieldTable, ofRequest isRequest: Bool) throws(HeadError) {
        var count = 0
        var start = 0
        while let index = fields.firstIndex(of: .connection, from: start) {
            start = index &+ 1
            let value = fields.value(index)
            if value.equalsIgnoringCase("keep-alive") {
                keepAlive = true
                continue
            }
            var elements = ListElements(value)
            while let element = elements.next() {
                count &+= 1
                guard count <= Self.limit, element.allSatisfy(.token) else {
                    throw .badConnectionOptions
                }
                try read(element, in: fields, isRequest)
            }
        }
    }

    private mutating func read(_ option: ByteView, in fields: FieldTable, _ isRequest: Bool)
        throws(HeadError)
    {
        if option.equalsIgnoringCase("close") {
            close = true
        } else if option.equalsIgnoringCase("keep-alive") {
            keepAlive = true
        } else if option.equalsIgnoringCase("upgrade") {
            upgrade = true
        } else {
            let name = FieldName(recognising: option)
            switch name {
            case .host, .contentLength, .transferEncoding: throw .badConnectionOptions
            // RFC 2616 still counted `Trailer` among what concerns one connection.
            case .other, .trailer: break
            default:
                guard !isRequest || name.isHopByHop || !fields.seen.contains(name) else {
                    throw .badConnectionOptions
                }
            }
            var start = 0
            while let index = fields.firstIndex(named: option, from: start) {
                fields.markHopByHop(index)
                start = index + 1
            }
        }
    }

    /// Whether the connection may serve another exchange.
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        version != .http10 ? !close : keepAlive && !close
    }
}

extension FieldName {
    /// Whether fields of this name concern one connection alone, listed in `Connection` or not.
    public var isHopByHop: Bool {
        switch self {
        case .connection, .proxyConnection, .keepAlive, .te, .transferEncoding, .upgrade,
            .http2Settings,
            .proxyAuthenticate, .proxyAuthorization:
            true
        default: false
        }
    }
}
