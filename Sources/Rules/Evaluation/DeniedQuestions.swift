/// The questions that several rules ask, as far as the answer was no in a phase: as long as the values stay the same,
/// so does the answer.
struct DeniedQuestions {
    private var bits: [UInt64]
    /// For each question that was denied, what actions had taken from the rule that asked.
    private var removals: [UInt64]

    init(count: Int) {
        bits = .init(repeating: 0, count: (count + 63) / 64)
        removals = .init(repeating: 0, count: count)
    }

    mutating func removeAll() { for word in bits.indices { bits[word] = 0 } }

    /// Whether the answer is no for a rule from which at least the same was taken: it sees no more.
    @inline(__always)
    func contains(_ question: Int, without removed: UInt64) -> Bool {
        bits[question / 64] & 1 << UInt64(question % 64) != 0
            && removals[question] & ~removed == 0
    }

    @inline(__always)
    mutating func insert(_ question: Int, without removed: UInt64) {
        bits[question / 64] |= 1 << UInt64(question % 64)
        removals[question] = removed
    }
}
