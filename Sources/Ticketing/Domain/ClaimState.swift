/// Why a seat is not free. A seat without a claim is free.
enum ClaimState: Int64, Sendable {
    case held = 1
    case sold = 2
    /// Kept back by the house.
    case blocked = 3

    /// The name on the wire.
    var name: String {
        switch self {
        case .held: "held"
        case .sold: "sold"
        case .blocked: "blocked"
        }
    }
}
