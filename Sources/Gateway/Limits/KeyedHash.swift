import Transport

/// SipHash-1-3 under a random 128-bit seed.
///
/// Clients choose the bytes that become limit keys, so a hash without a secret would let them aim at one slot
/// of the table. (Aumasson and Bernstein, "SipHash: a fast short-input PRF".)
struct KeyedHash: Sendable {
    private let seed0: UInt64
    private let seed1: UInt64

    /// A seed that lives as long as the process.
    init() {
        var generator = SystemRandomNumberGenerator()
        self.init(seed0: generator.next(), seed1: generator.next())
    }

    /// A seed that all gateways on one Redis have in common, since they have to mean the same client by a key. It is as
    /// secret as the address with its password is.
    init(sharedBy redis: String) {
        let digest = Digest.sha256(Array("haniel rate limits\0\(redis)".utf8))
        let word = { (start: Int) in
            digest.dropFirst(start).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        self.init(seed0: word(0), seed1: word(8))
    }

    init(seed0: UInt64, seed1: UInt64) {
        self.seed0 = seed0
        self.seed1 = seed1
    }

    /// Hashes two words, for keys that are already numbers.
    @inline(__always)
    func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var state = SipState(seed0, seed1)
        state.absorb(first)
        state.absorb(second)
        return state.finish(lastBlock: 16 << 56)
    }

    /// Hashes bytes of any length after a word that separates one use from another.
    func hash(domain: UInt64, _ bytes: Span<UInt8>) -> UInt64 {
        var state = SipState(seed0, seed1)
        state.absorb(domain)
        let wholeBytes = bytes.count & ~7
        var index = 0
        while index < wholeBytes {
            state.absorb(Self.littleEndian(bytes, from: index, to: index + 8))
            index += 8
        }
        let length = UInt64(truncatingIfNeeded: bytes.count &+ 8) & 0xff
        return state.finish(
            lastBlock: length << 56 | Self.littleEndian(bytes, from: index, to: bytes.count)
        )
    }

    private static func littleEndian(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in start..<end { word |= UInt64(bytes[index]) << UInt64((index - start) * 8) }
        return word
    }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ seed0: UInt64, _ seed1: UInt64) {
        v0 = seed0 ^ 0x736f_6d65_7073_6575
        v1 = seed1 ^ 0x646f_7261_6e64_6f6d
        v2 = seed0 ^ 0x6c79_6765_6e65_7261
        v3 = seed1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    @inline(__always)
    mutating func finish(lastBlock: UInt64) -> UInt64 {
        absorb(lastBlock)
        v2 ^= 0xff
        for _ in 0..<3 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, 13) ^ v0
        v0 = Self.rotate(v0, 32)
        v2 &+= v3
        v3 = Self.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, 17) ^ v2
        v2 = Self.rotate(v2, 32)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
