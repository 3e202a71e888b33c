import Glibc

/// A call to the kernel that failed.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    /// The call, and what it was about.
    public let call: String
    /// The kernel's error number.
    public let code: Int32

    /// A failure of `call` with the error number `code`.
    public init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The failure of `call` that the thread's `errno` describes.
    static func last(_ call: String) -> SystemError { SystemError(call: call, code: errno) }

    public var description: String {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(call): \(text)"
    }
}

/// Why a byte stream can no longer be read or written.
public enum StreamError: Error, Sendable {
    /// The deadline passed.
    case timedOut
    /// This side closed the stream while the call waited.
    case closed
    /// The peer reset the connection or cannot be reached; the kernel's error number.
    case reset(Int32)
    /// The TLS protocol failed; OpenSSL's reason.
    case tls(TLSFailure)
}
