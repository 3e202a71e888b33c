import Locations

/// An IPv4 or IPv6 network, or a single address.
struct IPNetwork: Sendable, Equatable {
    private let high: UInt64
    private let low: UInt64
    private let prefixLength: Int
    private let isVersion4: Bool

    var isSingleAddress: Bool { prefixLength == 128 }

    /// Reads `192.0.2.0/24`, `2001:db8::/32` or an address without a length.
    init?(_ text: ByteView) {
        let slash = text.firstIndex(of: 0x2F)
        let address = slash.map { text.prefix($0) } ?? text
        if let version4 = IPNetwork.version4(address) {
            (high, low, isVersion4) = (0, 0xFFFF_0000_0000 | UInt64(version4), true)
        } else if let version6 = IPNetwork.version6(address) {
            (high, low, isVersion4) = (version6.0, version6.1, false)
        } else {
            return nil
        }
        guard let slash else {
            prefixLength = 128
            return
        }
        let digits = text.dropFirst(slash + 1)
        guard let length = IPNetwork.decimal(digits, limit: isVersion4 ? 32 : 128) else {
            return nil
        }
        prefixLength = isVersion4 ? length + 96 : length
    }

    func contains(_ address: IPNetwork) -> Bool {
        guard isVersion4 == address.isVersion4 else { return false }
        let highMask = IPNetwork.mask(min(prefixLength, 64))
        let lowMask = IPNetwork.mask(max(prefixLength - 64, 0))
        return (high ^ address.high) & highMask == 0 && (low ^ address.low) & lowMask == 0
    }

    /// Where the database says that an address is.
    func location(in database: LocationDatabase?) -> Location? {
        database?.location(
            high: high,
            low: isVersion4 ? low & 0xFFFF_FFFF : low,
            isIPv6: !isVersion4
        )
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
    }

    private static func decimal(_ digits: ByteView, limit: Int) -> Int? {
        guard digits.count >= 1, digits.count <= 3, digits.firstIndex(where: { !$0.isDigit }) == nil
        else { return nil }
        let number = digits.leadingInteger
        return number <= limit ? number : nil
    }

    private static func version4(_ text: ByteView) -> UInt32? {
        var address: UInt32 = 0
        var start = 0
        for part in 0..<4 {
            let end = part == 3 ? text.count : text.firstIndex(of: 0x2E, from: start) ?? -1
            guard end >= start, let number = decimal(text[start..<end], limit: 255) else {
                return nil
            }
            address = address << 8 | UInt32(number)
            start = end + 1
        }
        return address
    }

    private static func version6(_ text: ByteView) -> (UInt64, UInt64)? {
        var groups: [UInt16] = []
        var gap: Int?
        var index = 0
        guard text.count <= 45 else { return nil }
        if text.starts(with: "::") {
            gap = 0
            index = 2
        }
        while index < text.count, groups.count < 8 {
            let end = text.firstIndex(of: 0x3A, from: index) ?? text.count
            let group = text[index..<end]
            if end == text.count, group.contains(0x2E), let tail = version4(group) {
                groups.append(UInt16(truncatingIfNeeded: tail >> 16))
                groups.append(UInt16(truncatingIfNeeded: tail))
                index = end
                break
            }
            guard let number = hexGroup(group) else { return nil }
            groups.append(number)
            index = end + 1
            if end == text.count { break }
            if text.at(index) == 0x3A {
                guard gap == nil else { return nil }
                gap = groups.count
                index += 1
            } else if index == text.count {
                return nil
            }
        }
        guard index >= text.count, groups.count <= (gap == nil ? 8 : 7),
            gap != nil || groups.count == 8
        else {
            return nil
        }
        if let gap { groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap) }
        let words = groups.map(UInt64.init)
        return (words[0..<4].reduce(0) { $0 << 16 | $1 }, words[4..<8].reduce(0) { $0 << 16 | $1 })
    }

    private static func hexGroup(_ text: ByteView) -> UInt16? {
        guard text.count >= 1, text.count <= 4 else { return nil }
        var number: UInt16 = 0
        for index in 0..<text.count {
            guard let digit = text[index].hexDigit else { return nil }
            number = number << 4 | UInt16(digit)
        }
        return number
    }
}
