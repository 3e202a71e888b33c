/// 96 random bits, held in place: a ticket is read and copied with every poll.
struct TicketID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt32

    init(_ bytes: InlineArray<12, UInt8>) {
        high = (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
        low = (8..<12).reduce(0) { $0 << 8 | UInt32(bytes[$1]) }
    }

    /// A new one from a source of random bytes.
    init(from randomBytes: (Int) -> [UInt8]) {
        let bytes = randomBytes(12)
        self.init(InlineArray { bytes[$0] })
    }

    /// The first byte: enough to spread those who came together.
    var first: UInt8 { UInt8(truncatingIfNeeded: high >> 56) }

    var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt32(24 - 8 * $0)) }
    }
}
