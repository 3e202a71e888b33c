/// A number in line and the epoch in which it is unique.
struct QueuePlace: Hashable, Sendable {
    let epoch: Int64
    let position: Int64
}
