/// A hold of known seats with everything that placing it writes, worked out before it waits for its turn.
struct HoldClaim: Sendable {
    let hold: Hold
    let createdAt: Milliseconds
    /// How many seats the visitor may hold at the event at a time.
    let limit: Int
    let key: IdempotencyKey?
    let answer: Answer
    /// What a visitor is told who wanted these seats and no others, given those that somebody else has; nil if other
    /// seats will do.
    let refusal: (@Sendable ([Int]) -> Problem)?

    var seats: [Int] { hold.items.seats }
}
