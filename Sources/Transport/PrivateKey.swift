import COpenSSL
import Glibc

/// A private key with its public half.
///
/// Not sendable: it is made and used on one thread and given up.
@safe public final class PrivateKey {
    let pointer: OpaquePointer

    /// The key of an unencrypted PEM file.
    public init(path: String) throws(CertificateError) {
        let bytes = try PEMText.read(path)
        // The callback gives no password, so that an encrypted key is refused instead of asking on the terminal.
        let read = unsafe PEMText.withReader(bytes) {
            unsafe PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in 0 }, nil)
        }
        guard let read = unsafe read else { throw .notAPrivateKey(path) }
        unsafe pointer = read
    }

    private init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// A new key on the curve P-256.
    static func p256() throws(CertificateError) -> PrivateKey {
        guard let key = unsafe bmh_openssl_generate_p256() else { throw .library("key generation") }
        return unsafe PrivateKey(owning: key)
    }

    /// The PKCS #8 PEM text, without a passphrase.
    var pem: String {
        unsafe PEMText.write { bio in
            unsafe PEM_write_bio_PrivateKey(bio, pointer, nil, nil, 0, nil, nil)
        }
    }
}

extension PEMText {
    /// The text of a file of keys or certificates, at most 1 MiB.
    static func read(_ path: String) throws(CertificateError) -> [UInt8] {
        let sizeLimit = 1 << 20
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(SystemError.last(path).description) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw .file(SystemError.last(path).description) }
            guard count > 0 else { return bytes }
            bytes += piece.prefix(count)
            guard bytes.count <= sizeLimit else { throw .file("\(path): larger than 1 MiB") }
        }
    }

    /// Gives the text to the body as a BIO to read from.
    static func withReader(_ bytes: [UInt8], _ body: (OpaquePointer) -> OpaquePointer?)
        -> OpaquePointer?
    {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let count = Int32(exactly: buffer.count),
                let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, count)
            else { return nil }
            defer { unsafe BIO_free(bio) }
            return unsafe body(bio)
        }
    }
}
