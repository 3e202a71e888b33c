/// Numbers of a line that were given to nobody, since a failure may have cost the knowledge of who had which.
///
/// Each failure leaves out one stretch. They are passed over in one step, and count in no wait. Beyond `limit` the
/// oldest is forgotten: its numbers count as people again until the line has come past them, so that waits are told
/// too long, and nothing else is different.
struct UnusedNumbers: Hashable, Sendable {
    /// Numbers after the first and up to the second.
    struct Stretch: Hashable, Sendable {
        let after: Int64
        let through: Int64
    }

    static let limit = 16

    /// In the order of the numbers, apart from one another.
    private(set) var stretches: [Stretch] = []

    init() {}

    /// Of pairs of numbers in their order; pairs that cannot be are left out.
    init(_ numbers: some Collection<Int64>) {
        var first: Int64?
        for number in numbers {
            if let after = first { add(after: after, through: number) }
            first = first == nil ? number : nil
        }
    }

    /// Pairs of numbers, from the head of the line on.
    var numbers: [Int64] { stretches.flatMap { [$0.after, $0.through] } }

    /// Adds the newest stretch: whatever was left out behind its beginning is part of it.
    mutating func add(after: Int64, through: Int64) {
        stretches = stretches.compactMap { old in
            let end = min(old.through, after)
            return end > old.after ? Stretch(after: old.after, through: end) : nil
        }
        guard after >= 0, through > after else { return }
        stretches.append(Stretch(after: after, through: through))
        if stretches.count > Self.limit { stretches.removeFirst() }
    }

    /// How many of the numbers after the first and up to the second these are.
    func count(after: Int64, through: Int64) -> Int64 {
        stretches.reduce(0) { $0 + max(min(through, $1.through) - max(after, $1.after), 0) }
    }

    /// The last one of those that begin behind this number; nil if the next was given to somebody.
    func end(after number: Int64) -> Int64? {
        stretches.last { $0.after <= number && number < $0.through }?.through
    }

    /// What is left when the line has come to this number.
    func after(_ serving: Int64) -> UnusedNumbers {
        var rest = self
        rest.stretches.removeAll { $0.through <= serving }
        return rest
    }
}
