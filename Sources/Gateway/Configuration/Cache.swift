extension Configuration {
    /// The response cache (RFC 9111), shared by all workers; a route opts in with `cache: true`.
    struct Cache: Sendable, Equatable {
        /// Whether anything is cached at all. Default true.
        var enabled = true
        /// Memory for stored responses. Default 64MiB; 1MiB to 1TiB.
        var memoryBytes = 64 << 20
        /// Largest response that is stored. Default 1MiB; 1KiB to 1GiB.
        var objectBytes = 1 << 20
    }
}
