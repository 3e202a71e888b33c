import Transport

extension IPPrefix: TextValue {
    init(text: String) throws(Misfit) {
        let expected = "a network such as 10.0.0.0/8 or 2001:db8::/32"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first.flatMap({ literalAddress($0) }) else {
            throw Misfit(expected: expected)
        }
        let bitCount = address.isIPv6 ? 128 : 32
        guard let length = parts.count == 2 ? decimal(parts[1]) : bitCount, length <= bitCount
        else {
            throw Misfit(code: .outOfRange, expected: "a prefix length of 0 to \(bitCount)")
        }
        let network = IPAddress(octets: masked(address.bytes, to: length))
        guard network == address, let prefix = IPPrefix("\(address)/\(length)") else {
            throw Misfit(
                expected: "a network whose host bits are zero",
                hint: "did you mean `\(network)/\(length)`?"
            )
        }
        self = prefix
    }

    var text: String { description }
}

/// The literal IPv4 or IPv6 address that the text is, or nil.
func literalAddress(_ text: some StringProtocol) -> IPAddress? {
    // The system's parser stops at a zero byte and would not see what follows it.
    text.utf8.contains(0) || text.utf8.count > 45 ? nil : IPAddress(String(text))
}

private func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
    bytes.enumerated().map { index, byte in
        let bits = min(8, max(0, length - index * 8))
        return bits == 0 ? 0 : byte & (0xFF << (8 - UInt8(bits)))
    }
}
