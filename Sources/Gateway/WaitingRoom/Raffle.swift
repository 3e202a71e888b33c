import Transport

/// The order of those who came before an opening: a permutation that anybody can compute once the seed is known.
///
/// The seed's SHA-256 is published while visitors register, the seed after the draw. The key also takes in how many
/// they were, so that nobody who knows the seed can choose a good moment to register. A Feistel network over the next
/// power of four, walked until it falls among the numbers that there are, is a permutation of exactly those.
struct Raffle: Sendable {
    private static let roundCount: UInt8 = 8

    private let key: HMACKey
    private let count: UInt64
    private let halfBits: UInt64

    /// - Parameters:
    ///   - name: the registration's.
    ///   - count: how many registered; at least 1.
    init(seed: [UInt8], name: Int64, count: Int64) {
        let text = "draw \(name) \(count)"
        key = HMACKey(HMACKey(seed).authenticate(Array(text.utf8)))
        self.count = UInt64(max(count, 1))
        var half: UInt64 = 1
        while half < 31, 1 << (2 * half) < self.count { half += 1 }
        halfBits = half
    }

    /// The place, from 0, of the registration with this index, from 0; nil if there is none.
    func place(of index: Int64) -> Int64? {
        guard index >= 0, UInt64(index) < count else { return nil }
        var value = UInt64(index)
        repeat { value = permuted(value) } while value >= count
        return Int64(value)
    }

    private func permuted(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = (1 << halfBits) - 1
        var (left, right) = (value >> halfBits, value & mask)
        for round in 0..<Self.roundCount {
            let bytes = [round] + (0..<8).map { UInt8(truncatingIfNeeded: right >> (56 - 8 * $0)) }
            let code = key.authenticate(bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            (left, right) = (right, left ^ (code & mask))
        }
        return left << halfBits | right
    }
}
