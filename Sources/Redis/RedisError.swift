/// Why a command has no reply, and what is known of its effect.
public enum RedisError: Error, Sendable, Equatable {
    /// There is no connection, and the reason; the command was not sent.
    case unavailable(String)
    /// More commands wait than the client may hold; the command was not sent.
    case queueFull
    /// The deadline passed. If the command was sent, Redis may have carried it out, or may still do so.
    case timedOut(wasSent: Bool)
    /// The connection was lost after the command was sent: Redis has carried it out, or has not.
    case unknownOutcome
    /// Redis refused it; the text as received, such as `WRONGTYPE Operation against …`.
    case refused(String)
    /// The bytes received are no replies, or more than the limits allow. The connection is given up.
    case protocolViolation(String)
    /// The client was closed; the command was not sent.
    case closed

    /// The first word of a refusal, such as `NOSCRIPT`, `READONLY` or `OOM`, by which kinds of refusals are told apart.
    public var refusalCode: Substring? {
        guard case .refused(let text) = self else { return nil }
        return text.prefix { $0 != " " }
    }
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let reason): "Redis is not available: \(reason)"
        case .queueFull: "too many commands wait for Redis"
        case .timedOut(wasSent: true): "Redis did not answer in time"
        case .timedOut(wasSent: false): "the command could not be sent to Redis in time"
        case .unknownOutcome: "the connection to Redis was lost before the reply came"
        case .refused(let text): "Redis refused: \(text)"
        case .protocolViolation(let reason): "Redis sent what is no reply: \(reason)"
        case .closed: "the Redis client is closed"
        }
    }
}
