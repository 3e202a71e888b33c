extension Configuration {
    /// The listener for operators.
    struct Admin: Sendable, Equatable {
        /// Address of `/livez`, `/readyz`, `/metrics` and the admin API, or `off`. Default 127.0.0.1:9900.
        var address: Address? = .ip(host: "127.0.0.1", port: 9900)
        /// Origins of pages that may change rooms, beside those whose host is an address or `localhost`.
        var origins: [String] = []
    }
}
