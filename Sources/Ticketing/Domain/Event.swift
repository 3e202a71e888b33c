/// Something that tickets are sold for.
struct Event: Sendable {
    let id: Int64
    let slug: String
    let mapId: Int64
    let title: String
    let body: String
    let currency: String
    let startsAt: Milliseconds
    let salesOpenAt: Milliseconds
    let salesCloseAt: Milliseconds
    let status: EventStatus
    let maxPerOrder: Int
    let maxPerBuyer: Int
    let holdSeconds: Int
    let waitingRoom: Bool
    let venueName: String
    let city: String
    /// The venue's time zone by its IANA name.
    let timeZone: String

    /// Whether seats may be held now.
    func sale(at now: Milliseconds) -> Sale {
        switch status {
        case .cancelled: return .cancelled
        case .paused: return .paused
        case .published: break
        }
        if now < salesOpenAt { return .notYet }
        return now < salesCloseAt ? .open : .over
    }
}

/// What the house decided about an event.
enum EventStatus: Int64, Sendable {
    case published = 0
    case paused = 1
    case cancelled = 2

    /// The name on the wire.
    var name: String {
        switch self {
        case .published: "open"
        case .paused: "paused"
        case .cancelled: "cancelled"
        }
    }
}

/// What a visitor can do about an event at a moment.
enum Sale: String, Sendable {
    case open
    case notYet = "upcoming"
    case over
    case paused
    case cancelled
}

/// One price of an event.
struct Tier: Sendable {
    let number: Int
    let name: String
    /// What the seat costs, in minor units, without the fee.
    let amount: Int64
    /// What the service costs, in minor units.
    let fee: Int64
    /// `#rrggbb` for the seat map.
    let color: String
}
