import COpenSSL

/// How this side, as a TLS client, verifies servers. Immutable, shared by workers.
@safe public final class TLSClientContext: Sendable {
    /// OpenSSL's contexts are shared between threads by design.
    nonisolated(unsafe) private let context: OpaquePointer

    /// A context that trusts the system's authorities, or those in `authorities` alone.
    ///
    /// - Parameter authorities: a PEM file of CA certificates.
    /// - Throws: `TLSContextError` if the file cannot be read.
    public init(authorities: String? = nil) throws(TLSContextError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw TLSContextError(file: nil, message: "OpenSSL has no memory")
        }
        unsafe self.context = context
        unsafe bmh_openssl_ctx_set_options(context, 1)
        _ = unsafe bmh_openssl_ctx_set_min_version(context, TLSVersion.v12.code)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let authorities {
            guard unsafe SSL_CTX_load_verify_locations(context, authorities, nil) == 1 else {
                throw TLSContextError(
                    file: authorities,
                    message: "no CA certificates in PEM form: \(TLSFailure.takeLast())"
                )
            }
        } else {
            _ = unsafe SSL_CTX_set_default_verify_paths(context)
        }
    }

    deinit { unsafe SSL_CTX_free(context) }

    func makeSession(on socket: Socket) -> TLSSession? {
        unsafe TLSSession(context: context, owner: self, socket: socket, isServer: false)
    }
}
