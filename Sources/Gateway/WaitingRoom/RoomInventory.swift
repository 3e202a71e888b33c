import Synchronization

/// What remains to be sold, if the backend tells.
///
/// Contention: relaxed atomics.
final class RoomInventory: Sendable {
    /// Who was told long ago may have missed returns: somebody is let in to see.
    private static let trustMilliseconds: Int64 = 300_000

    private let remaining = Atomic<Int64>(-1)
    private let perVisitorThousandths = Atomic<Int64>(1_000)
    private let toldAt = Atomic<Int64>(0)

    func note(remaining count: Int64, perVisitor: Double?, now: Int64) {
        remaining.store(count, ordering: .relaxed)
        if let perVisitor, perVisitor > 0.001, perVisitor < 1_000_000 {
            perVisitorThousandths.store(Int64(perVisitor * 1_000), ordering: .relaxed)
        }
        toldAt.store(now, ordering: .relaxed)
    }

    /// What is left; nil if nobody told lately.
    func remaining(_ now: Int64) -> Int64? {
        let count = remaining.load(ordering: .relaxed)
        guard count >= 0, now - toldAt.load(ordering: .relaxed) < Self.trustMilliseconds else {
            return nil
        }
        return count
    }

    /// How many more visitors will find something.
    func visitors(_ now: Int64) -> Int64? {
        remaining(now).map { $0 * 1_000 / max(perVisitorThousandths.load(ordering: .relaxed), 1) }
    }

    func isSoldOut(_ now: Int64) -> Bool { remaining(now) == 0 }

    /// Reads `remaining=312, per_visitor=2.4` (a dictionary of RFC 9651); nil if it says no number.
    static func parse(_ text: String) -> (remaining: Int64, perVisitor: Double?)? {
        var values: [String: String] = [:]
        for member in text.split(separator: ",") {
            let pair = member.split(separator: "=", maxSplits: 1).map {
                $0.filter { $0 != " " && $0 != "\t" }
            }
            if pair.count == 2 { values[pair[0]] = pair[1] }
        }
        guard let remaining = values["remaining"].flatMap({ Int64($0) }),
            (0...1_000_000_000_000).contains(remaining)
        else { return nil }
        return (remaining, values["per_visitor"].flatMap { Double($0) })
    }
}
