/// Those who came before an opening: how many, and which numbers they were given together.
struct QueueDraw: Hashable, Sendable {
    /// The opening, milliseconds since 1970; 0 if there was none.
    var opensAt: Int64 = 0
    /// The number before the first of theirs.
    var after: Int64 = 0
    var count: Int64 = 0
}

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
