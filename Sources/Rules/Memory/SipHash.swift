/// SipHash-1-3 under a 128-bit key that nobody outside knows: who chooses the bytes can neither choose the hash nor
/// find two texts with the same one. (Aumasson and Bernstein, "SipHash: a fast short-input PRF".)
package struct SipHash {
    /// A secret of its own for each table.
    package struct Key: Sendable {
        let first: UInt64
        let second: UInt64

        /// A key that lives as long as the process.
        package init() {
            var generator = SystemRandomNumberGenerator()
            self.init(generator.next(), generator.next())
        }

        package init(_ first: UInt64, _ second: UInt64) {
            self.first = first
            self.second = second
        }
    }

    /// How many bits `finish` gives; texts have different hashes in each form.
    package enum Width: UInt64 {
        case bits64 = 0
        case bits128 = 0xEE
    }

    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    @inline(__always)
    package init(_ key: Key, _ width: Width) {
        v0 = key.first ^ 0x736F_6D65_7073_6575
        v1 = key.second ^ 0x646F_7261_6E64_6F6D ^ width.rawValue
        v2 = key.first ^ 0x6C79_6765_6E65_7261
        v3 = key.second ^ 0x7465_6462_7974_6573
    }

    /// Absorbs a block. The last one of the standard form holds the length of the text in its highest byte.
    @inline(__always)
    package mutating func absorb(_ block: UInt64) {
        v3 ^= block
        round()
        v0 ^= block
    }

    /// The hash of what was absorbed, 64 bits.
    @inline(__always)
    package mutating func finish() -> UInt64 { finish(0xFF) }

    /// The hash of what was absorbed, 128 bits.
    @inline(__always)
    mutating func finishWide() -> (UInt64, UInt64) {
        let first = finish(0xEE)
        v1 ^= 0xDD
        for _ in 0..<3 { round() }
        return (first, v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func finish(_ mark: UInt64) -> UInt64 {
        v2 ^= mark
        for _ in 0..<3 { round() }
        return v0 ^ v1 ^ v2 ^ v3
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

extension SipHash {
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
}
