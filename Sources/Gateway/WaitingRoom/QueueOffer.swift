/// A place on its way to another device.
struct QueueOffer: Hashable, Sendable {
    /// How long a code is good.
    static let milliseconds: Int64 = 300_000
    /// Codes at one time; more would make guessing easier.
    static let limit = 10_000

    let place: QueuePlace
    let isInvited: Bool
    /// How often it has been moved.
    let moves: Int64
}
