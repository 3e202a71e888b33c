extension Configuration {
    /// Times after which the gateway stops waiting for a client.
    struct Timeouts: Sendable, Equatable {
        /// For the whole TLS handshake. Default 10s; 100ms to 5m.
        var handshake = Duration.seconds(10)
        /// For a whole request head, from its first byte. Default 10s; 100ms to 5m.
        var head = Duration.seconds(10)
        /// Between two pieces of a request body. Default 30s; 100ms to 1h.
        var body = Duration.seconds(30)
        /// For a whole request body; what counts is the time spent waiting for it. Default 10m; 100ms to 1d.
        var bodyTotal = Duration.seconds(600)
        /// For the next request on an idle connection. Default 60s; 100ms to 1h.
        var keepAlive = Duration.seconds(60)
        /// For a client to take more of a response. Default 30s; 100ms to 1h.
        var write = Duration.seconds(30)
        /// For the next word on a WebSocket, or the next of a stream of events. Default 1h; 1s to 7d.
        var tunnel = Duration.seconds(3600)
        /// For requests in flight when the gateway stops. Default 30s; 0s to 1h.
        var drain = Duration.seconds(30)
    }
}
