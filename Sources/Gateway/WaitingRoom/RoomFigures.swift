import Synchronization

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
