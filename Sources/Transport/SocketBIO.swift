import COpenSSL

/// OpenSSL's view of a `Socket`.
///
/// It asks the socket's readiness before the kernel's, which spares the reads and writes that would only return EAGAIN.
enum SocketBIO {
    /// Built once and never freed or changed.
    nonisolated(unsafe) private static let method: OpaquePointer? = unsafe makeMethod()

    /// A BIO over `socket`, which has to outlive it; owned by the caller.
    static func make(over socket: Socket) -> OpaquePointer? {
        guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(socket).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private static func makeMethod() -> OpaquePointer? {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket")
        else { return nil }
        unsafe BIO_meth_set_read(method) { bio, buffer, count in
            guard let bio = unsafe bio, let buffer = unsafe buffer,
                let context = unsafe BIO_get_data(bio)
            else { return -1 }
            unsafe bmh_openssl_bio_clear_retry(bio)
            let transfer = unsafe Unmanaged<Socket>.fromOpaque(context)._withUnsafeGuaranteedRef {
                unsafe $0.receive(into: buffer, count: Int(count))
            }
            switch transfer {
            case .bytes(let count): return Int32(truncatingIfNeeded: count)
            case .endOfStream: return 0
            case .wouldBlock: unsafe bmh_openssl_bio_retry_read(bio)
            case .failed: break
            }
            return -1
        }
        unsafe BIO_meth_set_write(method) { bio, buffer, count in
            guard let bio = unsafe bio, let buffer = unsafe buffer,
                let context = unsafe BIO_get_data(bio)
            else { return -1 }
            unsafe bmh_openssl_bio_clear_retry(bio)
            let transfer = unsafe Unmanaged<Socket>.fromOpaque(context)._withUnsafeGuaranteedRef {
                unsafe $0.send(buffer, count: Int(count))
            }
            switch transfer {
            case .bytes(let count): return Int32(truncatingIfNeeded: count)
            case .wouldBlock: unsafe bmh_openssl_bio_retry_write(bio)
            case .endOfStream, .failed: break
            }
            return -1
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe method
    }
}
