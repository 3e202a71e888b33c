/// A named limit: so many requests in so many seconds, with room for a burst.
struct RateLimit: Hashable, Sendable {
    /// The policy's name in `RateLimit` fields and metrics: printable ASCII without `"` and `\`.
    let name: String
    /// Requests per window, 1 to 1,000,000,000.
    let quota: Int
    /// Length of the window in seconds, 1 to 86,400.
    let windowSeconds: Int
    /// Requests that may come at once after a rest; at most as many as `quota` keeps the fields honest.
    let burst: Int

    /// One request's share of time. Rounded down, so that a client at exactly the rate is never refused; the
    /// error is below one nanosecond per request, in the client's favour.
    let intervalNanoseconds: UInt64
    /// How far ahead of the clock a key may run: `burst` intervals.
    let toleranceNanoseconds: UInt64
    /// Tells apart the keys of two limits that share a table.
    let domain: UInt64

    /// Values outside their range are brought to its nearest end; configuration reports them before.
    init(name: String, quota: Int, windowSeconds: Int, burst: Int? = nil) {
        let quota = min(max(quota, 1), 1_000_000_000)
        let windowSeconds = min(max(windowSeconds, 1), 86_400)
        let burst = min(max(burst ?? quota, 1), 1_000_000_000)
        self.name = name
        self.quota = quota
        self.windowSeconds = windowSeconds
        self.burst = burst
        intervalNanoseconds = max(UInt64(windowSeconds) * 1_000_000_000 / UInt64(quota), 1)
        // At most 86,400 s per interval times 10^9: it saturates rather than overflows.
        let (product, overflow) = intervalNanoseconds.multipliedReportingOverflow(by: UInt64(burst))
        toleranceNanoseconds = overflow ? UInt64.max / 4 : min(product, UInt64.max / 4)
        domain = Self.fingerprint(of: name)
    }

    /// FNV-1a: names come from the configuration, not from clients; the table's hash is the keyed one.
    private static func fingerprint(of name: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
