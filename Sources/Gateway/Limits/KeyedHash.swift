import Rules
import Transport

/// SipHash-1-3 under a random 128-bit seed.
///
/// Clients choose the bytes that become limit keys, so a hash without a secret would let them aim at one slot
/// of the table. (Aumasson and Bernstein, "SipHash: a fast short-input PRF".)
struct KeyedHash: Sendable {
    private let key: SipHash.Key

    /// A seed that lives as long as the process.
    init() { key = SipHash.Key() }

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
        key = SipHash.Key(seed0, seed1)
    }

    /// Hashes two words, for keys that are already numbers.
    @inline(__always)
    func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var state = SipHash(key, .bits64)
        state.absorb(first)
        state.absorb(second)
        state.absorb(16 << 56)
        return state.finish()
    }

    /// Hashes bytes of any length after a word that separates one use from another.
    func hash(domain: UInt64, _ bytes: Span<UInt8>) -> UInt64 {
        var state = SipHash(key, .bits64)
        state.absorb(domain)
        let wholeBytes = bytes.count & ~7
        var index = 0
        while index < wholeBytes {
            state.absorb(Self.littleEndian(bytes, from: index, to: index + 8))
            index += 8
        }
        let length = UInt64(truncatingIfNeeded: bytes.count &+ 8) & 0xff
        state.absorb(length << 56 | Self.littleEndian(bytes, from: index, to: bytes.count))
        return state.finish()
    }

    private static func littleEndian(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in start..<end { word |= UInt64(bytes[index]) << UInt64((index - start) * 8) }
        return word
    }
}
