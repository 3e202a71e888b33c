import Synchronization

/// What of a room's settings may change while it runs, where every request reads it.
///
/// Contention: written by ticks, read by requests; relaxed atomics.
final class RoomLive: Sendable {
    private let modeIndex: Atomic<Int>
    private let session: Atomic<Int>

    init(_ settings: WaitingRoomSettings) {
        modeIndex = Atomic(Self.index(of: settings.mode))
        session = Atomic(settings.sessionSeconds)
    }

    var mode: WaitingRoomSettings.Mode {
        let all = WaitingRoomSettings.Mode.allCases
        let index = modeIndex.load(ordering: .relaxed)
        return index < all.count ? all[index] : .automatic
    }

    var sessionSeconds: Int { session.load(ordering: .relaxed) }

    func follow(_ settings: WaitingRoomSettings) {
        modeIndex.store(Self.index(of: settings.mode), ordering: .relaxed)
        session.store(settings.sessionSeconds, ordering: .relaxed)
    }

    private static func index(of mode: WaitingRoomSettings.Mode) -> Int {
        WaitingRoomSettings.Mode.allCases.firstIndex(of: mode) ?? 0
    }
}

/// What is kept of a room when its configuration is read again.
final class RoomMemory: Sendable {
    let figures = RoomFigures()
    let inventory = RoomInventory()
    let latency = BackendLatency()
    let density = PlaceDensity()
    let parked: ParkedPolls
    /// Whether the process ends, so that nobody is to wait for an answer longer than needed. Written by ticks.
    let isEnding = Atomic<Bool>(false)
    /// Counts the rooms that were made of this memory, and which of them is in force.
    private let generations = Atomic<Int>(0)
    private let present = Atomic<Int>(0)
    /// Whether somebody is taking admissions over into the chain: one at a time, so that they stay in order.
    let isChaining = Atomic<Bool>(false)

    init(parkedTotal: ParkedPolls.Total = ParkedPolls.Total()) {
        parked = ParkedPolls(of: parkedTotal)
    }

    func nextGeneration() -> Int { generations.add(1, ordering: .relaxed).newValue }

    /// Notes which room lets time pass: a configuration may be read and not come into force.
    func enforce(_ generation: Int) { present.store(generation, ordering: .relaxed) }

    /// Whether a later room has come into force.
    func isOver(_ generation: Int) -> Bool { present.load(ordering: .relaxed) > generation }

    /// Whether no other room has come into force.
    func isInForce(_ generation: Int) -> Bool {
        let present = present.load(ordering: .relaxed)
        return present == 0 || present == generation
    }
}

/// What a room has done on this node.
///
/// Contention: relaxed counters.
final class RoomFigures: Sendable {
    let polls = Atomic<Int>(0)
    let joins = Atomic<Int>(0)
    let admissions = Atomic<Int>(0)
    /// Passes and tickets that were none, or not the sender's to use.
    let cheats = Atomic<Int>(0)
    /// Tickets that had been used up.
    let spentTickets = Atomic<Int>(0)
    /// Visitors let in while the store was away.
    let openPasses = Atomic<Int>(0)
    /// Requests that a rule let by.
    let bypasses = Atomic<Int>(0)
    /// Places given out while the store was away.
    let provisional = Atomic<Int>(0)
    /// Askers that were told from memory because they asked too often.
    let hasty = Atomic<Int>(0)
    /// Places that went to another device.
    let moves = Atomic<Int>(0)
    /// Parked polls that ended with their turn, and those whose visitors gave them up.
    let parkedTurns = Atomic<Int>(0)
    let parkedGone = Atomic<Int>(0)
    /// Newcomers that were told to come back later because their client took many places.
    let crowding = Atomic<Int>(0)
    /// Work that was shown, questions that were answered instead, and what was wrong of both.
    let proofs = Atomic<Int>(0)
    let questions = Atomic<Int>(0)
    let wrongProofs = Atomic<Int>(0)
    /// Turns whose wait was told beforehand, those that came within 15 % or two seconds of it, and those that came
    /// before the time that nine in ten were to stay below.
    let estimates = Atomic<Int>(0)
    let estimatesClose = Atomic<Int>(0)
    let estimatesKept = Atomic<Int>(0)
    private let answers = AtomicRow<9>()

    func count(_ outcome: EstimateBook.Outcome) {
        let error = abs(outcome.realMilliseconds - 1_000 * outcome.toldSeconds)
        estimates.add(1, ordering: .relaxed)
        if error <= max(2_000, outcome.realMilliseconds * 15 / 100) {
            estimatesClose.add(1, ordering: .relaxed)
        }
        if outcome.isKept { estimatesKept.add(1, ordering: .relaxed) }
    }

    func count(_ state: WaitingStatus.State) {
        answers.add(1, at: WaitingStatus.State.allCases.firstIndex(of: state) ?? 0)
    }

    /// Waiting answers on protected paths in that state.
    func answers(_ state: WaitingStatus.State) -> Int {
        answers.load(WaitingStatus.State.allCases.firstIndex(of: state) ?? 0)
    }
}

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

/// Follows how long the backend takes, and lets fewer in while it is slow.
///
/// Contention: two relaxed counters per response of a protected path.
final class BackendLatency: Sendable {
    private let answers = Atomic<Int>(0)
    private let slow = Atomic<Int>(0)
    private let limitNanoseconds = Atomic<UInt64>(.max)
    /// Thousandths of the configured capacity.
    private let share = Atomic<Int>(1_000)
    private let judgedAt = Atomic<Int64>(0)

    func note(nanoseconds: UInt64, status: Int) {
        answers.add(1, ordering: .relaxed)
        if status >= 500 || nanoseconds > limitNanoseconds.load(ordering: .relaxed) {
            slow.add(1, ordering: .relaxed)
        }
    }

    /// The capacity for now: down by a fifth for each second in which more than a tenth of the answers were slow, up by
    /// a twentieth for each in which they were not, never above the configured one.
    func capacity(_ configured: Int, target: WaitingRoomSettings.LatencyTarget, now: Int64) -> Int {
        limitNanoseconds.store(UInt64(target.milliseconds) * 1_000_000, ordering: .relaxed)
        if now - judgedAt.load(ordering: .relaxed) >= 1_000 {
            judgedAt.store(now, ordering: .relaxed)
            let count = answers.exchange(0, ordering: .relaxed)
            let slowCount = slow.exchange(0, ordering: .relaxed)
            let present = share.load(ordering: .relaxed)
            let isSlow = count >= 5 && slowCount * 10 > count
            let next = isSlow ? present * 4 / 5 : min(1_000, present + 50)
            share.store(max(next, 1), ordering: .relaxed)
        }
        let capacity = configured * share.load(ordering: .relaxed) / 1_000
        return max(min(capacity, configured), min(target.leastCapacity, configured))
    }
}
