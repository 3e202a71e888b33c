/// An event as the house sends it, whole or the parts that change.
struct EventDraft: Decodable, Sendable {
    struct Tier: Decodable, Sendable {
        let number: Int
        let name: String
        let amount: Int64
        let fee: Int64?
        let color: String?
    }

    let slug: String?
    let map: String?
    let title: String?
    let body: String?
    let currency: String?
    let startsAt: String?
    let salesOpenAt: String?
    let salesCloseAt: String?
    let maxPerOrder: Int?
    let maxPerBuyer: Int?
    let holdSeconds: Int?
    let waitingRoom: Bool?
    let tiers: [Tier]?
    /// The tier of each section, by the section's code.
    let sections: [String: Int]?

    /// Throws `invalid-body` if a part that is there is not usable.
    func check() throws(Problem) {
        guard slug.map(MapImport.isSlug) ?? true else {
            throw .invalidBody("slug has 1 to 80 lower-case letters, digits and hyphens")
        }
        guard title.map({ (1...160).contains($0.utf8.count) }) ?? true,
            body.map({ $0.utf8.count <= 10_000 }) ?? true
        else { throw .invalidBody("title has 1 to 160 characters, body at most 10,000") }
        guard title?.isPrintable ?? true else { throw .invalidText("title") }
        guard (tiers ?? []).allSatisfy(\.name.isPrintable) else { throw .invalidText("tiers") }
        for moment in [startsAt, salesOpenAt, salesCloseAt].compactMap({ $0 })
        where Milliseconds(timestamp: moment) == nil {
            throw .invalidBody("\(moment) is not a time as in RFC 3339")
        }
        guard maxPerOrder.map((1...100).contains) ?? true,
            maxPerBuyer.map((1...10_000).contains) ?? true,
            holdSeconds.map((1...86_400).contains) ?? true
        else { throw .invalidBody("max_per_order, max_per_buyer or hold_seconds is out of range") }
        for tier in tiers ?? [] { try check(tier) }
        guard Set((tiers ?? []).map(\.number)).count == tiers?.count ?? 0 else {
            throw .invalidBody("two tiers have one number")
        }
    }

    private func check(_ tier: Tier) throws(Problem) {
        guard (1...99).contains(tier.number), (1...60).contains(tier.name.utf8.count),
            Money.prices.contains(tier.amount), Money.prices.contains(tier.fee ?? 0)
        else { throw .invalidBody("a tier has a number, a name, an amount and perhaps a fee") }
        let color = tier.color ?? "#8f2d56"
        guard color.utf8.count == 7, color.hasPrefix("#"),
            Token.bytes(hexadecimal: color.dropFirst()) != nil
        else { throw .invalidBody("color is written as #rrggbb") }
    }

    /// Writes a new event; throws `slug-taken`, `not-found` for the map, `invalid-body`.
    func insert(id: Int64, _ connection: SQLConnection) throws {
        guard let slug, let map, let title, let tiers, let sections,
            let startsAt = startsAt.flatMap(Milliseconds.init(timestamp:)),
            let opensAt = salesOpenAt.flatMap(Milliseconds.init(timestamp:))
        else {
            throw Problem.invalidBody(
                "slug, map, title, starts_at, sales_open_at, tiers and sections are required"
            )
        }
        guard let map = Int64(map) else { throw Problem.invalidBody("map is the id of a map") }
        let currency = currency ?? "EUR"
        guard Money.currencies.contains(currency) else {
            throw Problem.invalidBody(
                "currency is a code of ISO 4217 whose amounts have two decimals, as EUR or USD"
            )
        }
        let inserted = try connection.run(
            """
            INSERT OR IGNORE INTO events(id, slug, map_id, title, body, currency, starts_at, sales_open_at,
              sales_close_at, status, max_per_order, max_per_buyer, hold_seconds, waiting_room)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
            """,
            [
                id, slug, map, title, body ?? "", currency, startsAt, opensAt,
                salesCloseAt.flatMap(Milliseconds.init(timestamp:)) ?? startsAt, maxPerOrder ?? 6,
                maxPerBuyer ?? 10, holdSeconds ?? 480, waitingRoom == true ? 1 : 0,
            ]
        )
        guard inserted == 1 else { throw Problem.slugTaken }
        for tier in tiers {
            try connection.run(
                "INSERT INTO tiers(event_id, tier_no, name, amount, fee, color) VALUES(?, ?, ?, ?, ?, ?)",
                [id, tier.number, tier.name, tier.amount, tier.fee ?? 0, tier.color ?? "#8f2d56"]
            )
        }
        try insertSections(of: map, sections, tiers, event: id, connection)
        try Self.checkTimes(of: id, connection)
        connection.touch(event: id)
    }

    private func insertSections(
        of map: Int64,
        _ tierOfCode: [String: Int],
        _ tiers: [Tier],
        event: Int64,
        _ connection: SQLConnection
    ) throws {
        let sections = try connection.rows(
            "SELECT section_no, code, admission, capacity FROM map_sections WHERE map_id = ?",
            [map]
        ) { row in
            (
                number: try row.int(0), code: try row.text(1), isStanding: try row.int(2) != 0,
                capacity: try row.int(3)
            )
        }
        guard !sections.isEmpty else { throw Problem.notFound }
        let strangers = Set(tierOfCode.keys).subtracting(sections.map(\.code))
        if let code = strangers.min() {
            throw Problem.invalidBody("section \(code) is not on the map")
        }
        for section in sections {
            guard let tier = tierOfCode[section.code], tiers.contains(where: { $0.number == tier })
            else { throw Problem.invalidBody("section \(section.code) has no tier") }
            try connection.run(
                "INSERT INTO event_sections(event_id, section_no, tier_no) VALUES(?, ?, ?)",
                [event, section.number, tier]
            )
            guard section.isStanding else { continue }
            try StandingStock.create(
                event: event,
                section: section.number,
                capacity: section.capacity,
                connection
            )
        }
    }

    /// As the event now stands, whichever of its times were sent.
    private static func checkTimes(of event: Int64, _ connection: SQLConnection) throws {
        let times = try connection.first(
            "SELECT sales_open_at, sales_close_at, starts_at FROM events WHERE id = ?",
            [event]
        ) {
            (opens: try $0.integer(0), closes: try $0.integer(1), starts: try $0.integer(2))
        }
        guard let times else { return }
        guard times.opens < times.closes else {
            throw Problem.invalidBody("sales_close_at is after sales_open_at")
        }
        guard times.opens <= times.starts else {
            throw Problem.invalidBody("starts_at is not before sales_open_at")
        }
    }

    /// Throws `invalid-body` for what of an event never changes, unless it is what it was.
    func checkStays(_ listing: Listing) throws(Problem) {
        let event = listing.event
        let tierOfCode = Dictionary(
            uniqueKeysWithValues: zip(
                listing.map.sections.map(\.code),
                listing.tierOfSection.map(\.number)
            )
        )
        for (name, isSame) in [
            ("slug", slug == nil || slug == event.slug),
            ("map", map == nil || map == String(event.mapId)),
            ("currency", currency == nil || currency == event.currency),
            ("sections", sections == nil || sections == tierOfCode),
        ] where !isSame {
            throw .invalidBody("\(name) of an event stays what it is")
        }
        let known = Set(listing.tiers.map(\.number))
        if let stranger = (tiers ?? []).first(where: { !known.contains($0.number) }) {
            throw .invalidBody("the event has no tier \(stranger.number)")
        }
    }

    /// Changes the parts that are there and no other, which somebody else may be changing. Prices of seats that are
    /// held already stay as they were shown.
    func update(_ event: Int64, _ connection: SQLConnection) throws {
        try connection.run(
            """
            UPDATE events SET title = COALESCE(?, title), body = COALESCE(?, body),
              starts_at = COALESCE(?, starts_at), sales_open_at = COALESCE(?, sales_open_at),
              sales_close_at = COALESCE(?, sales_close_at), max_per_order = COALESCE(?, max_per_order),
              max_per_buyer = COALESCE(?, max_per_buyer), hold_seconds = COALESCE(?, hold_seconds),
              waiting_room = COALESCE(?, waiting_room) WHERE id = ?
            """,
            [
                title, body, startsAt.flatMap(Milliseconds.init(timestamp:)),
                salesOpenAt.flatMap(Milliseconds.init(timestamp:)),
                salesCloseAt.flatMap(Milliseconds.init(timestamp:)), maxPerOrder, maxPerBuyer,
                holdSeconds, waitingRoom.map { $0 ? 1 : 0 }, event,
            ]
        )
        for tier in tiers ?? [] {
            try connection.run(
                """
                UPDATE tiers SET name = ?, amount = ?, fee = COALESCE(?, fee), color = COALESCE(?, color)
                WHERE event_id = ? AND tier_no = ?
                """,
                [tier.name, tier.amount, tier.fee, tier.color, event, tier.number]
            )
        }
        if startsAt != nil || salesOpenAt != nil || salesCloseAt != nil {
            try Self.checkTimes(of: event, connection)
        }
        connection.touch(event: event)
    }
}
