import COpenSSL
import Glibc

/// A private key with its public half.
///
/// Not sendable: it is made and used on one thread and given up.
@safe public final class PrivateKey {
    let pointer: OpaquePointer

    /// The key of an unencrypted PEM file.
    public init(path: String) throws(CertificateError) {
        let bytes = try contents(of: path)
        // The callback gives no password, so that an encrypted key is refused instead of asking on the terminal.
        let read = unsafe withMemoryBIO(bytes) { unsafe PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in 0 }, nil) }
        guard let read = unsafe read else { throw .notAPrivateKey(path) }
        unsafe pointer = read
    }

    private init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// A new key on the curve P-256.
    static func p256() throws(CertificateError) -> PrivateKey {
        unsafe try generate(EVP_PKEY_EC) { unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid($0, NID_X9_62_prime256v1) }
    }

    /// A new Ed25519 key.
    static func ed25519() throws(CertificateError) -> PrivateKey {
        unsafe try generate(EVP_PKEY_ED25519) { _ in 1 }
    }

    private static func generate(
        _ kind: Int32, _ configure: (OpaquePointer) -> Int32
    ) throws(CertificateError) -> PrivateKey {
        guard let context = unsafe EVP_PKEY_CTX_new_id(kind, nil) else { throw .library("key context") }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe configure(context) == 1,
            unsafe EVP_PKEY_keygen(context, &key) == 1, let made = unsafe key
        else { throw .library("key generation") }
        return unsafe PrivateKey(owning: made)
    }

    var pem: [UInt8] {
        get throws(CertificateError) {
            unsafe try written { unsafe PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
        }
    }

    var publicPEM: [UInt8] {
        get throws(CertificateError) {
            unsafe try written { unsafe PEM_write_bio_PUBKEY($0, pointer) }
        }
    }
}

/// What the body writes to a memory BIO.
func written(_ body: (OpaquePointer) -> Int32) throws(CertificateError) -> [UInt8] {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .library("memory BIO") }
    defer { unsafe BIO_free(bio) }
    guard unsafe body(bio) == 1 else { throw .library("PEM writing") }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1024)
    while true {
        let count = unsafe BIO_read(bio, &piece, 1024)
        guard count > 0 else { return bytes }
        bytes += piece.prefix(Int(count))
    }
}

/// Gives the bytes to the body as a BIO to read from.
func withMemoryBIO(_ bytes: [UInt8], _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
    unsafe bytes.withUnsafeBytes { buffer in
        guard let count = Int32(exactly: buffer.count), let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, count) else {
            return nil
        }
        defer { unsafe BIO_free(bio) }
        return unsafe body(bio)
    }
}

/// The bytes of a small file: a key or a chain of certificates.
func contents(of path: String) throws(CertificateError) -> [UInt8] {
    let sizeLimit = 1 << 20
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path, reason: lastErrorText()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while true {
        let count = unsafe read(descriptor, &piece, piece.count)
        guard count >= 0 else { throw .file(path, reason: lastErrorText()) }
        guard count > 0 else { return bytes }
        bytes += piece.prefix(count)
        guard bytes.count <= sizeLimit else { throw .file(path, reason: "larger than 1 MiB") }
    }
}

/// What errno says, as text.
func lastErrorText() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}
