extension Configuration {
    /// One address that clients connect to.
    struct Listener: Sendable, Equatable {
        /// Where to listen: `0.0.0.0:8443`, `[::]:8443` or `unix:/path`. Required.
        var address: Address
        /// Whether clients speak TLS here. Default false.
        var tls = false
        /// Whether every connection begins with a PROXY protocol header, version 1 or 2, from a forwarder that
        /// `client_address.trusted` names. Default false.
        var proxyProtocol = false
        /// Whether every request is answered with a redirect to the first TLS listener. Default false.
        var redirectToHTTPS = false
    }
}
