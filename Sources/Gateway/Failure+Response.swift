import HTTP

extension Failure {
    /// The status that the client sees.
    var status: Int {
        switch kind {
        case .badHead(let error): error.status
        case .badContent, .ambiguousTarget: 400
        case .headTimeout, .contentTimeout: 408
        case .contentTooLarge: 413
        case .clientGone: 499
        case .misdirectedConnect: 405
        case .noRoute: 404
        case .unknownProtocol: 501
        case .misdirectedHost: 421
        case .unhealthyUpstream, .busyUpstream, .storeLost, .sessionStore, .resources, .overload:
            503
        case .upstreamConnect, .upstreamClosed, .upstreamProtocol: 502
        case .upstreamConnectTimeout, .upstreamSendTimeout, .upstreamResponseTimeout,
            .upstreamContentTimeout:
            504
        }
    }

    /// The stable word for logs and metrics.
    var reason: String {
        switch kind {
        case .badHead(let error): "bad-head-\(error)"
        case .badContent: "bad-content"
        case .headTimeout: "head-timeout"
        case .contentTimeout: "content-timeout"
        case .contentTooLarge: "content-too-large"
        case .clientGone: "client-gone"
        case .ambiguousTarget: "ambiguous-target"
        case .misdirectedConnect: "connect-refused"
        case .noRoute: "no-route"
        case .unknownProtocol: "unknown-protocol"
        case .misdirectedHost: "misdirected-host"
        case .unhealthyUpstream: "no-healthy-server"
        case .busyUpstream: "upstream-busy"
        case .upstreamConnect: "upstream-connect"
        case .upstreamConnectTimeout: "upstream-connect-timeout"
        case .upstreamSendTimeout: "upstream-send-timeout"
        case .upstreamResponseTimeout: "upstream-response-timeout"
        case .upstreamContentTimeout: "upstream-content-timeout"
        case .upstreamClosed: "upstream-closed"
        case .upstreamProtocol: "upstream-protocol"
        case .sessionStore: "session-store"
        case .storeLost: "store-lost"
        case .resources: "resources"
        case .overload: "overload"
        }
    }

    /// What the visitor is told.
    private var advice: String {
        switch kind {
        case .badHead, .badContent, .ambiguousTarget:
            "The request is not valid HTTP, or could be read in two ways."
        case .headTimeout, .contentTimeout: "The request did not arrive in time."
        case .contentTooLarge: "The request is larger than this site accepts."
        case .clientGone: ""
        case .misdirectedConnect: "This is not a forward proxy."
        case .misdirectedHost: "This connection was made for another site."
        case .unknownProtocol: "This protocol is not spoken here."
        case .noRoute: "There is nothing at this address."
        case .unhealthyUpstream, .busyUpstream, .storeLost, .sessionStore, .resources, .overload:
            "The site is very busy just now. Please try again in a moment."
        case .upstreamConnect, .upstreamClosed, .upstreamProtocol:
            "A server behind this site did not answer properly."
        case .upstreamConnectTimeout, .upstreamSendTimeout, .upstreamResponseTimeout,
            .upstreamContentTimeout:
            "A server behind this site did not answer in time."
        }
    }

    /// The answer for the client. Framing that is in doubt closes the connection.
    func response(for exchange: Exchange) -> Response {
        var response = Page.answer(status: status, reason: reason, text: advice, for: exchange)
        response.closesConnection = party == .client && kind != .noRoute || kind == .overload
        if status == 503 { response.fields.append(("retry-after", "5")) }
        return response
    }
}
