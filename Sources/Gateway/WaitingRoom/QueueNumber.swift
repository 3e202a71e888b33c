import Redis

/// A number of a queue that somebody else wrote down: sums of a few of them always fit into 64 bits, and all of them
/// are exact in Redis' own arithmetic.
enum QueueNumber {
    static let limit: Int64 = 1 << 53

    /// A decimal number from 0; nil if it is none, or larger than any there is.
    static func read(_ text: some StringProtocol) -> Int64? {
        Int64(text).flatMap { (0..<limit).contains($0) ? $0 : nil }
    }

    /// The nearest to a number that there may be.
    static func clamp(_ number: Int64) -> Int64 { min(max(number, 0), limit - 1) }
}

extension RESPValue {
    /// A whole number that Redis' functions can have computed; nil for anything else.
    var number: Int64? {
        integer.flatMap { (-QueueNumber.limit..<QueueNumber.limit).contains($0) ? $0 : nil }
    }
}
