/// An event with everything that selling it needs, as it was read at one moment.
struct Listing: Sendable {
    let event: Event
    let map: SeatMap
    let tiers: [Tier]
    /// The tier of each section of the map, by section number.
    let tierOfSection: [Tier]

    /// What a seat costs; nil if there is no such seat.
    func tier(ofSeat seat: Int) -> Tier? {
        guard map.seats.indices.contains(seat) else { return nil }
        let section = map.seats[seat].section
        return tierOfSection.indices.contains(section) ? tierOfSection[section] : nil
    }

    /// The lowest price, fee included.
    var lowestPrice: Money {
        Money(amount: tiers.map { $0.amount + $0.fee }.min() ?? 0, currency: event.currency)
    }
}
