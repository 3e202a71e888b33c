/// Why a certificate or key could not be made, read or used.
public enum CertificateError: Error, Sendable, Equatable {
    /// A file cannot be read or written; the text says which and why.
    case file(String)
    /// The file holds no certificate in PEM.
    case notACertificate(String)
    /// The file holds no private key in PEM, or an encrypted one.
    case notAPrivateKey(String)
    /// The private key is not the one of the certificate.
    case keyMismatch
    /// A name that cannot stand in a certificate.
    case badName(String)
    /// OpenSSL refused the named step.
    case library(String)
}

extension CertificateError: CustomStringConvertible {
    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .file(let text): text
        case .notACertificate(let path): "\(path) holds no certificate in PEM"
        case .notAPrivateKey(let path): "\(path) holds no private key in PEM, or an encrypted one"
        case .keyMismatch: "the private key does not belong to the certificate"
        case .badName(let name): "`\(name)` is no host name or address"
        case .library(let step): "OpenSSL failed: \(step)"
        }
    }
}
