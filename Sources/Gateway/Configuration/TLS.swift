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
        /// Oldest protocol version for the names of this certificate. Default null: `tls.minimum_version`.
        var minimumVersion: TLSVersion?
        /// Cipher suites of TLS 1.2 for them, in OpenSSL's notation. Default null: the AEAD suites with ECDHE.
        var ciphers: String?
        /// Whether their clients show a certificate: `off`, `optional` or `required`. Servers learn it by `Client-Cert`
        /// (RFC 9440). Default off.
        var clientCertificates = ClientCertificates.off
        /// PEM file with the authorities that sign clients' certificates. Required unless these are off.
        var clientAuthorities: String?
        /// PEM file with the authorities' revocation list. Default null: nothing is revoked.
        var clientRevocations: String?
        /// File with the OCSP response to staple, in DER form; read again with every reload. Default null: none.
        var staple: String?
    }

    /// Whether clients show a certificate.
    enum ClientCertificates: String, Sendable, CaseIterable {
        case off
        case optional
        case required
    }

    /// A TLS protocol version.
    enum TLSVersion: String, Sendable, CaseIterable {
        case v12 = "1.2"
        case v13 = "1.3"
    }
}
