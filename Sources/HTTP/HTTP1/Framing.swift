/// How the length of a message's content is known (RFC 9112 section 6.3).
public enum Framing: Equatable, Sendable {
    /// There is no content.
    case none
    /// Exactly so many bytes follow.
    case length(Int)
    /// Chunks follow.
    case chunked
    /// All bytes until the connection closes; responses only.
    case untilClose
}
