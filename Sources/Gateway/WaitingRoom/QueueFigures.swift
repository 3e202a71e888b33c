/// What a queue has done since it began.
struct QueueFigures: Hashable, Sendable {
    var admissions: Int64 = 0
    /// Turns that came and were not taken.
    var noShows: Int64 = 0
    /// Places passed over because nobody had been seen there.
    var passedOver: Int64 = 0
    /// Turns that went to others first since many came from the same place.
    var heldBack: Int64 = 0
}
