/// Numbers of which something holds, one bit each, from the oldest that may still come back: of those before, it does.
struct PositionBits: Hashable, Sendable {
    /// Number 64 · `firstWord` is the first bit of the first word; all before it are marked.
    private(set) var firstWord: Int64 = 0
    private(set) var words: [UInt64] = []

    func contains(_ position: Int64) -> Bool {
        let index = position / 64 - firstWord
        guard index >= 0 else { return true }
        guard index < words.count else { return false }
        return words[Int(index)] & (1 << UInt64(position % 64)) != 0
    }

    /// The marked numbers after that one.
    func after(_ position: Int64) -> [Int64] {
        var found: [Int64] = []
        for (index, word) in words.enumerated() {
            var bits = word
            while bits != 0 {
                let number = (firstWord + Int64(index)) * 64 + Int64(bits.trailingZeroBitCount)
                if number > position { found.append(number) }
                bits &= bits - 1
            }
        }
        return found
    }

    /// Marks a number that was issued; the caller has checked that, so the growth is bounded by the line.
    mutating func insert(_ position: Int64) {
        let index = position / 64 - firstWord
        guard index >= 0 else { return }
        while words.count <= index { words.append(0) }
        words[Int(index)] |= 1 << UInt64(position % 64)
    }

    /// Forgets all numbers up to `floor`, which count as marked from now on.
    mutating func drop(through floor: Int64) {
        let count = floor / 64 - firstWord
        // In steps, since moving the rest costs its length.
        guard count >= 64 else { return }
        words.removeFirst(min(Int(count), words.count))
        firstWord += count
    }
}
