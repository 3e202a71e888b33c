/// A ticket's side of a claim.
struct QueueTurn: Hashable, Sendable {
    let place: QueuePlace
    /// The session the ticket leads to.
    let session: SessionID
    /// The place need not be seen again before this moment to count as alive.
    let aliveUntil: Int64
    /// How often the place had been moved when the ticket was made.
    var moves: Int64 = 0
    /// Where its holder comes from, where that counts.
    var origin = CrowdOrigin()
}
