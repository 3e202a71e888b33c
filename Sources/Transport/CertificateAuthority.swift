import COpenSSL
import Glibc

/// A certificate authority for development, kept as PEM files in one directory: its own certificate, a server
/// certificate for local names and the secrets that a gateway and its upstreams share. Not for the public.
public struct CertificateAuthority: Sendable {
    /// Where the files lie.
    public let directory: String

    /// Names that every server certificate carries.
    public static let localNames = ["localhost", "*.localhost", "127.0.0.1", "::1"]
    /// Validity of the server certificate; browsers refuse longer ones.
    public static let validityDays = 825
    private static let authorityValidityDays = 3650
    /// A certificate that expires sooner is made anew.
    private static let remainingDaysLimit = 30

    /// The authority in this directory, which is made when it is needed.
    public init(directory: String) {
        self.directory = directory
    }

    /// Certificate of the authority: what clients are told to trust.
    public var authorityPath: String { "\(directory)/ca.pem" }
    /// Certificate of the server.
    public var certificatePath: String { "\(directory)/localhost.pem" }
    /// Private key of the server.
    public var keyPath: String { "\(directory)/localhost.key" }
    /// Ed25519 private key that signs who a visitor is.
    public var assertionKeyPath: String { "\(directory)/assertion.key" }
    /// The public half of it, for the upstreams.
    public var assertionPublicKeyPath: String { "\(directory)/assertion.pub" }
    /// Secret that signs waiting-room tickets: 32 random bytes in hexadecimal.
    public var signingSecretPath: String { "\(directory)/signing.key" }

    private var authorityKeyPath: String { "\(directory)/ca.key" }

    /// Makes what is missing, expires within 30 days or lacks one of the names; returns the paths it wrote.
    public func prepare(names: [String] = []) throws(CertificateError) -> [String] {
        let names = Self.localNames + names.filter { !Self.localNames.contains($0) }
        for name in names where !Certificate.isName(name) { throw .badName(name) }
        if unsafe mkdir(directory, 0o755) != 0, errno != EEXIST {
            throw .file(SystemError.last(directory).description)
        }

        var written: [String] = []
        let authority: (certificate: Certificate, key: PrivateKey)
        if let kept = usable(authorityPath, authorityKeyPath) {
            authority = kept
        } else {
            authority = try makeAuthority()
            written += [authorityPath, authorityKeyPath]
        }
        if !isServerCertificateUsable(names: names, authority: authority.certificate) {
            try makeServerCertificate(names: names, authority: authority)
            written += [certificatePath, keyPath]
        }
        if try makeAssertionKey() { written += [assertionKeyPath, assertionPublicKeyPath] }
        if try makeSigningSecret() { written.append(signingSecretPath) }
        return written
    }

    // MARK: Certificates

    private func usable(_ path: String, _ keyPath: String) -> (
        certificate: Certificate, key: PrivateKey
    )? {
        guard let certificate = try? Certificate(path: path),
            let key = try? PrivateKey(path: keyPath),
            certificate.belongs(to: key), let days = certificate.daysLeft,
            days > Self.remainingDaysLimit
        else { return nil }
        return (certificate, key)
    }

    private func isServerCertificateUsable(names: [String], authority: Certificate) -> Bool {
        guard let (certificate, _) = usable(certificatePath, keyPath) else { return false }
        return certificate.isSigned(by: authority) && names.allSatisfy(certificate.carries)
    }

    private func makeAuthority() throws(CertificateError) -> (
        certificate: Certificate, key: PrivateKey
    ) {
        let key = try PrivateKey.p256()
        let certificate = try Certificate(
            subject: "Haniel development authority",
            key: key,
            validityDays: Self.authorityValidityDays,
            issuer: nil,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ]
        )
        try write(key.pem, to: authorityKeyPath, mode: 0o600)
        try write(certificate.pem, to: authorityPath, mode: 0o644)
        return (certificate, key)
    }

    private func makeServerCertificate(
        names: [String],
        authority: (certificate: Certificate, key: PrivateKey)
    ) throws(CertificateError) {
        let key = try PrivateKey.p256()
        let alternatives = names.map { (IPAddress($0) != nil ? "IP:" : "DNS:") + $0 }.joined(
            separator: ","
        )
        let certificate = try Certificate(
            subject: "localhost",
            key: key,
            validityDays: Self.validityDays,
            issuer: authority,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid"),
                (NID_subject_alt_name, alternatives),
            ]
        )
        try write(key.pem, to: keyPath, mode: 0o600)
        try write(certificate.pem, to: certificatePath, mode: 0o644)
    }

    // MARK: Shared secrets

    private func makeAssertionKey() throws(CertificateError) -> Bool {
        if let text = try? PEMText.read(assertionKeyPath),
            let half = try? PEMText.read(assertionPublicKeyPath),
            let kept = try? Ed25519PrivateKey(pem: String(decoding: text, as: UTF8.self)),
            kept.publicPEM == String(decoding: half, as: UTF8.self)
        {
            return false
        }
        guard let key = Ed25519PrivateKey.generate() else { throw .library("key generation") }
        try write(key.pem, to: assertionKeyPath, mode: 0o600)
        try write(key.publicPEM, to: assertionPublicKeyPath, mode: 0o644)
        return true
    }

    private func makeSigningSecret() throws(CertificateError) -> Bool {
        if let kept = try? PEMText.read(signingSecretPath), kept.count >= 64 { return false }
        let text = Hexadecimal.encode(Digest.randomBytes(32))
        try write(text + "\n", to: signingSecretPath, mode: 0o600)
        return true
    }

    /// Writes beside the file and renames, so that a reader sees the old file or the new one and a key is never
    /// readable by others, not even for a moment.
    private func write(_ text: String, to path: String, mode: mode_t) throws(CertificateError) {
        guard !text.isEmpty else { throw .library("PEM writing") }
        let draft = "\(path).\(getpid()).new"
        _ = unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .file(SystemError.last(draft).description) }
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        let isWritten = count == bytes.count && fchmod(descriptor, mode) == 0
        guard close(descriptor) == 0, isWritten, unsafe rename(draft, path) == 0 else {
            let error = SystemError.last(path)
            _ = unsafe unlink(draft)
            throw .file(error.description)
        }
    }
}
