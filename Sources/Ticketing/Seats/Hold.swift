/// Seats kept for one visitor until a moment.
struct Hold: Sendable {
    let id: Int64
    let eventId: Int64
    let userId: Int64?
    let sessionHash: String
    let state: HoldState
    let expiresAt: Milliseconds
    let items: [HoldItem]

    /// What all items cost, fees included, in minor units.
    var total: Int64 { items.reduce(0) { $0 + $1.amount + $1.fee } }
}

/// One seat of a hold with the price it was held at.
struct HoldItem: Sendable {
    let number: Int
    let section: Int
    let seat: Int
    let tier: Int
    let amount: Int64
    let fee: Int64
}

/// A hold as clients see it.
struct HoldDocument: Encodable, Sendable {
    struct Item: Encodable, Sendable {
        let seat: Int
        let label: String
        let section: String
        let row: String
        let number: String
        let tier: String
        let amount: Int64
        let fee: Int64
    }

    let id: String
    let event: String
    let state: String
    let seats: [Item]
    let total: Int64
    let currency: String
    let expiresAt: String

    init(_ hold: Hold, in listing: Listing) {
        id = String(hold.id)
        event = listing.event.slug
        state = hold.state.name
        total = hold.total
        currency = listing.event.currency
        expiresAt = hold.expiresAt.timestamp
        seats = hold.items.compactMap { item in
            guard listing.map.seats.indices.contains(item.seat) else { return nil }
            let seat = listing.map.seats[item.seat]
            return Item(
                seat: item.seat,
                label: listing.map.label(of: item.seat) ?? "",
                section: listing.map.sections[seat.section].name,
                row: seat.row,
                number: seat.number,
                tier: listing.tiers.first { $0.number == item.tier }?.name ?? "",
                amount: item.amount,
                fee: item.fee
            )
        }
    }
}
