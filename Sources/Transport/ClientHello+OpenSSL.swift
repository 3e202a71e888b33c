import COpenSSL

extension ClientHello {
    /// What OpenSSL has read; to be called from its ClientHello callback alone.
    @unsafe
    init(_ ssl: OpaquePointer) {
        legacyVersion = UInt16(truncatingIfNeeded: unsafe SSL_client_hello_get0_legacy_version(ssl))
        var bytes: UnsafePointer<UInt8>?
        let count = unsafe SSL_client_hello_get0_ciphers(ssl, &bytes)
        if let bytes = unsafe bytes {
            ciphers = Self.pairs(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
        }
        extensions = unsafe Self.presentExtensions(ssl)
        versions = unsafe Self.values(Self.content(ssl, 43), lengthBytes: 1)
        signatureAlgorithms = unsafe Self.values(Self.content(ssl, 13), lengthBytes: 2)
        firstProtocol = unsafe Self.firstProtocol(in: Self.content(ssl, 16))
        serverName = unsafe Self.serverName(in: Self.content(ssl, 0))
    }

    @unsafe
    private static func presentExtensions(_ ssl: OpaquePointer) -> [UInt16] {
        var present: UnsafeMutablePointer<Int32>?
        var count = 0
        guard unsafe SSL_client_hello_get1_extensions_present(ssl, &present, &count) == 1,
            let present = unsafe present
        else { return [] }
        defer { unsafe bmh_openssl_free(present) }
        return unsafe UnsafeBufferPointer(start: present, count: count).map {
            UInt16(truncatingIfNeeded: $0)
        }
    }

    @unsafe
    private static func content(_ ssl: OpaquePointer, _ type: UInt32) -> [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        guard unsafe SSL_client_hello_get0_ext(ssl, type, &bytes, &count) == 1,
            let bytes = unsafe bytes
        else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
