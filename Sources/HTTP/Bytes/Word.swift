/// Tests on eight bytes at a time: each result has the top bit of a byte set where the byte passes.
///
/// All tests work on the low seven bits, so that no sum carries into the next byte, and are exact.
enum Word {
    static var tops: UInt64 { 0x8080_8080_8080_8080 }
    static var lows: UInt64 { 0x7F7F_7F7F_7F7F_7F7F }

    @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 {
        UInt64(byte) &* 0x0101_0101_0101_0101
    }

    /// Where a byte equals `byte`, which is ASCII.
    @inline(__always)
    static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ repeating(byte)
        return ~((difference & lows) &+ lows | difference) & tops
    }

    /// Where a byte is a letter, a digit, or one of `-./`.
    @inline(__always)
    static func lettersDigitsDashDotSlash(_ word: UInt64) -> UInt64 {
        let low = word & lows
        let folded = low | repeating(0x20)
        let letters = (folded &+ repeating(0x80 - 0x61)) & ~(folded &+ repeating(0x80 - 0x7B))
        let others = (low &+ repeating(0x80 - 0x2D)) & ~(low &+ repeating(0x80 - 0x3A))
        return (letters | others) & ~word & tops
    }

    /// The slashes among eight bytes of a path, or nil when a byte may need a closer look.
    ///
    /// - Parameter carry: not 0 when the byte before is a slash.
    @inline(__always)
    static func slashesOfPlainPath(_ word: UInt64, _ carry: UInt64) -> UInt64? {
        guard lettersDigitsDashDotSlash(word) == tops else { return nil }
        let slashes = equal(word, 0x2F)
        let slashesAndDots = equal(word | repeating(0x01), 0x2F)
        return (slashes << 8 | carry) & slashesAndDots == 0 ? slashes : nil
    }

    /// The dots among eight bytes of a host name, or nil when a byte may need a closer look.
    ///
    /// - Parameter carry: not 0 when the byte before is a dot.
    @inline(__always)
    static func dotsOfPlainHost(_ word: UInt64, _ carry: UInt64) -> UInt64? {
        guard lettersDigitsDashDotSlash(word) & ~equal(word, 0x2F) == tops else { return nil }
        let dots = equal(word, 0x2E)
        return (dots << 8 | carry) & dots == 0 ? dots : nil
    }
}
