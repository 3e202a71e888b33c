import HTTP
import Transport

/// Something that went wrong while a request was served: what, whose fault, and whether to try again.
///
/// A refusal (blocked, limited, queued) is not a failure but a `Response`.
struct Failure: Error {
    /// Whose fault it is.
    enum Party: String, Sendable {
        case client
        case upstream
        case gateway
    }

    /// Whether the same request may be sent again.
    enum Retry: Sendable {
        /// No: the client is gone, or the server may have acted on it.
        case never
        /// The connection was kept from an earlier request and the server closed it: a fresh one may do.
        case onFreshConnection
        /// Nothing of the request reached a server.
        case always
    }

    /// What went wrong; `Failure+Response.swift` says which status each becomes.
    enum Kind: Sendable, Equatable {
        case badHead(HeadError)
        case badContent
        case headTimeout
        case contentTimeout
        case contentTooLarge
        case clientGone
        case ambiguousTarget
        case misdirectedConnect
        case unknownProtocol
        case noRoute
        case misdirectedHost
        case unhealthyUpstream
        case busyUpstream
        case upstreamConnect
        case upstreamConnectTimeout
        case upstreamSendTimeout
        case upstreamResponseTimeout
        case upstreamContentTimeout
        case upstreamClosed
        case upstreamProtocol
        case sessionStore
        case storeLost
        case resources
        case overload
    }

    let kind: Kind
    let party: Party
    var retry = Retry.never
    /// Which server it concerns, for the log and for the error page of a gateway fault.
    var server: String?
    /// What the layer below said.
    var detail: String?

    static func client(_ kind: Kind, detail: String? = nil) -> Failure {
        Failure(kind: kind, party: .client, detail: detail)
    }

    static func gateway(_ kind: Kind, detail: String? = nil) -> Failure {
        Failure(kind: kind, party: .gateway, detail: detail)
    }

    static func upstream(
        _ kind: Kind,
        _ server: String? = nil,
        retry: Retry = .never,
        detail: String? = nil
    ) -> Failure {
        Failure(kind: kind, party: .upstream, retry: retry, server: server, detail: detail)
    }

    /// Whether a server has said of its own that it did nothing about the request, and others may ask it again.
    var wasRefused: Bool {
        if case .always = retry { kind == .upstreamClosed } else { false }
    }

    /// Whether it may only be the connection that was at fault, kept from an earlier request.
    var mayDoOnFreshConnection: Bool {
        if case .onFreshConnection = retry { true } else { wasRefused }
    }

    /// The failure of a read or write on the client's connection.
    static func onClient(_ error: StreamError, timedOut kind: Kind) -> Failure {
        switch error {
        case .timedOut: .client(kind)
        case .closed, .reset, .tls: .client(.clientGone, detail: error.text)
        }
    }
}

extension StreamError {
    /// What happened, for a log.
    var text: String {
        switch self {
        case .timedOut: "timed out"
        case .closed: "closed"
        case .reset(let code): SystemError(call: "connection", code: code).description
        case .tls(let failure): "TLS: \(failure)"
        }
    }
}
