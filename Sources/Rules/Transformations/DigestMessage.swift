/// A value padded to blocks of 64 bytes as MD5 and SHA-1 want it, without copying it.
struct DigestMessage {
    private let input: ByteView

    init(_ input: ByteView) { self.input = input }

    var blockCount: Int { (input.count + 8) / 64 + 1 }

    /// The word at `index`, counted through all blocks.
    func word(_ index: Int, isBigEndian: Bool) -> UInt32 {
        var word: UInt32 = 0
        for offset in 0..<4 {
            let byte = UInt32(self.byte(index * 4 + offset, isBigEndian: isBigEndian))
            word |= byte << UInt32(isBigEndian ? 24 - 8 * offset : 8 * offset)
        }
        return word
    }

    private func byte(_ index: Int, isBigEndian: Bool) -> UInt8 {
        if index < input.count { return input[index] }
        if index == input.count { return 0x80 }
        let lengthIndex = index - (blockCount * 64 - 8)
        guard lengthIndex >= 0 else { return 0 }
        let bits = UInt64(input.count) &* 8
        return UInt8(
            truncatingIfNeeded: bits >> UInt64(isBigEndian ? 56 - 8 * lengthIndex : 8 * lengthIndex)
        )
    }
}
