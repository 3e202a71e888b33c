extension Configuration {
    /// Sizes and counts that no client may exceed.
    struct Limits: Sendable, Equatable {
        /// Longest request line, answered 414 beyond. Default 8KiB; 256B to 64KiB.
        var requestLineBytes = 8 << 10
        /// Largest request head (request line and all fields), answered 431 beyond. Default 32KiB; 1KiB to 1MiB.
        var headBytes = 32 << 10
        /// Most fields in a request head, answered 431 beyond. Default 100; 10 to 1000.
        var fieldCount = 100
        /// Largest request body, answered 413 beyond. Default 10MiB; 0B to 1TiB.
        var bodyBytes = 10 << 20
        /// Fewest bytes of a request body per second, measured over the time spent waiting for it and after the first
        /// 10 s; a slower one is answered 408. Default 500B; 0B (no such limit) to 1GiB.
        var bodyBytesPerSecond = 500
        /// Most client connections at once, over all workers. Default 20000; 1 to 10000000.
        var connectionCount = 20_000
        /// Most connections at once from one client (IPv4 address, IPv6 /64). A new one beyond takes the place of the
        /// one that has been silent for longest, if there is one. Default 200; 1 to 10000000.
        var connectionsPerClient = 200
        /// Requests after which a connection is closed in an orderly way. Default 10000; 1 to 1000000000.
        var requestsPerConnection = 10_000
        /// Memory that the process may use; near it the gateway sheds load. Default null, which means what the control
        /// group or the machine has; 64MiB to 1PiB.
        var memoryBytes: Int?
        /// Requests in flight at once on one HTTP/2 connection. Default 100; 1 to 1000.
        var streamCount = 100
        /// WebSockets open at once, shared out among the workers; more are answered 503. Default 10000; 1 to 1000000.
        var tunnelCount = 10_000
    }
}
