import Transport

/// Makes the tickets of a paid order.
struct TicketIssuer: Sendable {
    let mint: IdentifierMint
    let key: Ed25519PrivateKey

    /// Writes one ticket for each item, in the transaction that makes the order paid.
    func issue(for order: Order, items: [HoldItem], _ connection: SQLConnection) throws {
        for item in items {
            let id = mint.next()
            guard let code = TicketCode(event: order.eventId, ticket: id).signed(by: key) else {
                throw SQLError.inconsistent("the ticket key does not sign")
            }
            try connection.run(
                """
                INSERT INTO tickets(id, order_id, item_no, event_id, section_no, seat_no, tier_no, amount, holder,
                  serial, code, state, live_seat)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
                """,
                [
                    id, order.id, item.number, order.eventId, item.section, item.seat, item.tier,
                    item.amount + item.fee, holder(of: item, in: order), Token.readable(26),
                    code, item.seat,
                ]
            )
        }
    }

    private func holder(of item: HoldItem, in order: Order) -> String {
        order.holders.indices.contains(item.number) ? order.holders[item.number] : order.holder
    }
}
