/// How a sale goes, in figures.
struct SalesBoard: Sendable {
    struct Figures: Encodable, Sendable {
        struct Section: Encodable, Sendable {
            let code: String
            let name: String
            let free: Int
            let held: Int
            let sold: Int
            let blocked: Int
        }

        struct Minute: Encodable, Sendable {
            let at: String
            let orders: Int
            let amount: Int64
        }

        let event: String
        let sale: String
        let capacity: Int
        let free: Int
        let held: Int
        let sold: Int
        let blocked: Int
        let orders: [String: Int]
        let revenue: Int64
        let refunded: Int64
        /// Money that is to go back and has not arrived: asked for, on its way, or given up.
        let refundsOpen: Int64
        let currency: String
        let checkedIn: Int
        let sections: [Section]
        /// The last hour, minute by minute.
        let minutes: [Minute]
        let jobsWaiting: Int
        let jobsDead: Int
        let viewers: Int
        /// How far the refunds are, if the event was cancelled.
        let cancellation: CancellationBoard?
    }

    private struct Read: Sendable {
        let orders: [String: Int]
        let money: (total: Int64, refunded: Int64)
        let refundsOpen: Int64
        let minutes: [Figures.Minute]
        let checkedIn: Int
        let standing: (held: Int, sold: Int)
        let cancellation: CancellationBoard?
    }

    let shop: Shop

    /// The figures of an event now.
    func figures(of listing: Listing) async throws -> Figures {
        let event = listing.event
        let availability = try await shop.board.availability(of: listing)
        let now = shop.clock.now()
        let depth = try await shop.jobs.depth()
        let sections = sections(of: listing, availability)
        let read = try await shop.database.read { connection in
            Read(
                orders: try orderCounts(event.id, connection),
                money: try money(event.id, connection),
                refundsOpen: try refundsOpen(event.id, connection),
                minutes: try minutes(event.id, since: now - Span.hour, connection),
                checkedIn: try checkedIn(event.id, connection),
                standing: try StandingStock.count(event: event.id, connection),
                cancellation: event.status == .cancelled
                    ? try CancellationBoard(event: event.id, connection) : nil
            )
        }
        return Figures(
            event: event.slug,
            sale: event.sale(at: now).rawValue,
            capacity: listing.map.capacity,
            free: availability.freeCount,
            held: sections.reduce(0) { $0 + $1.held } + read.standing.held,
            sold: sections.reduce(0) { $0 + $1.sold } + read.standing.sold,
            blocked: sections.reduce(0) { $0 + $1.blocked },
            orders: read.orders,
            revenue: read.money.total,
            refunded: read.money.refunded,
            refundsOpen: read.refundsOpen,
            currency: event.currency,
            checkedIn: read.checkedIn,
            sections: sections,
            minutes: read.minutes,
            jobsWaiting: depth.waiting,
            jobsDead: depth.dead,
            viewers: shop.live.viewerCount(of: event.id),
            cancellation: read.cancellation
        )
    }

    private func sections(of listing: Listing, _ availability: Availability) -> [Figures.Section] {
        listing.map.sections.map { section in
            let states = availability.states[
                section.seats.clamped(to: availability.states.indices)
            ]
            let count = { (state: UInt8) in states.reduce(0) { $1 == state ? $0 + 1 : $0 } }
            return Figures.Section(
                code: section.code,
                name: section.name,
                free: availability.standing[section.number] ?? count(0),
                held: count(1),
                sold: count(2),
                blocked: count(3)
            )
        }
    }

    private func orderCounts(_ event: Int64, _ connection: SQLConnection) throws -> [String: Int] {
        let counts = try connection.rows(
            "SELECT state, COUNT(*) FROM orders WHERE event_id = ? GROUP BY state",
            [event]
        ) { (OrderState(rawValue: try $0.integer(0))?.name ?? "", try $0.int(1)) }
        return Dictionary(counts, uniquingKeysWith: +)
    }

    private func money(_ event: Int64, _ connection: SQLConnection) throws -> (
        total: Int64, refunded: Int64
    ) {
        try connection.first(
            """
            SELECT COALESCE(SUM(total), 0), COALESCE(SUM(refunded), 0) FROM orders
            WHERE event_id = ? AND paid_at IS NOT NULL
            """,
            [event]
        ) { (try $0.integer(0), try $0.integer(1)) } ?? (0, 0)
    }

    private func refundsOpen(_ event: Int64, _ connection: SQLConnection) throws -> Int64 {
        try connection.first(
            """
            SELECT COALESCE(SUM(r.amount), 0) FROM refunds r JOIN orders o ON o.id = r.order_id
            WHERE o.event_id = ? AND r.state <> ?
            """,
            [event, RefundState.returned.rawValue]
        ) { try $0.integer(0) } ?? 0
    }

    private func minutes(_ event: Int64, since: Milliseconds, _ connection: SQLConnection) throws
        -> [Figures.Minute]
    {
        try connection.rows(
            """
            SELECT paid_at - paid_at % 60000 AS minute, COUNT(*), SUM(total) FROM orders
            WHERE event_id = ? AND paid_at > ? GROUP BY minute ORDER BY minute
            """,
            [event, since]
        ) { row in
            Figures.Minute(
                at: try row.integer(0).timestamp,
                orders: try row.int(1),
                amount: try row.integer(2)
            )
        }
    }

    private func checkedIn(_ event: Int64, _ connection: SQLConnection) throws -> Int {
        try connection.first(
            "SELECT COUNT(*) FROM tickets WHERE event_id = ? AND used_at IS NOT NULL",
            [event]
        ) { try $0.int(0) } ?? 0
    }
}
