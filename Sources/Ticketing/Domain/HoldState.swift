/// Where a hold stands. Only an active hold changes, and only once.
enum HoldState: Int64, Sendable, CaseIterable {
    /// Seats are kept for a visitor. Can transition to: converted, released, expired.
    case active = 0
    /// An order took the seats over. Final.
    case converted = 1
    /// The visitor gave the seats back. Final.
    case released = 2
    /// Time ran out. Final.
    case expired = 3

    /// The name on the wire.
    var name: String {
        switch self {
        case .active: "active"
        case .converted: "converted"
        case .released: "released"
        case .expired: "expired"
        }
    }

    /// Whether the row may go from this state to `next`.
    func mayBecome(_ next: HoldState) -> Bool { self == .active && next != .active }
}
