extension Configuration {
    /// A request rate that each client, session or header value may reach.
    struct RateLimit: Sendable, Equatable {
        /// Name that routes use, and that the client sees in `RateLimit-Policy`. Required.
        var name: String
        /// Sustained rate, such as `10/m` or `50/s`. Required.
        var rate: Rate
        /// Requests that may come at once before pacing starts. Default null: as many as the rate counts; 1 to 1000000.
        var burst: Int?
        /// What is counted: `client` (IPv4 address, IPv6 /64), `session`, `fingerprint` (JA4 of the client's TLS) or
        /// `header:NAME`. Default client.
        var key = RateLimitKey.client

        /// Requests that may come at once, with the default applied.
        var burstCount: Int { burst ?? rate.count }
    }

    /// Whose requests a rate limit counts together.
    enum RateLimitKey: Sendable, Equatable {
        case client
        case session
        case fingerprint
        case header(String)
    }
}
