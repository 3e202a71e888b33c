/// The part of a client's address that counts as one client: an IPv4 address, or an IPv6 /64.
///
/// One IPv6 customer commands at least a /64, so a limit per address would be no limit.
struct ClientPrefix: Hashable, Sendable {
    /// The address (IPv4, in the low 32 bits) or its upper half (IPv6).
    let bits: UInt64
    let isIPv6: Bool

    init(ipv4 address: UInt32) {
        self.init(bits: UInt64(address), isIPv6: false)
    }

    /// An IPv4-mapped address (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) is the IPv4 client it names; else all
    /// of IPv4 would share one key on a dual-stack listener.
    init(ipv6High high: UInt64, low: UInt64) {
        if high == 0, low >> 32 == 0xffff {
            self.init(ipv4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(bits: high, isIPv6: true)
        }
    }

    private init(bits: UInt64, isIPv6: Bool) {
        self.bits = bits
        self.isIPv6 = isIPv6
    }
}
