/// Everything that is true about an event's seats at one moment, one JSON object per line, for auditors and tests.
struct Ledger: Sendable {
    private struct Claim: Encodable {
        let kind = "claim"
        let seat: Int
        let label: String
        let state: String
        let hold: String
        let order: String?
    }

    private struct OrderLine: Encodable {
        let kind = "order"
        let code: String
        let hold: String
        let state: String
        let units: Int
        let total: Int64
        let refunded: Int64
    }

    private struct TicketLine: Encodable {
        let kind = "ticket"
        let serial: String
        let order: String
        /// Nil for a standing place.
        let seat: Int?
        let label: String
        let valid: Bool
    }

    private struct StandingLine: Encodable {
        let kind = "standing"
        let section: String
        let initial: Int
        let remaining: Int
    }

    let listing: Listing

    /// The lines as bytes, read in one transaction.
    func lines(_ connection: SQLConnection) throws -> [UInt8] {
        var output: [UInt8] = []
        let orders = try OrderRows.orders(ofEvent: listing.event.id, connection)
        let codes = Dictionary(
            orders.map { ($0.id, $0.code) },
            uniquingKeysWith: { first, _ in first }
        )
        for claim in try claims(codes, connection) { Self.append(claim, to: &output) }
        for order in orders {
            Self.append(
                OrderLine(
                    code: order.code,
                    hold: String(order.holdId),
                    state: order.state.name,
                    units: order.unitCount,
                    total: order.total,
                    refunded: order.refunded
                ),
                to: &output
            )
        }
        for ticket in try tickets(codes, connection) { Self.append(ticket, to: &output) }
        for line in try standing(connection) { Self.append(line, to: &output) }
        return output
    }

    private func standing(_ connection: SQLConnection) throws -> [StandingLine] {
        try connection.rows(
            """
            SELECT section_no, SUM(initial), SUM(remaining) FROM ga_stock WHERE event_id = ? GROUP BY section_no
            ORDER BY section_no
            """,
            [listing.event.id]
        ) { row in
            StandingLine(
                section: listing.map.place(section: try row.int(0), seat: nil).label,
                initial: try row.int(1),
                remaining: try row.int(2)
            )
        }
    }

    private static func append(_ line: some Encodable, to output: inout [UInt8]) {
        output += JSON.encode(line)
        output.append(UInt8(ascii: "\n"))
    }

    private func claims(_ codes: [Int64: String], _ connection: SQLConnection) throws -> [Claim] {
        try connection.rows(
            "SELECT seat_no, state, hold_id, order_id FROM seat_claims WHERE event_id = ? ORDER BY seat_no",
            [listing.event.id]
        ) { row in
            let seat = try row.int(0)
            return Claim(
                seat: seat,
                label: listing.map.label(of: seat) ?? "",
                state: ClaimState(rawValue: try row.integer(1))?.name ?? "",
                hold: String(try row.integer(2)),
                order: try row.optionalInteger(3).flatMap { codes[$0] }
            )
        }
    }

    private func tickets(_ codes: [Int64: String], _ connection: SQLConnection) throws
        -> [TicketLine]
    {
        try connection.rows(
            "SELECT serial, order_id, seat_no, state, section_no FROM tickets WHERE event_id = ? ORDER BY id",
            [listing.event.id]
        ) { row in
            let seat = try row.optionalInt(2)
            return TicketLine(
                serial: try row.text(0),
                order: codes[try row.integer(1)] ?? "",
                seat: seat,
                label: listing.map.place(section: try row.int(4), seat: seat).label,
                valid: try row.integer(3) == 0
            )
        }
    }
}
