import COpenSSL

/// Why OpenSSL gave up.
public struct TLSFailure: Error, Sendable, CustomStringConvertible {
    /// OpenSSL's packed error code; 0 if it left none.
    public let code: UInt

    /// Takes the oldest error of this thread's queue and empties it.
    static func takeLast() -> TLSFailure {
        let code = ERR_get_error()
        ERR_clear_error()
        return TLSFailure(code: code)
    }

    /// Empties the queue before a call whose result is judged by it. It is empty as a rule, and looking is cheaper than
    /// clearing.
    static func forget() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    public var description: String {
        guard code != 0 else { return "the peer broke off" }
        return unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
            ?? "error \(code)"
    }
}
