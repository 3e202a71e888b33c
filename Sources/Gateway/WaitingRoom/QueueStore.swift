/// Where a queue lives: in this process, or in Redis when several gateways share a room.
///
/// Times are milliseconds since 1970. What is not `async` never waits and never leaves the process.
protocol QueueStore: Sendable {
    /// The queue as last heard of.
    func snapshot() -> QueueSnapshot

    /// Counts a request of a session and says what is known of it here.
    func touch(_ session: SessionID, now: Int64) -> SessionStanding

    /// Notes that a place in line was seen and need not be seen again before `aliveUntil`.
    func mark(_ position: Int64, aliveUntil: Int64)

    /// Issues the next number; nil if the line is full.
    func join(aliveUntil: Int64, now: Int64) async throws(QueueStoreError) -> QueuePlace?

    /// Asks for the turn of a number.
    func claim(_ claim: QueueTurn, now: Int64) async throws(QueueStoreError) -> QueueClaim

    /// Puts a session's end off and says until when; nil if it is over.
    func renew(_ session: SessionID, now: Int64) async throws(QueueStoreError) -> Int64?

    /// Ends a session.
    func leave(_ session: SessionID, now: Int64) async throws(QueueStoreError)

    /// Gives up a place.
    func giveUp(_ position: Int64, now: Int64) async throws(QueueStoreError)

    /// Lets time pass; called every 100 ms or so.
    func tick(now: Int64) async throws(QueueStoreError)
}

/// A number in line and the epoch in which it is unique.
struct QueuePlace: Hashable, Sendable {
    let epoch: Int64
    let position: Int64
}

/// A ticket's side of a claim.
struct QueueTurn: Hashable, Sendable {
    let place: QueuePlace
    /// The session the ticket leads to.
    let session: SessionID
    /// The place need not be seen again before this moment to count as alive.
    let aliveUntil: Int64
}

/// What a store knows of a session without asking anybody.
enum SessionStanding: Hashable, Sendable {
    /// Goes on at least until then, this request included.
    case active(untilMilliseconds: Int64)
    /// Not known here: ask.
    case unknown
}

/// Why a store did not answer.
enum QueueStoreError: Error, Hashable, Sendable {
    /// Not reachable, or reachable and refusing to work.
    case away
}
