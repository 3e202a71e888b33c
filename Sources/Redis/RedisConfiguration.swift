public import Transport

/// How to reach a Redis, and how much patience to have with it.
public struct RedisConfiguration: Sendable {
    public var url: RedisURL
    /// How the server's certificate is verified; nil for the system's authorities. Used with `rediss://` only.
    public var tls: TLSClientContext?
    /// For one attempt to connect and log in; default 2 s.
    public var connectTimeoutMilliseconds: UInt64 = 2000
    /// For one command, from the call to its reply, unless the call says otherwise; default 1 s.
    public var commandTimeoutMilliseconds: UInt64 = 1000
    /// The first wait after a lost connection or a failed attempt; default 50 ms, and doubling from there.
    public var firstBackoffMilliseconds: UInt64 = 50
    /// The longest such wait; default 5 s.
    public var backoffLimitMilliseconds: UInt64 = 5000
    /// Commands that may be unsent or unanswered at a time; default 10,000.
    public var queueLimit = 10_000
    /// Bytes of commands that may be unsent at a time; default 16 MiB.
    public var queueBytesLimit = 16 << 20
    public var replyLimits = ReplyLimits()
    /// How often a subscription asks whether the server is still there, and how long it waits for the answer;
    /// default 10 s.
    public var heartbeatMilliseconds: UInt64 = 10_000

    public init(_ url: RedisURL) {
        self.url = url
    }
}
