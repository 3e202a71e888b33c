extension Configuration {
    /// The listener for operators.
    struct Admin: Sendable, Equatable {
        /// Address of `/livez`, `/readyz`, `/metrics` and the admin API, or `off`. Default 127.0.0.1:9900.
        var address: Address? = .ip(host: "127.0.0.1", port: 9900)
    }
}
