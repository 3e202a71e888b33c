import Glibc

/// What a forwarder in front says about a connection before its first byte: the PROXY protocol, versions 1 and 2.
public struct ProxyHeader: Equatable, Sendable {
    /// Who opened the connection at the forwarder; nil if it speaks for itself (`LOCAL`) or does not know.
    public let source: SocketAddress?

    /// Bytes that a header may have: more than any forwarder sends, addresses and all its further facts included.
    public static let bytesLimit = 2048
    /// Bytes that every header has, whatever its version.
    static let startBytes = 12
    /// Bytes of a line of version 1, with its end.
    static let lineBytes = 107
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    /// Why bytes are no header.
    public enum Problem: Error, Equatable, Sendable {
        case notProxy, badLine, badVersion, badFamily, badLength, badFacts
    }

    init(source: SocketAddress?) {
        self.source = source
    }

    /// Reads a complete header of either version.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        if bytes.starts(with: Self.signature) {
            self = try Self.binary(bytes)
        } else if bytes.starts(with: Array("PROXY ".utf8)) {
            self = try Self.line(bytes)
        } else {
            throw .notProxy
        }
    }

    // MARK: Version 1

    private static func line(_ bytes: [UInt8]) throws(Problem) -> ProxyHeader {
        guard bytes.count <= lineBytes, bytes.suffix(2) == [13, 10] else { throw .badLine }
        let text = bytes.dropLast(2)
        guard text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { throw .badLine }
        let words = String(decoding: text, as: UTF8.self).split(
            separator: " ",
            omittingEmptySubsequences: false
        )
        guard words.count > 1 else { throw .badLine }
        // What follows UNKNOWN has to be ignored.
        if words[1] == "UNKNOWN" { return ProxyHeader(source: nil) }
        guard words.count == 6, words[1] == "TCP4" || words[1] == "TCP6",
            let source = IPAddress(String(words[2])), IPAddress(String(words[3])) != nil,
            words[2...3].allSatisfy({ $0.contains(":") == (words[1] == "TCP6") }),
            let port = port(words[4]), self.port(words[5]) != nil
        else { throw .badLine }
        return ProxyHeader(source: .ip(source, port: port))
    }

    private static func port(_ word: Substring) -> UInt16? {
        guard word.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            word == "0" || !word.hasPrefix("0")
        else { return nil }
        return UInt16(word)
    }

    // MARK: Version 2

    /// Bytes that follow the first sixteen, which tell it.
    static func restBytes(after start: [UInt8]) throws(Problem) -> Int {
        guard start.count >= 16, start.starts(with: signature) else { throw .notProxy }
        let rest = Int(start[14]) << 8 | Int(start[15])
        guard rest <= bytesLimit - 16 else { throw .badLength }
        return rest
    }

    private static func binary(_ bytes: [UInt8]) throws(Problem) -> ProxyHeader {
        let rest = try restBytes(after: bytes)
        guard bytes.count == 16 + rest else { throw .badLength }
        guard bytes[12] >> 4 == 2 else { throw .badVersion }
        let body = Array(bytes[16...])
        switch bytes[12] & 0x0F {
        case 0: return ProxyHeader(source: nil)
        case 1: return try proxied(family: bytes[13], body)
        default: throw .badVersion
        }
    }

    private static func proxied(family: UInt8, _ body: [UInt8]) throws(Problem) -> ProxyHeader {
        switch family {
        case 0x00: return ProxyHeader(source: nil)
        case 0x11:
            try checkFacts(body, from: 12)
            return ProxyHeader(source: address(body, bytes: 4))
        case 0x21:
            try checkFacts(body, from: 36)
            return ProxyHeader(source: address(body, bytes: 16))
        case 0x31:
            try checkFacts(body, from: 216)
            return ProxyHeader(source: nil)
        default: throw .badFamily
        }
    }

    private static func address(_ body: [UInt8], bytes count: Int) -> SocketAddress {
        let port = UInt16(body[2 * count]) << 8 | UInt16(body[2 * count + 1])
        guard count == 16 else {
            let address = body[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return .ip(IPAddress(v4: address), port: port)
        }
        return .ip(IPAddress(octets: Array(body[0..<16])), port: port)
    }

    /// Checks that type, length and value follow each other to the end; what they say is not used.
    private static func checkFacts(_ body: [UInt8], from start: Int) throws(Problem) {
        guard body.count >= start else { throw .badLength }
        var index = start
        while index < body.count {
            guard index + 3 <= body.count else { throw .badFacts }
            index += 3 + (Int(body[index + 1]) << 8 | Int(body[index + 2]))
            guard index <= body.count else { throw .badFacts }
        }
    }
}

extension ProxyHeader {
    /// The header in version 1 for a connection from `source` to `target`; `UNKNOWN` unless both are of one family.
    public static func line(source: SocketAddress, target: SocketAddress) -> [UInt8] {
        guard case .ip(let from, let fromPort) = source, case .ip(let to, let toPort) = target,
            from.isIPv6 == to.isIPv6
        else { return Array("PROXY UNKNOWN\r\n".utf8) }
        let family = from.isIPv6 ? "TCP6" : "TCP4"
        return Array("PROXY \(family) \(from) \(to) \(fromPort) \(toPort)\r\n".utf8)
    }

    /// The header in version 2 of a connection that the sender makes for itself.
    public static let local = signature + [0x20, 0x00, 0, 0]

    /// The header in version 2; without addresses unless both are of one family.
    public static func binary(source: SocketAddress, target: SocketAddress) -> [UInt8] {
        guard case .ip(let from, let fromPort) = source, case .ip(let to, let toPort) = target,
            from.isIPv6 == to.isIPv6
        else { return signature + [0x21, 0x00, 0, 0] }
        let addresses = from.bytes + to.bytes
        let ports = [fromPort, toPort].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        let length = UInt8(addresses.count + ports.count)
        return signature + [0x21, from.isIPv6 ? 0x21 : 0x11, 0, length] + addresses + ports
    }
}

extension ByteStream {
    /// Reads the header that has to come first, and not a byte more, since what follows may be TLS; nil if something
    /// else comes.
    public func readProxyHeader(until deadline: Instant) async throws(StreamError) -> ProxyHeader? {
        var bytes = try await read(exactly: ProxyHeader.startBytes, until: deadline)
        if bytes == ProxyHeader.signature {
            bytes += try await read(exactly: 4, until: deadline)
            guard let rest = try? ProxyHeader.restBytes(after: bytes) else { return nil }
            bytes += try await read(exactly: rest, until: deadline)
        } else {
            guard bytes.starts(with: Array("PROXY ".utf8)) else { return nil }
            while bytes.suffix(2) != [13, 10], bytes.count < ProxyHeader.lineBytes {
                bytes += try await read(exactly: 1, until: deadline)
            }
        }
        return try? ProxyHeader(parsing: bytes)
    }

    /// Reads so many bytes; an end before that is a reset.
    private func read(exactly count: Int, until deadline: Instant)
        async throws(StreamError) -> [UInt8]
    {
        guard count > 0 else { return [] }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { unsafe room.deallocate() }
        var filled = 0
        while filled < count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...])
            let received = try await unsafe read(into: rest, until: deadline)
            guard received > 0 else { throw .reset(ECONNRESET) }
            filled += received
        }
        return unsafe [UInt8](room)
    }
}
