extension Configuration {
    /// A request rate that each client, session or header value may reach.
    struct RateLimit: Sendable, Equatable {
        /// Name that routes use, and that the client sees in `RateLimit-Policy`. Required.
        var name: String
        /// Sustained rate, such as `10/m` or `50/s`. Required.
        var rate: Rate
        /// Requests that may come at once before pacing starts. Default null: as many as the rate counts; 1 to 1000000.
        var burst: Int?
        /// What is counted: `client` (IPv4 address, IPv6 /64), `session`, `fingerprint` (JA4 of the client's TLS),
        /// `country` (of the client's address, by `geoip.database`) or `header:NAME`. Default client.
        var key = RateLimitKey.client

        /// Count only responses with these statuses, such as 401 and 403. Default none: every request.
        var statuses: [Int] = []
        /// Field of the backend's response that says what a request cost. Default null: one.
        var costHeader: String?
        /// How long a key stays refused once it went beyond the rate. Default 0s: until its rate allows the next;
        /// 0s to 1d.
        var mitigation = Duration.zero
        /// Count and report, and refuse nothing. Default false.
        var dryRun = false
        /// Gateways that keep the limit together through Redis. Default 1: each for itself; 1 to 100.
        var gateways = 1
    }

    /// Whose requests a rate limit counts together.
    enum RateLimitKey: Sendable, Equatable {
        case client
        case session
        case fingerprint
        case country
        case header(String)
    }
}
