/// SipHash-1-3 with a result of 128 bits, under a seed that nobody outside knows: who chooses the bytes
/// cannot choose the hash, nor find two texts with the same one. (Aumasson and Bernstein, "SipHash: a fast
/// short-input PRF".)
struct SipHash {
    /// A seed of its own for each table.
    struct Seed: Sendable {
        let first: UInt64
        let second: UInt64

        init() {
            var generator = SystemRandomNumberGenerator()
            first = generator.next()
            second = generator.next()
        }
    }

    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    @inline(__always)
    init(_ seed: Seed) {
        v0 = seed.first ^ 0x736F_6D65_7073_6575
        v1 = seed.second ^ 0x646F_7261_6E64_6F83
        v2 = seed.first ^ 0x6C79_6765_6E65_7261
        v3 = seed.second ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    /// Absorbs a text with its length, so that where one ends and the next begins is part of the hash.
    @inline(__always)
    mutating func absorb(_ text: ByteView) {
        absorb(UInt64(truncatingIfNeeded: text.count))
        unsafe text.withBytes { bytes in
            let words = UnsafeRawBufferPointer(bytes)
            var offset = 0
            while offset &+ 8 <= bytes.count {
                absorb(unsafe words.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset &+= 8
            }
            guard offset < bytes.count else { return }
            var rest: UInt64 = 0
            while offset < bytes.count {
                rest = rest << 8 | UInt64(unsafe bytes[offset])
                offset &+= 1
            }
            absorb(rest)
        }
    }

    @inline(__always)
    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xEE
        for _ in 0..<3 { round() }
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xDD
        for _ in 0..<3 { round() }
        return (first, v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = SipHash.rotate(v1, 13) ^ v0
        v0 = SipHash.rotate(v0, 32)
        v2 &+= v3
        v3 = SipHash.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = SipHash.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = SipHash.rotate(v1, 17) ^ v2
        v2 = SipHash.rotate(v2, 32)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 &- bits)
    }
}
