/// An order as its buyer sees it.
struct OrderDocument: Encodable, Sendable {
    struct Seat: Encodable, Sendable {
        let seat: Int
        let label: String
        let section: String
        let row: String
        let number: String
        let tier: String
        let amount: Int64
        let fee: Int64
        /// The ticket's serial once the order is paid.
        let serial: String?
        /// What the door scans.
        let code: String?
    }

    let code: String
    let event: String
    let title: String
    let state: String
    let email: String
    let holder: String
    let seats: [Seat]
    let subtotal: Int64
    let fees: Int64
    let total: Int64
    let refunded: Int64
    let currency: String
    let createdAt: String
    let expiresAt: String?
    let paidAt: String?

    init(_ order: Order, items: [HoldItem], tickets: [Ticket], in listing: Listing) {
        code = order.code
        event = listing.event.slug
        title = listing.event.title
        state = order.state.name
        email = order.email
        holder = order.holder
        subtotal = order.subtotal
        fees = order.fees
        total = order.total
        refunded = order.refunded
        currency = order.currency
        createdAt = order.createdAt.timestamp
        expiresAt = order.expiresAt?.timestamp
        paidAt = order.paidAt?.timestamp
        let ticketOfItem = Dictionary(
            tickets.map { ($0.itemNumber, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        seats = items.compactMap { item in
            guard listing.map.seats.indices.contains(item.seat) else { return nil }
            let seat = listing.map.seats[item.seat]
            return Seat(
                seat: item.seat,
                label: listing.map.label(of: item.seat) ?? "",
                section: listing.map.sections[seat.section].name,
                row: seat.row,
                number: seat.number,
                tier: listing.tiers.first { $0.number == item.tier }?.name ?? "",
                amount: item.amount,
                fee: item.fee,
                serial: ticketOfItem[item.number]?.serial,
                code: ticketOfItem[item.number]?.code
            )
        }
    }

    /// Reads the order as it stands in this transaction.
    static func read(_ id: Int64, in listing: Listing, _ connection: SQLConnection) throws
        -> OrderDocument
    {
        guard let order = try OrderRows.order(id: id, connection) else { throw Problem.notFound }
        return OrderDocument(
            order,
            items: try HoldRows.items(of: order.holdId, connection),
            tickets: try OrderRows.tickets(of: order.id, connection),
            in: listing
        )
    }
}
