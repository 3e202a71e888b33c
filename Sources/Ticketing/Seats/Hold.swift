/// Seats kept for one visitor until a moment.
struct Hold: Sendable {
    let id: Int64
    let eventId: Int64
    let userId: Int64?
    let sessionHash: String
    let state: HoldState
    let expiresAt: Milliseconds
    let items: [HoldItem]
    /// Grows whenever the hold keeps something else.
    var revision = 1

    /// What all items cost, fees included, in minor units.
    var total: Int64 { items.reduce(0) { $0 + $1.amount + $1.fee } }

    /// The same hold of other things.
    func with(_ items: [HoldItem]) -> Hold {
        Hold(
            id: id,
            eventId: eventId,
            userId: userId,
            sessionHash: sessionHash,
            state: state,
            expiresAt: expiresAt,
            items: items,
            revision: revision
        )
    }
}

/// One seat or standing place of a hold with the price it was held at.
struct HoldItem: Sendable {
    let number: Int
    let section: Int
    /// Nil in a standing area.
    let seat: Int?
    /// The part of a standing area's stock that the place was taken from.
    var shard: Int?
    let tier: Int
    let amount: Int64
    let fee: Int64
}

extension [HoldItem] {
    /// The seats among the items.
    var seats: [Int] { compactMap(\.seat) }
}

/// A hold as lists show it.
struct Holding: Sendable {
    let id: Int64
    let eventId: Int64
    let unitCount: Int
    let expiresAt: Milliseconds
}

/// A hold as clients see it.
struct HoldDocument: Encodable, Sendable {
    struct Item: Encodable, Sendable {
        /// Nil for a standing place.
        let seat: Int?
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
        seats = hold.items.map { item in
            let place = listing.map.place(section: item.section, seat: item.seat)
            return Item(
                seat: item.seat,
                label: place.label,
                section: place.section,
                row: place.row,
                number: place.number,
                tier: listing.tiers.first { $0.number == item.tier }?.name ?? "",
                amount: item.amount,
                fee: item.fee
            )
        }
    }
}

extension HoldDocument {
    /// The document's bytes.
    var json: [UInt8] {
        var text = JSONText(capacity: 256 + 192 * seats.count)
        text.raw("{\"currency\":")
        text.string(currency)
        text.raw(",\"event\":")
        text.string(event)
        text.raw(",\"expires_at\":")
        text.string(expiresAt)
        text.raw(",\"id\":")
        text.string(id)
        text.raw(",\"seats\":[")
        for (index, item) in seats.enumerated() {
            if index > 0 { text.raw(",") }
            Self.write(item, to: &text)
        }
        text.raw("],\"state\":")
        text.string(state)
        text.raw(",\"total\":")
        text.number(total)
        text.raw("}")
        return text.bytes
    }

    private static func write(_ item: Item, to text: inout JSONText) {
        text.raw("{\"amount\":")
        text.number(item.amount)
        text.raw(",\"fee\":")
        text.number(item.fee)
        text.raw(",\"label\":")
        text.string(item.label)
        text.raw(",\"number\":")
        text.string(item.number)
        text.raw(",\"row\":")
        text.string(item.row)
        if let seat = item.seat {
            text.raw(",\"seat\":")
            text.number(seat)
        }
        text.raw(",\"section\":")
        text.string(item.section)
        text.raw(",\"tier\":")
        text.string(item.tier)
        text.raw("}")
    }
}
