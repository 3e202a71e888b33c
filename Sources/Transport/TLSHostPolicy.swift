/// What one host asks of its clients, beyond what the whole server does.
public struct TLSHostPolicy: Sendable, Hashable {
    /// Whether clients show a certificate.
    public enum ClientCertificates: Sendable, Hashable {
        case off
        /// Whoever shows one must show a valid one.
        case optional
        case required
    }

    /// The oldest version for this host; nil for the server's.
    public var minimumVersion: TLSVersion?
    /// Cipher suites of TLS 1.2 in OpenSSL's notation; nil for the server's.
    public var ciphers: String?
    public var clientCertificates = ClientCertificates.off
    /// PEM file of the authorities that sign clients' certificates.
    public var clientAuthorities: String?
    /// PEM file with the list of revoked certificates of those authorities.
    public var clientRevocations: String?
    /// File with the OCSP response to staple, in DER form.
    public var staple: String?

    public init() {}

    /// The terms under which clients are let in, as a digest. A session must have been made under the same ones to be
    /// resumed, a connection to carry requests: one host's is worth nothing at another that asks for more, and none
    /// outlives a change of who is let in.
    func admission(certificate: String) -> [UInt8] {
        let parts: [String] = [
            "\(clientCertificates)", "\(minimumVersion.map { "\($0)" } ?? "")", ciphers ?? "",
            clientCertificates == .off ? "" : certificate,
        ]
        let texts = Array(parts.joined(separator: "\n").utf8) + [0]
        return Digest.sha256(
            texts + Self.fingerprint(clientAuthorities) + Self.fingerprint(clientRevocations)
        )
    }

    /// A digest of what stands in the file; of what cannot be read, one that no other equals.
    private static func fingerprint(_ path: String?) -> [UInt8] {
        guard let path else { return Digest.sha256([]) }
        guard let bytes = TLSServerContext.bytes(of: path) else { return Digest.randomBytes(32) }
        return Digest.sha256(bytes)
    }
}

/// Who the client proved to be.
public struct ClientCertificate: Sendable, Equatable {
    /// The certificate in DER form, in Base64.
    public let base64: String
    /// The subject in the form of RFC 2253.
    public let subject: String
}
