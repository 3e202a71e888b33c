/// Fills an empty database with venues, events and two accounts. The same seed gives the same seats.
struct Seeder: Sendable {
    /// The accounts' passwords, for whoever starts the demonstration.
    struct Passwords: Sendable {
        let buyer: String
        let admin: String
        let door: String
    }

    static let buyerEmail = "buyer@example.com"
    static let adminEmail = "admin@example.com"
    static let doorEmail = "door@example.com"

    let shop: Shop
    let seed: UInt64

    /// Whether nothing is on sale yet.
    func isEmpty() async throws -> Bool {
        try await shop.database.read {
            try $0.first("SELECT id FROM events LIMIT 1") { try $0.integer(0) }
        } == nil
    }

    /// Builds everything. Two processes may try at once: the second finds the events there and returns nil.
    func seedDemonstration(password: String?) async throws -> Passwords? {
        let passwords = Passwords(
            buyer: password ?? Token.readable(16).lowercased(),
            admin: password ?? Token.readable(16).lowercased(),
            door: password ?? Token.readable(16).lowercased()
        )
        guard try await install([.teatro, .arena], EventPlan.demonstration) else { return nil }
        try await register(Self.buyerEmail, "Demo Buyer", passwords.buyer, .user)
        try await register(Self.adminEmail, "Demo Admin", passwords.admin, .admin)
        try await register(Self.doorEmail, "Demo Door", passwords.door, .door)
        return passwords
    }

    /// Builds venues and puts events on sale in one transaction, unless there are events already.
    func install(_ venues: [VenuePlan], _ plans: [EventPlan]) async throws -> Bool {
        let isInstalled = try await build(venues, plans, attempts: 20)
        guard isInstalled else { return false }
        for plan in plans where plan.soldShare > 0 { try await sell(plan) }
        return true
    }

    /// Another process that builds at this moment is waited for: the engine gives a wait up after two seconds, and a
    /// large house takes longer to write.
    private func build(_ venues: [VenuePlan], _ plans: [EventPlan], attempts: Int) async throws
        -> Bool
    {
        for _ in 1..<attempts {
            do { return try await build(venues, plans) } catch SQLError.busy, SQLError.unique {}
        }
        return try await build(venues, plans)
    }

    private func build(_ venues: [VenuePlan], _ plans: [EventPlan]) async throws -> Bool {
        try await shop.database.write { connection in
            guard
                try connection.first("SELECT id FROM events LIMIT 1", [], { try $0.integer(0) })
                    == nil
            else {
                return false
            }
            for venue in venues { try build(venue, connection) }
            for plan in plans { try announce(plan, connection) }
            return true
        }
    }

    /// Makes an account of any role.
    func register(_ email: String, _ name: String, _ password: String, _ role: Role) async throws {
        guard let address = EmailAddress(email) else {
            throw SQLError.inconsistent("\(email) is no address")
        }
        try await shop.accounts.register(
            Applicant(
                email: address,
                name: name,
                password: password,
                role: role,
                isVerified: true
            )
        )
    }

    private func build(_ venue: VenuePlan, _ connection: SQLConnection) throws {
        try connection.run(
            "INSERT INTO venues(id, slug, name, city, tz) VALUES(?, ?, ?, ?, ?)",
            [venue.id, venue.slug, venue.name, venue.city, venue.timeZone]
        )
        try connection.run(
            "INSERT INTO seat_maps(id, venue_id, revision) VALUES(?, ?, 1)",
            [venue.id, venue.id]
        )
        var seat = 0
        var seats: [[SQLCell]] = []
        for (number, block) in venue.blocks.enumerated() {
            try connection.run(
                """
                INSERT INTO map_sections(map_id, section_no, code, name, first_seat, seat_count)
                VALUES(?, ?, ?, ?, ?, ?)
                """,
                [
                    venue.id, number, block.code, block.name, seat,
                    block.rowCount * block.seatsPerRow,
                ]
            )
            for row in 0..<block.rowCount {
                for column in 0..<block.seatsPerRow {
                    seats.append(
                        seatRow(
                            seat,
                            venue: venue.id,
                            section: number,
                            block,
                            row: row,
                            column: column
                        )
                    )
                    seat += 1
                }
            }
        }
        try insertSeats(seats, connection)
        for (index, area) in venue.standing.enumerated() {
            try connection.run(
                """
                INSERT INTO map_sections(map_id, section_no, code, name, first_seat, seat_count, admission, capacity)
                VALUES(?, ?, ?, ?, ?, 0, 1, ?)
                """,
                [venue.id, venue.blocks.count + index, area.code, area.name, seat, area.capacity]
            )
        }
    }

    /// Seats are written a few hundred at a time: a big house is 20,000 rows.
    private func insertSeats(_ rows: [[SQLCell]], _ connection: SQLConnection) throws {
        for start in stride(from: 0, to: rows.count, by: 500) {
            let part = rows[start..<min(start + 500, rows.count)]
            let marks = Array(repeating: "(?, ?, ?, ?, ?, ?, ?)", count: part.count)
            try connection.run(
                """
                INSERT INTO map_seats(map_id, seat_no, section_no, row_label, seat_label, x, y)
                VALUES\(marks.joined(separator: ", "))
                """,
                part.flatMap { $0 }
            )
        }
    }

    private func seatRow(
        _ seat: Int,
        venue: Int64,
        section: Int,
        _ block: VenuePlan.Block,
        row: Int,
        column: Int
    ) -> [SQLCell] {
        let offset = 2 * column + 1 - block.seatsPerRow
        let rise = block.bend * offset * offset / (block.seatsPerRow * block.seatsPerRow)
        return [
            venue.cell, seat.cell, section.cell, VenuePlan.rowLabel(row).cell,
            String(column + 1).cell, (column * 10 + 5).cell,
            (row * VenuePlan.rowPitch + 5 + block.bend - rise).cell,
        ]
    }

    private func announce(_ plan: EventPlan, _ connection: SQLConnection) throws {
        let now = shop.clock.now()
        // Shows begin at half past eight, so that dates read like dates.
        let evening =
            (now + plan.startsIn) / Span.day * Span.day + 20 * Span.hour + 30 * Span.minute
        let startsAt = evening - LocalTime.offset(of: plan.venue.timeZone, at: evening)
        try connection.run(
            """
            INSERT INTO events(id, slug, map_id, title, body, currency, starts_at, sales_open_at, sales_close_at,
              status, max_per_order, max_per_buyer, hold_seconds, waiting_room)
            VALUES(?, ?, ?, ?, ?, 'EUR', ?, ?, ?, ?, ?, ?, 480, ?)
            """,
            [
                plan.id, plan.slug, plan.venue.id, plan.title, plan.body, startsAt,
                now + plan.opensIn,
                startsAt - Span.hour, plan.status.rawValue, plan.maxPerOrder, plan.maxPerBuyer,
                plan.waitingRoom ? 1 : 0,
            ]
        )
        for tier in plan.tiers {
            try connection.run(
                "INSERT INTO tiers(event_id, tier_no, name, amount, fee, color) VALUES(?, ?, ?, ?, ?, ?)",
                [plan.id, tier.number, tier.name, tier.amount, tier.fee, tier.color]
            )
        }
        for (number, block) in plan.venue.blocks.enumerated() {
            try connection.run(
                "INSERT INTO event_sections(event_id, section_no, tier_no) VALUES(?, ?, ?)",
                [plan.id, number, block.tier]
            )
        }
        for (index, area) in plan.venue.standing.enumerated() {
            let section = plan.venue.blocks.count + index
            try connection.run(
                "INSERT INTO event_sections(event_id, section_no, tier_no) VALUES(?, ?, ?)",
                [plan.id, section, area.tier]
            )
            try StandingStock.create(
                event: plan.id,
                section: section,
                capacity: area.capacity,
                connection
            )
        }
        try connection.run("INSERT INTO seat_revisions(event_id, revision) VALUES(?, 1)", [plan.id])
        // Another hundred people may come for less.
        let voucher = Voucher(
            id: shop.mint.next(),
            code: "WELCOME10",
            kind: .percent,
            amount: 10,
            maxUses: 100,
            uses: 0,
            validUntil: nil
        )
        _ = try VoucherRows.insert(voucher, event: plan.id, connection)
    }

    /// Sells a share of an event to invented parties of two to five neighbours, through the same order desk as anybody.
    private func sell(_ plan: EventPlan) async throws {
        let listing = try await shop.catalog.listing(id: plan.id)
        let soldShare = plan.soldShare
        try await shop.database.write { connection in
            var generator = SeededGenerator(seed: seed &+ UInt64(plan.id))
            for row in listing.map.sections.flatMap(\.rows) {
                var first = row.seats.lowerBound
                while first < row.seats.upperBound {
                    let size = min(
                        Int.random(in: 2...5, using: &generator),
                        row.seats.upperBound - first
                    )
                    let isSold = Double.random(in: 0..<1, using: &generator) < soldShare
                    if isSold { try sell(Array(first..<(first + size)), of: listing, connection) }
                    first += size
                }
            }
            HoldRows.touch(event: plan.id, connection)
        }
    }

    private func sell(_ seats: [Int], of listing: Listing, _ connection: SQLConnection) throws {
        let now = shop.clock.now()
        let mint = shop.orders.mint
        let session = Token.hash("demonstration")
        let hold = Hold(
            id: mint.next(),
            eventId: listing.event.id,
            userId: nil,
            sessionHash: session,
            state: .converted,
            expiresAt: now,
            items: seats.enumerated().compactMap { number, seat in
                listing.tier(ofSeat: seat).map { tier in
                    HoldItem(
                        number: number,
                        section: listing.map.seats[seat].section,
                        seat: seat,
                        tier: tier.number,
                        amount: tier.amount,
                        fee: tier.fee
                    )
                }
            }
        )
        _ = try HoldRows.claim(seats, event: hold.eventId, hold: hold.id, until: now, connection)
        try HoldRows.insert(hold, at: now, connection)
        let order = demonstrationOrder(for: hold, currency: listing.event.currency, at: now)
        try OrderRows.insert(order, connection)
        // Nobody is waiting for these tickets.
        try shop.orders.confirm(
            order,
            hold.items,
            .paymentSucceeded,
            sendsTickets: false,
            at: now,
            connection
        )
    }

    private func demonstrationOrder(for hold: Hold, currency: String, at now: Milliseconds) -> Order {
        let subtotal = hold.items.reduce(0) { $0 + $1.amount }
        return Order(
            id: shop.orders.mint.next(),
            code: Token.readable(10),
            eventId: hold.eventId,
            userId: nil,
            sessionHash: hold.sessionHash,
            holdId: hold.id,
            email: "demonstration@example.com",
            emailNormalised: "demonstration@example.com",
            holder: "Box office",
            state: .pending,
            unitCount: hold.items.count,
            currency: currency,
            subtotal: subtotal,
            fees: hold.total - subtotal,
            total: hold.total,
            refunded: 0,
            createdAt: now,
            expiresAt: now,
            paidAt: nil,
            revision: 1
        )
    }
}
