import COpenSSL

/// The TLS layer of one connection: OpenSSL's state machine over a `Socket`, one step per call.
@safe final class TLSSession {
    /// What one step brought.
    enum Step {
        case bytes(Int)
        case endOfStream
        case wantsRead
        case wantsWrite
        case failed(TLSFailure)
    }

    /// Changes of keys that a peer may ask for on one connection.
    private static let keyUpdateLimit = 64
    private static let fingerprintBytes = 36

    private let ssl: OpaquePointer
    private let notes: UnsafeMutablePointer<bmh_openssl_notes>
    /// Whether the last read found a part of a record: what is buffered is of no use before more comes.
    private var needsMore = false
    /// Keeps alive what OpenSSL points to.
    private let socket: Socket
    private let context: AnyObject

    /// A session on `socket`; nil if OpenSSL has no memory.
    init?(context: OpaquePointer, owner: AnyObject, socket: Socket, isServer: Bool) {
        guard let ssl = unsafe SSL_new(context) else { return nil }
        guard let bio = unsafe SocketBIO.make(over: socket) else {
            unsafe SSL_free(ssl)
            return nil
        }
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe notes = .allocate(capacity: 1)
        unsafe notes.initialize(to: bmh_openssl_notes())
        unsafe bmh_openssl_set_notes(ssl, notes)
        if isServer { unsafe SSL_set_accept_state(ssl) } else { unsafe SSL_set_connect_state(ssl) }
        unsafe self.ssl = ssl
        self.socket = socket
        self.context = owner
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe notes.deallocate()
    }

    /// Names the server to reach, and requires its certificate to be valid for that name.
    func setServerName(_ name: String) -> Bool {
        unsafe bmh_openssl_set_host_name(ssl, name) == 1 && SSL_set1_host(ssl, name) == 1
    }

    /// The handshake is complete on `.bytes`.
    func handshake() -> Step {
        TLSFailure.forget()
        return step(unsafe SSL_do_handshake(ssl))
    }

    func read(into buffer: UnsafeMutableRawPointer, count: Int) -> Step {
        TLSFailure.forget()
        let result = step(unsafe SSL_read(ssl, buffer, Int32(clamping: count)))
        // Each costs the peer a few bytes and us new keys; nobody needs so many.
        if unsafe notes.pointee.key_updates > Self.keyUpdateLimit {
            return .failed(TLSFailure(code: 0))
        }
        if case .wantsRead = result { needsMore = true } else { needsMore = false }
        return result
    }

    func write(_ buffer: UnsafeRawPointer, count: Int) -> Step {
        TLSFailure.forget()
        return step(unsafe SSL_write(ssl, buffer, Int32(clamping: count)))
    }

    /// Whether decrypted or received bytes are waiting inside OpenSSL.
    var hasPending: Bool { unsafe !needsMore && SSL_has_pending(ssl) == 1 }

    /// Gives the record buffers back to the heap unless there is something in them; the next record brings new ones.
    ///
    /// OpenSSL would do so after each record if told to (`SSL_MODE_RELEASE_BUFFERS`), which costs a busy connection two
    /// large allocations per request.
    func releaseBuffers() { _ = unsafe SSL_free_buffers(ssl) }

    /// Tells the peer that no more will be sent; what cannot be sent at once is dropped.
    func sendCloseNotify() {
        TLSFailure.forget()
        _ = unsafe SSL_shutdown(ssl)
        TLSFailure.forget()
    }

    /// `TLSv1.3`, `TLSv1.2`.
    var version: String { unsafe String(cString: SSL_get_version(ssl)) }

    /// The cipher suite by its IETF name.
    var cipher: String {
        guard let cipher = unsafe SSL_get_current_cipher(ssl),
            let name = unsafe SSL_CIPHER_standard_name(cipher)
        else {
            return ""
        }
        return unsafe String(cString: name)
    }

    /// Whether the handshake resumed an earlier session.
    var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// The name that the client asked for.
    var serverName: String? {
        unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0) }
    }

    /// The terms under which the host that the client asked for let it in; empty on a client's side.
    var admission: [UInt8] {
        (context as? TLSServerContext)?.admission(at: Int(unsafe notes.pointee.host)) ?? []
    }

    /// The fingerprint of the client's first message, as text; empty for none. Valid as long as the session.
    @unsafe
    var fingerprint: UnsafeRawBufferPointer {
        let text = unsafe bmh_openssl_fingerprint(notes)
        guard let text = unsafe text, unsafe text.pointee != 0 else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: text, count: Self.fingerprintBytes)
    }

    /// The client's certificate; nil if it showed none. Only certificates that were verified get this far.
    var clientCertificate: ClientCertificate? {
        var bytes: UnsafeMutablePointer<UInt8>?
        let length = unsafe Int(bmh_openssl_peer_certificate(ssl, &bytes))
        guard length > 0, let bytes = unsafe bytes else { return nil }
        defer { unsafe bmh_openssl_free(bytes) }
        var encoded = [UInt8](repeating: 0, count: (length + 2) / 3 * 4 + 1)
        let count = unsafe EVP_EncodeBlock(&encoded, bytes, Int32(clamping: length))
        var subject = [CChar](repeating: 0, count: 512)
        let subjectLength = unsafe bmh_openssl_peer_subject(ssl, &subject, Int32(subject.count))
        return ClientCertificate(
            base64: String(decoding: encoded.prefix(Int(count)), as: UTF8.self),
            subject: String(
                decoding: subject.prefix(Int(subjectLength)).map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        )
    }

    /// Whether ALPN chose this protocol.
    func hasAgreed(on name: StaticString) -> Bool {
        var start: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &length)
        let chosen = unsafe UnsafeBufferPointer(start: start, count: Int(length))
        return unsafe chosen.elementsEqual(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        )
    }

    private func step(_ result: Int32) -> Step {
        if result > 0 { return .bytes(Int(result)) }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .endOfStream
        // A peer that closes without close_notify ended the stream; HTTP's own framing tells whether that was
        // too early.
        case SSL_ERROR_SYSCALL: return .endOfStream
        default:
            if ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
                return .endOfStream
            }
            return .failed(TLSFailure.takeLast())
        }
    }
}
