/// An order and what is in it.
struct OrderContents: Sendable {
    let order: Order
    let items: [HoldItem]
    let tickets: [Ticket]

    /// Reads the order with this code, in one query; nil if there is none.
    static func read(_ code: String, _ connection: SQLConnection) throws -> OrderContents? {
        let rows = try connection.rows(
            query,
            [code]
        ) { row -> (order: Order, item: HoldItem?, ticket: Ticket?) in
            let item = OrderRows.columns.count
            let ticket = item + HoldRows.itemColumns.count
            return (
                order: try OrderRows.order(row),
                item: try row.optionalInteger(item) == nil
                    ? nil : try HoldRows.item(row, from: item),
                ticket: try row.optionalInteger(ticket) == nil
                    ? nil : try OrderRows.ticket(row, from: ticket)
            )
        }
        guard let order = rows.first?.order else { return nil }
        return OrderContents(
            order: order,
            items: rows.compactMap(\.item),
            tickets: rows.compactMap(\.ticket)
        )
    }

    private static let query = """
        SELECT \(OrderRows.columns.of("o")), \(HoldRows.itemColumns.of("i")), \(OrderRows.ticketColumns.of("t"))
        FROM orders o LEFT JOIN hold_items i ON i.hold_id = o.hold_id
        LEFT JOIN tickets t ON t.order_id = o.id AND t.item_no = i.item_no
        WHERE o.code = ? ORDER BY i.item_no
        """
}
