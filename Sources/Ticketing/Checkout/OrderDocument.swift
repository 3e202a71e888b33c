/// An order as its buyer sees it.
struct OrderDocument: Encodable, Sendable {
    struct Seat: Encodable, Sendable {
        /// Nil for a standing place.
        let seat: Int?
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
        let holder: String?
        /// `valid`, `used` or `void` once there is a ticket.
        let ticket: String?
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
    let discount: Int64
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
        discount = order.discount
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
        seats = items.map { item in
            let place = listing.map.place(section: item.section, seat: item.seat)
            let ticket = ticketOfItem[item.number]
            return Seat(
                seat: item.seat,
                label: place.label,
                section: place.section,
                row: place.row,
                number: place.number,
                tier: listing.tiers.first { $0.number == item.tier }?.name ?? "",
                amount: item.amount,
                fee: item.fee,
                serial: ticket?.serial,
                code: ticket?.code,
                holder: ticket?.holder,
                ticket: ticket.map { $0.isValid ? $0.usedAt == nil ? "valid" : "used" : "void" }
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
