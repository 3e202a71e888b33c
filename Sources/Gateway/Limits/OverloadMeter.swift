/// How much a worker leaves undone so that the rest goes on well; each level includes those before it.
enum OverloadLevel: Int, Comparable, CaseIterable, Sendable {
    case none
    /// Connections end with their present request.
    case noKeepAlive
    /// Memory that is kept for the next request is given back.
    case smallBuffers
    /// Waiting rooms let nobody in.
    case newcomersWait
    /// The first request of a connection is answered 503 with `Retry-After`.
    case refusing
    /// New connections stay in the kernel's queue.
    case notAccepting

    static func < (left: OverloadLevel, right: OverloadLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Decides by two watermarks how overloaded a worker is: memory in use, and how long what is ready waits for its turn.
///
/// A queue that is too long is shortened from the third level on: ending connections, which the first does to save
/// memory, would cost more time than it saves. A level is reached at once and left one step at a time.
struct OverloadMeter {
    private(set) var level = OverloadLevel.none
    private var calmCount = 0

    /// Thousandths of the memory limit at which each level begins, `noKeepAlive` first.
    static let memoryMarks = [700, 800, 850, 900, 950]
    /// Delays in nanoseconds at which the levels from `newcomersWait` on begin.
    static let delayMarks: [UInt64] = [1_000_000_000, 3_000_000_000, 6_000_000_000]
    /// Measurements below a level before it is left.
    static let calmLimit = 4

    /// Takes a measurement, a few times a second.
    mutating func measure(memoryPermille: Int, delayNanoseconds: UInt64) {
        let byMemory = Self.memoryMarks.count { memoryPermille >= $0 }
        let delays = Self.delayMarks.count { delayNanoseconds >= $0 }
        let byDelay = delays == 0 ? 0 : delays + OverloadLevel.smallBuffers.rawValue
        let reached = OverloadLevel(rawValue: max(byMemory, byDelay)) ?? .notAccepting
        guard reached < level else {
            level = reached
            calmCount = 0
            return
        }
        calmCount += 1
        guard calmCount >= Self.calmLimit else { return }
        calmCount = 0
        level = OverloadLevel(rawValue: level.rawValue - 1) ?? .none
    }
}
