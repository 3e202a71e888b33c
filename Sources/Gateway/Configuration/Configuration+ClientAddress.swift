import Transport

extension Configuration {
    /// How the address of the client is found when other proxies stand in front of the gateway.
    struct ClientAddress: Sendable, Equatable {
        /// Networks of the proxies that are believed. The client is the rightmost address in the header that is not in
        /// one of them. Default none: the header is ignored and removed.
        var trusted: [IPPrefix] = []
        /// The field those proxies write: `x-forwarded-for`, beside `x-forwarded-proto`, or `forwarded` (RFC
        /// 7239). Default x-forwarded-for.
        var header = ForwardingHeader.xForwardedFor
    }

    /// The request field that names the client.
    enum ForwardingHeader: String, Sendable, CaseIterable {
        case xForwardedFor = "x-forwarded-for"
        case forwarded
    }
}
