import Transport

/// A session's name: 128 bits that say nothing about the visitor.
///
/// Derived from the ticket, so that claiming a turn twice gives the same session and not a second slot.
struct SessionID: Hashable, Comparable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ bytes: InlineArray<16, UInt8>) {
        high = (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
        low = (8..<16).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// The first 16 bytes; nil if there are fewer.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 16 else { return nil }
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Parses `text`; nil if it is anything but 22 characters of Base64URL.
    init?(text: some Collection<UInt8>) {
        guard text.count == 22, let bytes = Base64URL.decode(text) else { return nil }
        self.init(bytes)
    }

    /// 22 characters of Base64URL.
    var text: String { Base64URL.encode(bytes) }

    /// The 16 bytes.
    var bytes: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// What may be shown to everybody: the first 80 bits of a SHA-256 of the name, in hexadecimal digits.
    var publicDigest: String {
        Hexadecimal.encode(Array(Digest.sha256(Array("admission \(text)".utf8)).prefix(10)))
    }

    static func < (left: SessionID, right: SessionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
