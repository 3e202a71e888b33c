/// How much head a peer may send.
public struct HeadLimits: Sendable {
    /// Bytes of the request line without its CRLF; default 8 KiB.
    public var requestLineBytes: Int
    /// Bytes of the whole head including the final empty line; default 32 KiB, at most 1 MiB.
    public var headBytes: Int
    /// Number of field lines; default 100.
    public var fieldCount: Int

    public init(requestLineBytes: Int = 8 * 1024, headBytes: Int = 32 * 1024, fieldCount: Int = 100) {
        self.requestLineBytes = max(1, requestLineBytes)
        self.headBytes = min(max(64, headBytes), 1024 * 1024)
        self.fieldCount = max(1, fieldCount)
    }
}
