import COpenSSL

/// A certificate chain and its key, from PEM files.
public struct CertificateFiles: Sendable, Hashable {
    /// The leaf first, then the intermediates.
    public let certificate: String
    /// The private key, without a passphrase.
    public let key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Why a TLS context could not be built.
public struct TLSContextError: Error, Sendable, CustomStringConvertible {
    /// The file at fault, if one is.
    public let file: String?
    /// What is wrong with it and what to do.
    public let message: String

    public var description: String { file.map { "\($0): \(message)" } ?? message }
}

/// The oldest protocol version that is spoken.
public enum TLSVersion: Sendable {
    case v12
    case v13

    var code: Int32 {
        switch self {
        case .v12: TLS1_2_VERSION
        case .v13: TLS1_3_VERSION
        }
    }
}

/// Keys that encrypt session tickets (RFC 5077). Contexts with the same keys resume each other's sessions.
public struct TicketKeys: Sendable {
    let bytes: [UInt8]

    /// Fresh keys, which live as long as the process.
    public init() {
        bytes = Digest.randomBytes(80)
    }
}

/// What a TLS server shows its clients: certificates by name, protocol versions, ciphers. Immutable, shared by workers.
@safe public final class TLSServerContext: Sendable {
    /// The context of each certificate, the default one first. OpenSSL's contexts are shared between threads by design.
    nonisolated(unsafe) private let contexts: [OpaquePointer]
    private let exactNames: [String: Int]
    private let wildcardNames: [String: Int]
    private let protocols: [UInt8]

    /// Mozilla's intermediate recommendation, without the finite-field suites.
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let suites =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// Loads certificates and keys; the first certificate serves clients that name no host, or an unknown one.
    ///
    /// - Parameters:
    ///   - protocols: what ALPN offers (RFC 7301), preferred first; names of 1 to 255 bytes.
    ///   - tickets: the keys of session tickets; nil switches resumption off.
    /// - Throws: `TLSContextError` for a file that is missing, unreadable or does not match its key.
    public init(
        certificates: [CertificateFiles],
        minimumVersion: TLSVersion = .v12,
        protocols: [String] = ["http/1.1"],
        tickets: TicketKeys?
    ) throws(TLSContextError) {
        guard !certificates.isEmpty else {
            throw TLSContextError(file: nil, message: "no certificate is configured")
        }
        var contexts: [OpaquePointer] = unsafe []
        var exactNames: [String: Int] = [:]
        var wildcardNames: [String: Int] = [:]
        for (index, files) in certificates.enumerated() {
            let context: OpaquePointer
            do throws(TLSContextError) {
                unsafe context = try Self.load(files, minimumVersion, tickets)
            } catch {
                unsafe Self.free(unsafe contexts)
                throw error
            }
            unsafe contexts.append(context)
            for name in unsafe CertificateNames.of(SSL_CTX_get0_certificate(context)) {
                if name.hasPrefix("*.") {
                    let domain = String(name.dropFirst(2))
                    wildcardNames[domain] = wildcardNames[domain] ?? index
                } else {
                    exactNames[name] = exactNames[name] ?? index
                }
            }
        }
        unsafe self.contexts = contexts
        self.exactNames = exactNames
        self.wildcardNames = wildcardNames
        self.protocols = protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
        installCallbacks()
    }

    deinit { unsafe Self.free(unsafe contexts) }

    private static func free(_ contexts: [OpaquePointer]) {
        for index in unsafe contexts.indices { unsafe SSL_CTX_free(contexts[index]) }
    }

    func makeSession(on socket: Socket) -> TLSSession? {
        unsafe TLSSession(context: contexts[0], owner: self, socket: socket, isServer: true)
    }

    private static func load(
        _ files: CertificateFiles,
        _ minimumVersion: TLSVersion,
        _ tickets: TicketKeys?
    ) throws(TLSContextError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw TLSContextError(file: nil, message: "OpenSSL has no memory")
        }
        do throws(TLSContextError) {
            guard unsafe SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1 else {
                throw TLSContextError(
                    file: files.certificate,
                    message: "no certificate in PEM form: \(TLSFailure.takeLast())"
                )
            }
            guard unsafe SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1
            else {
                throw TLSContextError(
                    file: files.key,
                    message:
                        "no private key in PEM form that matches \(files.certificate): \(TLSFailure.takeLast())"
                )
            }
            guard unsafe SSL_CTX_check_private_key(context) == 1 else {
                throw TLSContextError(
                    file: files.key,
                    message: "the key does not belong to \(files.certificate)"
                )
            }
            try unsafe applyPolicy(to: context, minimumVersion, tickets)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    private static func applyPolicy(
        to context: OpaquePointer,
        _ minimumVersion: TLSVersion,
        _ tickets: TicketKeys?
    ) throws(TLSContextError) {
        unsafe bmh_openssl_ctx_set_options(context, tickets == nil ? 0 : 1)
        unsafe bmh_openssl_ctx_set_session_cache_off(context)
        unsafe bmh_openssl_ctx_count_key_updates(context)
        if var keys = tickets?.bytes {
            _ = unsafe bmh_openssl_ctx_set_ticket_keys(context, &keys, keys.count)
        } else {
            _ = unsafe SSL_CTX_set_num_tickets(context, 0)
        }
        guard unsafe bmh_openssl_ctx_set_min_version(context, minimumVersion.code) == 1,
            unsafe SSL_CTX_set_cipher_list(context, ciphers) == 1,
            unsafe SSL_CTX_set_ciphersuites(context, suites) == 1,
            unsafe bmh_openssl_ctx_set_groups(context, "X25519:P-256:P-384") == 1
        else {
            let reason = TLSFailure.takeLast()
            throw TLSContextError(
                file: nil,
                message: "OpenSSL refuses the cipher policy: \(reason)"
            )
        }
    }

    /// OpenSSL calls back with an unowned pointer to this object, which every session keeps alive.
    private func installCallbacks() {
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        for index in unsafe contexts.indices {
            let context = unsafe contexts[index]
            unsafe bmh_openssl_ctx_set_servername_callback(
                context,
                { ssl, _, this in
                    guard let ssl = unsafe ssl, let this = unsafe this else {
                        return SSL_TLSEXT_ERR_NOACK
                    }
                    return unsafe Unmanaged<TLSServerContext>.fromOpaque(this)
                        ._withUnsafeGuaranteedRef {
                            unsafe $0.selectCertificate(for: ssl)
                        }
                },
                this
            )
            unsafe SSL_CTX_set_alpn_select_cb(
                context,
                { _, chosen, chosenLength, offered, offeredLength, this in
                    guard let this = unsafe this else { return SSL_TLSEXT_ERR_NOACK }
                    return unsafe Unmanaged<TLSServerContext>.fromOpaque(this)
                        ._withUnsafeGuaranteedRef {
                            unsafe $0.selectProtocol(chosen, chosenLength, offered, offeredLength)
                        }
                },
                this
            )
        }
    }

    private func selectCertificate(for ssl: OpaquePointer) -> Int32 {
        guard unsafe contexts.count > 1 || !exactNames.isEmpty,
            let raw = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)
        else { return SSL_TLSEXT_ERR_NOACK }
        let name = unsafe String(cString: raw).lowercased()
        var index = exactNames[name]
        if index == nil, let dot = name.firstIndex(of: ".") {
            index = wildcardNames[String(name[name.index(after: dot)...])]
        }
        if let index, index > 0 { _ = unsafe SSL_set_SSL_CTX(ssl, contexts[index]) }
        return SSL_TLSEXT_ERR_OK
    }

    private func selectProtocol(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ chosenLength: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?,
        _ offeredLength: UInt32
    ) -> Int32 {
        let result = unsafe protocols.withUnsafeBufferPointer { ours in
            var output: UnsafeMutablePointer<UInt8>?
            let result = unsafe SSL_select_next_proto(
                &output,
                chosenLength,
                ours.baseAddress,
                UInt32(clamping: ours.count),
                offered,
                offeredLength
            )
            // On success the result points into the client's list, which lives as long as OpenSSL needs it.
            if result == OPENSSL_NPN_NEGOTIATED, let output = unsafe output {
                unsafe chosen?.pointee = UnsafePointer(output)
            }
            return result
        }
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
