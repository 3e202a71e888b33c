/// What the event pages show, in words.
struct EventPageModel {
    let listing: Listing
    let availability: Availability
    let now: Milliseconds

    private var event: Event { listing.event }
    private var sale: Sale { event.sale(at: now) }
    private var freeCount: Int { availability.freeCount }
    private var isOpen: Bool { sale == .open && freeCount > 0 }

    /// Whether nobody can buy any more.
    var isOver: Bool { sale == .over }

    /// The values of a card in the list.
    var card: [String: Any] {
        let date = LocalTime.date(event.startsAt, in: event.timeZone)
        return [
            "slug": event.slug, "title": event.title, "venue": event.venueName, "city": event.city,
            "date": "\(date.longDate), \(date.clockTime)", "starts_at": event.startsAt.timestamp,
            "sale": sale.rawValue, "state": state, "badge": badge, "is_open": isOpen,
            "is_cancelled": sale == .cancelled, "is_over": isOver,
            "from": listing.lowestPrice.amount == 0
                ? "free" : "from \(listing.lowestPrice.description)",
            "queue": event.waitingRoom && (isOpen || sale == .notYet),
        ]
    }

    /// The values of the event's own page, for the whole house or one section of it.
    func page(section: SeatMap.Section?, notice: String?) -> [String: Any] {
        var values = card
        let date = LocalTime.date(event.startsAt, in: event.timeZone)
        let isSmall = listing.map.seats.count <= SeatDrawing.seatLimit
        values["date"] = date.longDate
        values["time"] = date.clockTime
        values["body"] = event.body
        values["free"] = freeCount
        values["total"] = listing.map.capacity
        values["max"] = event.maxPerOrder
        values["quantities"] = Array(1...max(1, event.maxPerOrder))
        values["tiers"] = listing.tiers.map { tier in
            [
                "number": String(tier.number), "name": tier.name, "color": tier.color,
                "price": Money(amount: tier.amount + tier.fee, currency: event.currency)
                    .description,
            ]
        }
        values["section"] = section?.code
        values["section_query"] = section.map { "?section=\(FormBody.escape($0.code))" }
        values["currency"] = event.currency == "EUR" ? "€" : event.currency
        if section == nil { values["standing"] = standing }
        values["map_title"] = section?.name ?? mapTitle(isSmall: isSmall)
        values["has_plan"] = isSeated
        values["units"] = isSeated ? "seats" : "places"
        values["leads"] = !isSmall && section == nil
        if !isSmall && section == nil { values["ways"] = ways }
        // What cannot be had any more is not drawn as if it could.
        values["shows_map"] = sale != .cancelled && sale != .over
        values["is_wide"] = isSeated && (isSmall || section != nil)
        values["drawing"] = isSeated ? drawing(section, isSmall: isSmall) : ""
        values["notice"] = notice
        if sale == .notYet {
            let opens = LocalTime.date(event.salesOpenAt, in: event.timeZone)
            values["opens"] = "\(opens.longDate), \(opens.clockTime)"
            values["opens_at"] = event.salesOpenAt.timestamp
        }
        return values
    }

    /// A house where everybody stands has no plan.
    private var isSeated: Bool { !listing.map.seats.isEmpty }

    /// The sections in words, for whom the drawing is nothing.
    private var ways: [[String: String]] {
        listing.map.seatedSections.map { index in
            let section = listing.map.sections[index]
            let tier = listing.tierOfSection[index]
            return [
                "query": FormBody.escape(section.code), "name": section.name,
                "free": String(availability.freeCount(in: section.seats)),
                "price": Money(amount: tier.amount + tier.fee, currency: event.currency)
                    .description,
            ]
        }
    }

    private var standing: [[String: Any]] {
        listing.map.sections.indices.compactMap { index in
            let section = listing.map.sections[index]
            let tier = listing.tierOfSection[index]
            guard let capacity = section.standingCapacity else { return nil }
            return [
                "code": section.code, "name": section.name, "capacity": capacity,
                "free": availability.standing[section.number] ?? 0, "slug": event.slug,
                "price": Money(amount: tier.amount + tier.fee, currency: event.currency)
                    .description,
                "quantities": Array(1...max(1, event.maxPerOrder)),
            ]
        }
    }

    private func mapTitle(isSmall: Bool) -> String {
        guard isSeated else { return "Prices" }
        guard isOpen else { return isSmall ? "The seats" : "The sections" }
        return isSmall ? "Choose your seats" : "Choose a section"
    }

    private func drawing(_ section: SeatMap.Section?, isSmall: Bool) -> String {
        let seats = SeatDrawing(listing: listing, availability: availability)
        if let section,
            let index = listing.map.seatedSections.first(where: {
                listing.map.sections[$0].code == section.code
            })
        {
            return seats.draw([index])
        }
        if isSmall { return seats.draw(listing.map.seatedSections) }
        return SectionDrawing(listing: listing, availability: availability).draw()
    }

    private var state: String {
        switch sale {
        case .open:
            if freeCount == 0 { return "Sold out" }
            return freeCount * 10 < listing.map.capacity ? "Few seats left" : "On sale"
        case .notYet: return "Opens soon"
        case .over: return "Sale ended"
        case .paused: return "Sale paused"
        case .cancelled: return "Cancelled"
        }
    }

    private var badge: String {
        switch sale {
        case .open: freeCount == 0 ? "" : freeCount * 10 < listing.map.capacity ? "warn" : "good"
        case .notYet, .paused: "warn"
        case .over, .cancelled: ""
        }
    }
}
