import HTTP

/// Keeps bytes in a block of exactly their size, so that the address sanitizer sees a read past the end.
@safe
final class HeldBytes {
    private let base: UnsafeMutablePointer<UInt8>
    private let count: Int

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        unsafe base = .allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe base[index] = byte }
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Lends the bytes, which stay until the body returns.
    func withView<Result, Failure: Error>(_ body: (ByteView) throws(Failure) -> Result)
        throws(Failure) -> Result
    {
        try body(unsafe ByteView(base, count: count))
    }
}

/// Feeds a parser more and more of the bytes, each time from a fresh block.
func feed<Value>(
    _ bytes: [UInt8],
    step: Int,
    _ parse: (ByteView) throws(HeadError) -> Value?
) -> Result<Value, HeadError>? {
    var given = min(step, bytes.count)
    while true {
        do throws(HeadError) {
            let value = try HeldBytes(bytes.prefix(given)).withView(parse)
            if let value { return .success(value) }
        } catch {
            return .failure(error)
        }
        if given == bytes.count { return nil }
        given = min(given + step, bytes.count)
    }
}
