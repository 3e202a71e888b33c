import Transport

/// Makes the tickets of a paid order.
struct TicketIssuer: Sendable {
    let mint: IdentifierMint
    let key: Ed25519PrivateKey

    /// Writes one ticket for each item, in the transaction that makes the order paid.
    func issue(for order: Order, items: [HoldItem], _ connection: SQLConnection) throws {
        try connection.insert(
            """
            INSERT INTO tickets(id, order_id, item_no, event_id, section_no, seat_no, tier_no, amount, holder,
              serial, code, state, live_seat)
            """,
            rows: try items.map { try row($0, of: order) }
        )
    }

    private func row(_ item: HoldItem, of order: Order) throws -> [SQLCell] {
        let id = mint.next()
        guard let code = TicketCode(event: order.eventId, ticket: id).signed(by: key) else {
            throw SQLError.inconsistent("the ticket key does not sign")
        }
        return [
            id.cell, order.id.cell, item.number.cell, order.eventId.cell, item.section.cell,
            item.seat.cell, item.tier.cell, (item.amount + item.fee).cell,
            holder(of: item, in: order).cell, Token.readable(26).cell, code.cell, .integer(0),
            item.seat.cell,
        ]
    }

    private func holder(of item: HoldItem, in order: Order) -> String {
        order.holders.indices.contains(item.number) ? order.holders[item.number] : order.holder
    }
}
