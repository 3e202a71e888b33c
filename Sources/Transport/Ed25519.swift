import COpenSSL

/// Why a key could not be read.
public struct KeyError: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    public let description: String
}

/// An Ed25519 private key (RFC 8032).
@safe public final class Ed25519PrivateKey: Sendable {
    /// Owned; OpenSSL's keys may be used by several threads at once as long as nobody changes them.
    nonisolated(unsafe) private let key: OpaquePointer

    private init(key: OpaquePointer) {
        unsafe self.key = key
    }

    /// Reads a PKCS #8 private key in PEM form.
    public convenience init(pem: String) throws(KeyError) {
        // The callback gives no password, so that an encrypted key is refused instead of asking on the terminal.
        let key = unsafe PEMText.readEd25519(pem) {
            unsafe PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in 0 }, nil)
        }
        guard let key = unsafe key else {
            throw KeyError(description: "expected an Ed25519 private key in PEM form (PKCS #8)")
        }
        unsafe self.init(key: key)
    }

    /// A fresh key; nil if the system's generator fails.
    public static func generate() -> Ed25519PrivateKey? {
        guard let key = unsafe bmh_openssl_generate_ed25519() else { return nil }
        return unsafe Ed25519PrivateKey(key: key)
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// The 64-byte signature of `message`; nil if OpenSSL refuses.
    public func sign(_ message: [UInt8]) -> [UInt8]? {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var length = signature.count
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1,
            length == 64
        else { return nil }
        return signature
    }

    /// The PKCS #8 PEM text, without a passphrase.
    public var pem: String {
        unsafe PEMText.write { bio in
            unsafe PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil)
        }
    }

    /// The public half as a SubjectPublicKeyInfo PEM text.
    public var publicPEM: String {
        unsafe PEMText.write { bio in unsafe PEM_write_bio_PUBKEY(bio, key) }
    }
}

/// An Ed25519 public key (RFC 8032).
@safe public final class Ed25519PublicKey: Sendable {
    /// Owned; never changed after it was read.
    nonisolated(unsafe) private let key: OpaquePointer

    /// Reads a SubjectPublicKeyInfo in PEM form.
    public init(pem: String) throws(KeyError) {
        guard
            let key = unsafe PEMText.readEd25519(
                pem,
                { unsafe PEM_read_bio_PUBKEY($0, nil, nil, nil) }
            )
        else {
            throw KeyError(description: "expected an Ed25519 public key in PEM form")
        }
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Whether `signature` is this key's owner's signature of `message`.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// Text in PEM form, read and written by OpenSSL.
enum PEMText {
    /// Reads an Ed25519 key; nil if there is none, or one of another kind.
    ///
    /// OpenSSL reads from the bytes in place, so they are held until it has finished: a string handed over as an
    /// argument is gone when the call returns.
    static func readEd25519(_ text: String, _ read: (OpaquePointer) -> OpaquePointer?)
        -> OpaquePointer?
    {
        var text = text
        return text.withUTF8 { bytes in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            else { return nil }
            defer { unsafe BIO_free(bio) }
            guard let key = unsafe read(bio) else { return nil }
            if unsafe EVP_PKEY_get_id(key) == NID_ED25519 { return unsafe key }
            unsafe EVP_PKEY_free(key)
            return nil
        }
    }

    /// Runs `body` with a memory BIO and returns what was written to it; empty if `body` did not return 1.
    static func write(_ body: (OpaquePointer) -> Int32) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(bio) }
        guard unsafe body(bio) == 1 else { return "" }
        var length = 0
        guard let contents = unsafe bmh_openssl_memory_bio_contents(bio, &length) else { return "" }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: contents, count: length),
            as: UTF8.self
        )
    }
}
