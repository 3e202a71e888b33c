/// Places held back for the sake of others, as this node heard of them: until the line has moved on so far, their polls
/// are answered from here.
struct HeldPlaces: Sendable {
    /// Beyond it the store is asked.
    static let limit = 100_000

    private struct Place {
        /// Admissions of the room when the turn comes.
        let due: Int64
        let askAt: Int64
    }

    private var places: [Int64: Place] = [:]

    /// - Parameter askAt: when the store is to hear that somebody is still there.
    mutating func note(
        _ position: Int64,
        admissions left: Int64,
        _ snapshot: QueueSnapshot,
        askAt: Int64,
        now: Int64
    ) {
        if places.count >= Self.limit { places = places.filter { $0.value.askAt > now } }
        guard places.count < Self.limit else { return }
        places[position] = Place(due: snapshot.figures.admissions + left, askAt: askAt)
    }

    /// Admissions left; nil if the store has to be asked: it is time, or others may have stopped waiting.
    mutating func admissionsLeft(_ position: Int64, _ snapshot: QueueSnapshot, now: Int64) -> Int64? {
        guard let place = places[position] else { return nil }
        let left = place.due - snapshot.figures.admissions
        guard left > 0, place.askAt > now, snapshot.waitingCount > 0 else {
            places[position] = nil
            return nil
        }
        return left
    }
}
