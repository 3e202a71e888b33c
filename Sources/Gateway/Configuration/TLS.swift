extension Configuration {
    /// Certificates and protocol versions of every TLS listener.
    struct TLS: Sendable, Equatable {
        /// Certificates, chosen by the name a client asks for; the first is the default one. Default none, which means
        /// the development certificate under `certs/`.
        var certificates: [Certificate] = []
        /// Oldest protocol version that is accepted: `1.2` or `1.3`. Default 1.2.
        var minimumVersion = TLSVersion.v12
        /// Whether clients may resume a session by ticket, which spares them a full handshake. Default true.
        var sessionTickets = true
    }

    /// A certificate chain with its private key.
    struct Certificate: Sendable, Equatable {
        /// PEM file with the certificate, followed by the intermediates. Required.
        var certificate: String
        /// PEM file with the private key. Required.
        var key: String
    }

    /// A TLS protocol version.
    enum TLSVersion: String, Sendable, CaseIterable {
        case v12 = "1.2"
        case v13 = "1.3"
    }
}
