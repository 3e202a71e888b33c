import Glibc

/// How long tests wait for what should come at once: long enough for a machine that is busy with
/// other things, and yet an end.
public enum Patience {
    /// For one answer, one line, one condition.
    public static let usual = Duration.seconds(60)
    /// For a program to start or to run to its end.
    public static let long = Duration.seconds(300)
}

/// A point in time after which a test gives up waiting.
public struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    public init(within duration: Duration) {
        end = ContinuousClock.now + duration
    }

    public var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left for a call of the poll family: never negative, at least one millisecond while time is left.
    public var pollMilliseconds: Int32 {
        let left = end - ContinuousClock.now
        guard left > .zero else { return 0 }
        return Int32(
            clamping: left.components.seconds * 1000 + left.components.attoseconds
                / 1_000_000_000_000_000 + 1
        )
    }
}

/// Asks until the condition holds; false when it did not in time. For states that announce themselves to nobody.
public func eventually(
    within duration: Duration = Patience.usual,
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = Deadline(within: duration)
    while true {
        if try condition() { return true }
        if deadline.hasPassed { return false }
        pause(.milliseconds(20))
    }
}

/// `eventually` for tasks: others go on meanwhile.
public nonisolated(nonsending) func soon(
    within duration: Duration = Patience.usual,
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = Deadline(within: duration)
    while true {
        if try await condition() { return true }
        if deadline.hasPassed { return false }
        await Task.yield()
    }
}

/// Blocks the calling thread. Only for what is about time itself, such as a peer that is deliberately slow.
public func pause(_ duration: Duration) {
    _ = poll(nil, 0, Deadline(within: duration).pollMilliseconds)
}
