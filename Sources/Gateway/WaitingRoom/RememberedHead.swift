/// What a gateway remembers of the head of a line in Redis, to tell when Redis has lost it: who had been called up, and
/// until when those who come next count as there.
struct RememberedHead {
    /// What is told of it.
    struct Recall {
        /// Of places up to this one it is known who was seen.
        let through: Int64
        let marks: [(position: Int64, aliveUntil: Int64)]
        /// Places that had been called up, or were back after their turn.
        let called: [Int64]
    }

    /// Places beyond are not reached before their holders ask again.
    private static let reach: Int64 = 65_536
    private static let calledLimit: Int64 = 1_000

    /// Places in line by until when they count as there, on this node's clock.
    private var seen: [Int64: Int64] = [:]
    /// Up to which place those seen were forgotten.
    private var forgotten: Int64 = 0
    /// How far the line was when those called up were heard of, and who they were; nil if they were too many.
    private var called: (serving: Int64, positions: [Int64])?
    /// Since when this node knows the line; 0 if it does from its first place.
    private var knownSince: Int64?
    /// Whether it is still to be learnt whom an earlier process let in.
    var needsSessions = false

    /// Notes that the line was heard of, for the first time perhaps.
    mutating func begin(tail: Int64, now: Int64) {
        guard knownSince == nil else { return }
        knownSince = tail == 0 ? 0 : now
        needsSessions = tail > 0
    }

    /// Notes that somebody in line was seen.
    mutating func mark(_ position: Int64, aliveUntil: Int64, _ snapshot: QueueSnapshot) {
        guard position > snapshot.serving, snapshot.ahead(of: position) < Self.reach else { return }
        seen[position] = max(seen[position] ?? 0, aliveUntil)
    }

    /// Takes over who is called up: the place that the line has come to, and then they.
    mutating func hear(called positions: [Int64]?) {
        guard let positions, let serving = positions.first else { return called = nil }
        called = (serving, Array(positions.dropFirst()))
    }

    /// Forgets who was seen at places that the line has left behind, but for those called up since that was heard of.
    mutating func forget(through serving: Int64) {
        let through = min(serving, called?.serving ?? serving)
        guard through != forgotten else { return }
        forgotten = through
        seen = seen.filter { $0.key > through }
    }

    /// What to tell; nil if this node has not been there for long enough, or if they are too many.
    ///
    /// Long enough is until everybody near the head has asked: they do after a tenth of their wait, and those who
    /// are next within a second.
    func recall(_ snapshot: QueueSnapshot, now: Int64) -> Recall? {
        let serving = snapshot.serving
        guard let knownSince, now - knownSince >= 10_000, !needsSessions, let called else {
            return nil
        }
        // Whoever was called up since then is not known by name.
        let since = min(serving, called.serving)
        guard serving - since <= Self.calledLimit else { return nil }
        return Recall(
            through: snapshot.waitingCount <= Self.reach ? snapshot.tail : serving + Self.reach,
            marks: seen.map { (position: $0.key, aliveUntil: $0.value) },
            called: called.positions + (since..<serving).map { $0 + 1 }.filter { seen[$0] != nil }
        )
    }
}
