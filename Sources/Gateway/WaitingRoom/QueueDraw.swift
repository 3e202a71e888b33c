/// The numbers that those who had registered were given together.
struct QueueDraw: Hashable, Sendable {
    /// The registration's; 0 if there was none.
    var name: Int64 = 0
    /// The number before the first of theirs.
    var after: Int64 = 0
    var count: Int64 = 0
    /// The keys of its seed, as with the registration.
    var key: Int64 = 0

    var numbers: [Int64] { [name, after, count, key] }
}
