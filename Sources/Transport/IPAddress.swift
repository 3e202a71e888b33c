import Glibc

/// An IPv4 or IPv6 address as 128 bits. IPv4-mapped IPv6 addresses are IPv4 addresses here, so that one client
/// has one key.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The upper 64 bits; 0 for IPv4.
    public let high: UInt64
    /// The lower 64 bits; the address itself for IPv4.
    public let low: UInt64
    /// Whether this is an IPv6 address.
    public let isIPv6: Bool

    /// The IPv4 address with that value, in host order.
    public init(v4 value: UInt32) {
        high = 0
        low = UInt64(value)
        isIPv6 = false
    }

    /// The address with these 4 or 16 bytes in network order; fewer count as leading zeros.
    public init(octets: [UInt8]) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for octet in octets {
            high = (high << 8) | (low >> 56)
            low = (low << 8) | UInt64(octet)
        }
        let isMapped = octets.count > 4 && high == 0 && low >> 32 == 0xFFFF
        self.high = isMapped ? 0 : high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
        isIPv6 = octets.count > 4 && !isMapped
    }

    /// Parses dotted-decimal IPv4 or any RFC 4291 form of IPv6, without brackets or zone.
    public init?(_ text: String) {
        // The system's parser stops at a zero byte and would not see what follows it.
        guard !text.utf8.contains(0) else { return nil }
        var octets = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, text, &octets) == 1 {
            self.init(octets: [UInt8](octets.prefix(4)))
        } else if unsafe inet_pton(AF_INET6, text, &octets) == 1 {
            self.init(octets: octets)
        } else {
            return nil
        }
    }

    /// Whether this is the machine itself (127.0.0.0/8, ::1).
    public var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }

    /// The 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        let all = (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) }
        let lower = (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64($0))) }
        return isIPv6 ? all + lower : [UInt8](lower.suffix(4))
    }

    public var description: String {
        if !isIPv6 {
            let value = UInt32(truncatingIfNeeded: low)
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        }
        var text = [CChar](repeating: 0, count: 64)
        guard unsafe inet_ntop(AF_INET6, bytes, &text, 64) != nil else { return "" }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A range of addresses that share a prefix (CIDR, RFC 4632).
public struct IPPrefix: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64
    private let length: Int
    private let address: IPAddress

    /// Parses `10.0.0.0/8`, `2001:db8::/32` or a single address.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        let width = address.isIPv6 ? 128 : 32
        guard let length = parts.count == 2 ? UInt16(digits: parts[1]).map(Int.init) : width,
            length <= width
        else {
            return nil
        }
        self.address = address
        self.length = length
        let bits = address.isIPv6 ? length : length + 96
        high = bits >= 64 ? .max : bits == 0 ? 0 : ~(UInt64.max >> UInt64(bits))
        low = bits <= 64 ? 0 : bits >= 128 ? .max : ~(UInt64.max >> UInt64(bits - 64))
    }

    /// Whether `candidate` lies in the range.
    public func contains(_ candidate: IPAddress) -> Bool {
        guard candidate.isIPv6 == address.isIPv6 else { return false }
        return (candidate.high ^ address.high) & high == 0
            && (candidate.low ^ address.low) & low == 0
    }

    public var description: String { "\(address)/\(length)" }
}

extension UInt16 {
    /// The number that these decimal digits are; nil for a sign, a blank or anything else beside them.
    init?(digits text: Substring) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.init(text)
    }
}
