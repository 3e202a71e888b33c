import COpenSSL
import Glibc

// What differs from host to host, and the callbacks through which OpenSSL asks for it.
extension TLSServerContext {
    /// Puts a host's own wishes into its context.
    ///
    /// - Parameter admission: what a session must have been made under to be resumed.
    static func apply(_ files: CertificateFiles, _ admission: [UInt8], to context: OpaquePointer)
        throws(TLSContextError)
    {
        let policy = files.policy
        if let ciphers = policy.ciphers {
            guard unsafe SSL_CTX_set_cipher_list(context, ciphers) == 1 else {
                throw TLSContextError(
                    file: nil,
                    message: "no cipher suite among `\(ciphers)`: \(TLSFailure.takeLast())"
                )
            }
        }
        if policy.clientCertificates != .off {
            guard let path = policy.clientAuthorities else {
                throw TLSContextError(
                    file: files.certificate,
                    message: "clients' certificates need authorities that sign them"
                )
            }
            guard unsafe bmh_openssl_ctx_trust_clients(context, path) == 1 else {
                throw TLSContextError(
                    file: path,
                    message: "no CA certificates in PEM form: \(TLSFailure.takeLast())"
                )
            }
        }
        if let path = policy.clientRevocations {
            guard unsafe bmh_openssl_ctx_revoke_clients(context, path) == 1 else {
                throw TLSContextError(
                    file: path,
                    message: "no revocation list in PEM form: \(TLSFailure.takeLast())"
                )
            }
        }
        _ = unsafe SSL_CTX_set_session_id_context(context, admission, UInt32(admission.count))
    }

    /// The whole of a file; nil if it cannot be read, or is longer than any such file should be.
    static func bytes(of path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while bytes.count < 64 << 20 {
            let count = unsafe read(descriptor, &block, block.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += block[..<count]
        }
        return nil
    }

    /// - Parameter this: the unowned pointer to this object with which OpenSSL calls back.
    @unsafe
    func installHostCallbacks(_ context: OpaquePointer, _ this: UnsafeMutableRawPointer) {
        unsafe SSL_CTX_set_client_hello_cb(
            context,
            { ssl, _, this in
                guard let ssl = unsafe ssl, let this = unsafe this else {
                    return SSL_CLIENT_HELLO_ERROR
                }
                return unsafe Unmanaged<TLSServerContext>.fromOpaque(this)._withUnsafeGuaranteedRef {
                    unsafe $0.hear(ssl)
                }
            },
            this
        )
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context) {
            ssl,
            name,
            iv,
            cipher,
            mac,
            encrypts in
            guard let ssl = unsafe ssl, let name = unsafe name, let iv = unsafe iv,
                let cipher = unsafe cipher, let mac = unsafe mac,
                let this = unsafe bmh_openssl_ctx_owner(ssl)
            else { return -1 }
            return unsafe Unmanaged<TLSServerContext>.fromOpaque(this)._withUnsafeGuaranteedRef {
                unsafe $0.useTicketKey(name, iv, cipher, mac, encrypts: encrypts == 1)
            }
        }
        unsafe bmh_openssl_ctx_set_status_callback(
            context,
            { ssl, this in
                guard let ssl = unsafe ssl, let this = unsafe this else {
                    return SSL_TLSEXT_ERR_NOACK
                }
                return unsafe Unmanaged<TLSServerContext>.fromOpaque(this)._withUnsafeGuaranteedRef {
                    unsafe $0.staple(ssl)
                }
            },
            this
        )
    }
}
