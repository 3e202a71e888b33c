/// What a node knows of a queue without asking its store: enough to answer every poll.
struct QueueSnapshot: Hashable, Sendable {
    /// Numbers are unique within an epoch; epochs only grow.
    var epoch: Int64 = 0
    /// The highest number whose turn has come.
    var serving: Int64 = 0
    /// The highest number issued.
    var tail: Int64 = 0
    /// Sessions inside, with those just left whose slot is not free yet.
    var activeCount: Int64 = 0
    /// Turns that came and were not taken yet.
    var reservedCount: Int64 = 0
    var capacity: Int64 = 0

    var waitingCount: Int64 { tail - serving }
}
