extension Configuration {
    /// The Redis that rooms and sessions share when several gateways run.
    struct Redis: Sendable, Equatable {
        /// `redis://[user:password@]host[:port][/database]`, `rediss://…` for TLS, `unix:/path`. Default null: none.
        /// Take the password from `${NAME}` or `${file:PATH}`; it is never printed.
        var url: String?
    }
}
