import COpenSSL

/// Hashes, random bytes and comparisons that do not leak time, all from the system's libcrypto.
public enum Digest {
    /// The SHA-256 of `message`: 32 bytes.
    public static func sha256(_ message: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        _ = unsafe SHA256(message, message.count, &hash)
        return hash
    }

    /// `count` bytes from the system's cryptographic generator.
    ///
    /// Traps if the generator itself fails, since nothing that needs it may go on without it.
    public static func randomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe RAND_bytes(&bytes, Int32(count))
        precondition(result == 1, "the system's random generator failed")
        return bytes
    }

    /// Whether both are equal, in a time that depends on their lengths alone.
    public static func isEqual(_ left: [UInt8], _ right: ArraySlice<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe right.withUnsafeBufferPointer { right in
            unsafe CRYPTO_memcmp(left, right.baseAddress, left.count) == 0
        }
    }

    /// Whether both are equal, in a time that depends on their lengths alone.
    public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        isEqual(left, right[...])
    }

    /// HKDF-SHA-256 (RFC 5869) without salt: `count` bytes (at most 8,160) of key material bound to `info`.
    public static func hkdf(secret: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        let key = HMACKey(HMACKey([UInt8](repeating: 0, count: 32)).authenticate(secret))
        var output: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 1
        while output.count < count {
            block = key.authenticate(block + info + [counter])
            output += block
            counter &+= 1
        }
        return [UInt8](output.prefix(count))
    }
}

/// A key for HMAC-SHA-256 (RFC 2104), prepared once: a message then costs little more than its own bytes.
public final class HMACKey: Sendable {
    private let prepared: bmh_openssl_hmac_key

    /// A key of any length; 32 bytes of randomness are the right amount.
    public init(_ secret: [UInt8]) {
        prepared = unsafe bmh_openssl_hmac_prepare(secret, secret.count)
    }

    /// The 32-byte authentication code of `message`.
    public func authenticate(_ message: [UInt8]) -> [UInt8] { authenticate(message[...]) }

    /// The 32-byte authentication code of `message`.
    public func authenticate(_ message: ArraySlice<UInt8>) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Self.codeCount)
        unsafe message.withUnsafeBufferPointer { message in
            unsafe code.withUnsafeMutableBufferPointer { unsafe write(codeOf: message, to: $0) }
        }
        return code
    }

    /// Whether `code` is the authentication code of `message`, or the beginning of it (RFC 2104 section 5).
    ///
    /// Takes a time that depends on lengths alone. False for fewer bytes than half of a code: they prove too little.
    public func isCode(_ code: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        guard (Self.codeCount / 2...Self.codeCount).contains(code.count) else { return false }
        var computed = Code(repeating: 0)
        unsafe message.withUnsafeBufferPointer { message in
            var computed = computed.mutableSpan
            unsafe computed.withUnsafeMutableBufferPointer { unsafe write(codeOf: message, to: $0) }
        }
        return unsafe code.withUnsafeBufferPointer { code in
            unsafe computed.span.withUnsafeBufferPointer {
                unsafe CRYPTO_memcmp(code.baseAddress, $0.baseAddress, code.count) == 0
            }
        }
    }

    private typealias Code = InlineArray<32, UInt8>
    private static let codeCount = Code.count

    private func write(
        codeOf message: UnsafeBufferPointer<UInt8>,
        to code: UnsafeMutableBufferPointer<UInt8>
    ) {
        unsafe withUnsafePointer(to: prepared) {
            unsafe bmh_openssl_hmac($0, message.baseAddress, message.count, code.baseAddress)
        }
    }
}
