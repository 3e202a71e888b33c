/// 96 random bits, held in place: a ticket is read and copied with every poll.
struct TicketID: Hashable, Sendable {
    /// How many bytes it has.
    static let count = 12

    private let high: UInt64
    private let low: UInt32

    /// Nil unless there are twelve bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.count else { return nil }
        self.init(first: bytes)
    }

    /// A new one from a source of random bytes.
    init(from randomBytes: (Int) -> [UInt8]) { self.init(first: randomBytes(Self.count)) }

    private init(first bytes: [UInt8]) {
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The first byte: enough to spread those who came together.
    var first: UInt8 { UInt8(truncatingIfNeeded: high >> 56) }

    var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt32(24 - 8 * $0)) }
    }
}
