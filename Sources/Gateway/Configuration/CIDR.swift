/// A network: an address and how many of its leading bits count (RFC 4632, RFC 4291).
struct CIDR: Sendable, Hashable {
    /// The network address: 4 bytes for IPv4, 16 for IPv6, host bits zero.
    let bytes: [UInt8]
    /// Leading bits that count: 0 to 32 or 0 to 128.
    let prefixLength: Int

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

extension CIDR: TextValue {
    init(text: String) throws(Misfit) {
        let expected = "a network such as 10.0.0.0/8 or 2001:db8::/32"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let bytes = addressBytes(first) else {
            throw Misfit(expected: expected)
        }
        let bitCount = bytes.count * 8
        let length = parts.count == 2 ? decimal(parts[1]) : bitCount
        guard let length, length <= bitCount else {
            throw Misfit(code: .outOfRange, expected: "a prefix length of 0 to \(bitCount)")
        }
        let network = Self.masked(bytes, to: length)
        guard network == bytes else {
            let meant = CIDR(bytes: network, prefixLength: length).text
            throw Misfit(expected: "a network whose host bits are zero", hint: "did you mean `\(meant)`?")
        }
        self.init(bytes: bytes, prefixLength: length)
    }

    var text: String {
        guard bytes.count == 16 else {
            return bytes.map(String.init).joined(separator: ".") + "/\(prefixLength)"
        }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return Self.compressed(groups) + "/\(prefixLength)"
    }

    private static func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = min(8, max(0, length - index * 8))
            return bits == 0 ? 0 : byte & (0xFF << (8 - UInt8(bits)))
        }
    }

    /// The longest run of zero groups becomes `::` (RFC 5952).
    private static func compressed(_ groups: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        let hex = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard best.count > 1 else { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}
