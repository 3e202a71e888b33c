import COpenSSL
import Glibc

/// An X.509 certificate.
///
/// Not sendable: it is made and asked on one thread and given up.
@safe public final class Certificate {
    private let pointer: OpaquePointer

    /// The first certificate of a PEM file.
    public init(path: String) throws(CertificateError) {
        let bytes = try PEMText.read(path)
        let read = unsafe PEMText.withReader(bytes) {
            unsafe PEM_read_bio_X509($0, nil, { _, _, _, _ in 0 }, nil)
        }
        guard let read = unsafe read else { throw .notACertificate(path) }
        unsafe pointer = read
    }

    /// A new certificate, signed by the issuer or, without one, by its own key.
    init(
        subject: String,
        key: PrivateKey,
        validityDays: Int,
        issuer: (certificate: Certificate, key: PrivateKey)?,
        extensions: [(nid: Int32, value: String)]
    ) throws(CertificateError) {
        guard let made = unsafe X509_new() else { throw .library("new certificate") }
        unsafe pointer = made
        try setFixedFields(validityDays: validityDays)
        let name = unsafe X509_get_subject_name(made)
        let isNamed =
            unsafe X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, -1, -1, 0) == 1
        let issuerName =
            unsafe issuer.map { unsafe X509_get_subject_name($0.certificate.pointer) } ?? name
        guard isNamed, unsafe X509_set_issuer_name(made, issuerName) == 1,
            unsafe X509_set_pubkey(made, key.pointer) == 1
        else { throw .library("certificate fields") }
        for (nid, value) in extensions { try add(nid, value, issuer: issuer?.certificate ?? self) }
        guard unsafe X509_sign(made, (issuer?.key ?? key).pointer, EVP_sha256()) > 0 else {
            throw .library("signature")
        }
    }

    deinit { unsafe X509_free(pointer) }

    /// Whole days until it expires, negative afterwards; nil if its time cannot be read.
    public var daysLeft: Int? {
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(pointer)) == 1 else {
            return nil
        }
        return Int(days) - (seconds < 0 ? 1 : 0)
    }

    /// When it expires, in seconds since 1970; nil if its time cannot be read.
    public var expiresAt: Int? {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(X509_get0_notAfter(pointer), &parts) == 1 else { return nil }
        return unsafe timegm(&parts)
    }

    /// Whether the private key is the one of this certificate.
    public func belongs(to key: PrivateKey) -> Bool {
        unsafe X509_check_private_key(pointer, key.pointer) == 1
    }

    /// Whether it carries this very name or address; a wildcard is carried as such.
    public func carries(_ name: String) -> Bool {
        if IPAddress(name) != nil { return unsafe X509_check_ip_asc(pointer, name, 0) == 1 }
        return unsafe CertificateNames.of(pointer).contains(name.lowercased())
    }

    func isSigned(by issuer: Certificate) -> Bool {
        unsafe X509_verify(pointer, X509_get0_pubkey(issuer.pointer)) == 1
    }

    var pem: String { unsafe PEMText.write { bio in unsafe PEM_write_bio_X509(bio, pointer) } }

    /// Version 3, a random serial number of 127 bits and the validity from an hour ago, for clocks that run behind.
    private func setFixedFields(validityDays: Int) throws(CertificateError) {
        guard let number = unsafe BN_bin2bn(Digest.randomBytes(16), 16, nil) else {
            throw .library("serial number")
        }
        defer { unsafe BN_free(number) }
        unsafe BN_clear_bit(number, 127)
        guard unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil,
            unsafe X509_set_version(pointer, 2) == 1,
            unsafe X509_gmtime_adj(X509_getm_notBefore(pointer), -3600) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(pointer), validityDays * 86_400) != nil
        else { throw .library("certificate validity") }
    }

    private func add(_ nid: Int32, _ value: String, issuer: Certificate) throws(CertificateError) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let part = unsafe X509V3_EXT_conf_nid(nil, &context, nid, value) else {
            throw .library("extension \(value)")
        }
        defer { unsafe X509_EXTENSION_free(part) }
        guard unsafe X509_add_ext(pointer, part, -1) == 1 else {
            throw .library("extension \(value)")
        }
    }

    /// Whether the text can be a subject alternative name: an address or a host name, with `*.` in front or not.
    static func isName(_ text: String) -> Bool {
        if text.utf8.count <= 45, !text.utf8.contains(0), IPAddress(text) != nil { return true }
        let host = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        return (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
    }
}
