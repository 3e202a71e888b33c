/// A network: an address and how many of its leading bits count (RFC 4632, RFC 4291).
struct CIDR: Sendable, Hashable {
    /// The network address: 4 bytes for IPv4, 16 for IPv6, host bits zero.
    var bytes: [UInt8]
    /// Leading bits that count: 0 to 32 or 0 to 128.
    var prefixLength: Int

    /// Whether the address (4 or 16 bytes) lies in the network; an address of the other family never does.
    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        let whole = prefixLength / 8
        guard address.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
        let rest = prefixLength % 8
        guard rest > 0 else { return true }
        return address[whole] >> (8 - UInt8(rest)) == bytes[whole] >> (8 - UInt8(rest))
    }
}
