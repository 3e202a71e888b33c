import COpenSSL

/// A certificate chain and its key, from PEM files.
public struct CertificateFiles: Sendable, Hashable {
    /// The leaf first, then the intermediates.
    public let certificate: String
    /// The private key, without a passphrase.
    public let key: String
    /// What the hosts of the certificate ask of clients.
    public let policy: TLSHostPolicy

    public init(certificate: String, key: String, policy: TLSHostPolicy = TLSHostPolicy()) {
        self.certificate = certificate
        self.key = key
        self.policy = policy
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

/// What a TLS server shows its clients: certificates by name, protocol versions, ciphers. Immutable, shared by workers.
@safe public final class TLSServerContext: Sendable {
    /// The context of each certificate, the default one first. OpenSSL's contexts are shared between threads by design.
    nonisolated(unsafe) private let contexts: [OpaquePointer]
    private let exactNames: [String: Int]
    private let wildcardNames: [String: Int]
    private let protocols: [UInt8]
    private let tickets: TicketKeys?
    /// Per certificate: the oldest version, how clients are verified and let in, and the OCSP response to staple.
    private let hosts: [Host]

    private struct Host: Sendable {
        let minimumVersion: Int32
        let verifyMode: Int32
        let admission: [UInt8]
        let staple: [UInt8]

        var verifiesClients: Bool { verifyMode != SSL_VERIFY_NONE }
    }

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
        var hosts: [Host] = []
        for (index, files) in certificates.enumerated() {
            let context: OpaquePointer
            do throws(TLSContextError) {
                let host = try Self.host(files, minimumVersion)
                hosts.append(host)
                unsafe context = try Self.load(files, minimumVersion, tickets, host.admission)
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
        self.tickets = tickets
        self.hosts = hosts
        installCallbacks()
    }

    deinit { unsafe Self.free(unsafe contexts) }

    private static func free(_ contexts: [OpaquePointer]) {
        for index in unsafe contexts.indices { unsafe SSL_CTX_free(contexts[index]) }
    }

    func makeSession(on socket: Socket) -> TLSSession? {
        unsafe TLSSession(context: contexts[0], owner: self, socket: socket, isServer: true)
    }

    private static func host(_ files: CertificateFiles, _ minimumVersion: TLSVersion)
        throws(TLSContextError) -> Host
    {
        let policy = files.policy
        var staple: [UInt8] = []
        if let path = policy.staple {
            guard let bytes = Self.bytes(of: path), !bytes.isEmpty else {
                throw TLSContextError(file: path, message: "no OCSP response in DER form")
            }
            staple = bytes
        }
        let mode: Int32 =
            switch policy.clientCertificates {
            case .off: SSL_VERIFY_NONE
            case .optional: SSL_VERIFY_PEER
            case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            }
        return Host(
            minimumVersion: (policy.minimumVersion ?? minimumVersion).code,
            verifyMode: mode,
            // Before OpenSSL reads the files: if they change in between, sessions end too early rather than too late.
            admission: policy.admission(certificate: files.certificate),
            staple: staple
        )
    }

    private static func load(
        _ files: CertificateFiles,
        _ minimumVersion: TLSVersion,
        _ tickets: TicketKeys?,
        _ admission: [UInt8]
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
            try unsafe apply(files, admission, to: context)
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
        if tickets == nil { _ = unsafe SSL_CTX_set_num_tickets(context, 0) }
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
            unsafe bmh_openssl_ctx_set_owner(context, this)
            unsafe installHostCallbacks(context, this)
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

    /// Whether the server has a certificate for the name that the client asks for; which one is settled before this.
    private func selectCertificate(for ssl: OpaquePointer) -> Int32 {
        guard unsafe contexts.count > 1 || !exactNames.isEmpty,
            unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nil
        else { return SSL_TLSEXT_ERR_NOACK }
        return SSL_TLSEXT_ERR_OK
    }

    /// The place of the certificate that serves the host; 0, the default one, for an unknown host.
    ///
    /// A final dot and the case say nothing of who is meant, here as in routes. A wildcard stands for one label
    /// (RFC 6125), but for any number of them in routes: names deeper below a domain that verifies clients
    /// belong to it.
    private func index(of host: String) -> Int {
        let name = host.lowercased()
        var rest = name.hasSuffix(".") ? name.dropLast() : name[...]
        if let index = exactNames[String(rest)] { return index }
        var isDeeper = false
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if let index = wildcardNames[String(rest)], !isDeeper || hosts[index].verifiesClients {
                return index
            }
            isDeeper = true
        }
        return 0
    }

    /// Whether some hosts verify clients, so that a request for one must not come over a connection made for another.
    public var separatesHosts: Bool { hosts.contains { $0.verifiesClients } }

    /// Whether a request for `host` may come over a connection whose client was let in under these terms, perhaps by a
    /// former context.
    public func accepts(host: String, admittedBy terms: [UInt8]) -> Bool {
        let wanted = hosts[index(of: host)]
        return !wanted.verifiesClients || wanted.admission == terms
    }

    /// The terms under which clients are let in that ask for the certificate at `index`.
    func admission(at index: Int) -> [UInt8] {
        hosts.indices.contains(index) ? hosts[index].admission : []
    }

    // MARK: ClientHello, tickets, staples

    /// Runs before OpenSSL chooses a version, so that a host may have its own policy for all that follows.
    func hear(_ ssl: OpaquePointer) -> Int32 {
        let hello = unsafe ClientHello(ssl)
        let index = hello.serverName.map(index(of:)) ?? 0
        if index > 0, unsafe SSL_set_SSL_CTX(ssl, contexts[index]) == nil {
            return SSL_CLIENT_HELLO_ERROR
        }
        let host = hosts[index]
        _ = unsafe bmh_openssl_set_min_version(ssl, host.minimumVersion)
        unsafe SSL_set_verify(ssl, host.verifyMode, nil)
        unsafe bmh_openssl_note_hello(ssl, Int32(clamping: index), hello.fingerprint)
        return SSL_CLIENT_HELLO_SUCCESS
    }

    /// Sets a ticket's cipher up: 1 to go on, 2 to go on and give the client a newer ticket, 0 for an unknown key.
    func useTicketKey(
        _ name: UnsafeMutablePointer<UInt8>,
        _ iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer,
        _ mac: OpaquePointer,
        encrypts: Bool
    ) -> Int32 {
        guard let tickets else { return 0 }
        if encrypts {
            guard let key = tickets.newest, unsafe RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 else {
                return -1
            }
            for index in 0..<16 { unsafe name[index] = key.name[index] }
            return unsafe bmh_openssl_use_ticket_key(cipher, mac, key.secret, iv, 1) == 1 ? 1 : -1
        }
        let wanted = unsafe Array(UnsafeBufferPointer(start: name, count: 16))
        guard let (key, isNewest) = tickets.find(wanted) else { return 0 }
        guard unsafe bmh_openssl_use_ticket_key(cipher, mac, key.secret, iv, 0) == 1 else {
            return -1
        }
        return isNewest ? 1 : 2
    }

    func staple(_ ssl: OpaquePointer) -> Int32 {
        guard let notes = unsafe bmh_openssl_get_notes(ssl) else { return SSL_TLSEXT_ERR_NOACK }
        let index = Int(unsafe notes.pointee.host)
        guard hosts.indices.contains(index), !hosts[index].staple.isEmpty,
            unsafe bmh_openssl_staple(ssl, hosts[index].staple, hosts[index].staple.count) == 1
        else { return SSL_TLSEXT_ERR_NOACK }
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
